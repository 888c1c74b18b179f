//! The fields of a body, taken out one by one; what is left at the end nobody knows, and is refused (app-api: Conventions).

use doorward_scim::Object;
use serde_json::Value;

use super::reply::Failure;
use crate::service::Error;

/// The fields that were not taken yet.
pub struct Form(Object);

impl Form {
    /// The fields of a body, or of an object inside one.
    pub fn new(object: Object) -> Self {
        Form(object)
    }

    /// A text; `None` when it is absent or null.
    ///
    /// # Errors
    /// 422 when it is something else.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Failure> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(wrong(name, "must be a text")),
        }
    }

    /// A text that must be there.
    ///
    /// # Errors
    /// 422 when it is not.
    pub fn required(&mut self, name: &str) -> Result<String, Failure> {
        self.text(name)?.ok_or_else(|| wrong(name, "is required"))
    }

    /// A text that may be taken away: the outer `None` when the field is absent, the inner one when it is null.
    ///
    /// # Errors
    /// 422 when it is something else.
    pub fn nullable(&mut self, name: &str) -> Result<Option<Option<String>>, Failure> {
        let given = self.0.contains_key(name);
        let text = self.text(name)?;
        Ok(given.then_some(text))
    }

    /// An id; `None` when it is absent or null.
    ///
    /// # Errors
    /// 422 when it is not one of the wanted kind.
    pub fn id<I: std::str::FromStr>(&mut self, name: &str) -> Result<Option<I>, Failure> {
        let text = self.text(name)?;
        text.map(|text| text.parse().map_err(|_| wrong(name, "is not an id of the right kind"))).transpose()
    }

    /// A whole number of at least this; `None` when it is absent or null.
    ///
    /// # Errors
    /// 422 when it is something else.
    pub fn number(&mut self, name: &str, least: i64) -> Result<Option<i64>, Failure> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                let number = value.as_i64().filter(|number| (least..=i64::from(i32::MAX)).contains(number));
                number.map(Some).ok_or_else(|| wrong(name, &format!("must be a whole number from {least} on")))
            }
        }
    }

    /// True or false; `None` when it is absent or null.
    ///
    /// # Errors
    /// 422 when it is something else.
    pub fn boolean(&mut self, name: &str) -> Result<Option<bool>, Failure> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(value)),
            Some(_) => Err(wrong(name, "must be true or false")),
        }
    }

    /// An object; `None` when it is absent or null.
    ///
    /// # Errors
    /// 422 when it is something else.
    pub fn object(&mut self, name: &str) -> Result<Option<Object>, Failure> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Object(object)) => Ok(Some(object)),
            Some(_) => Err(wrong(name, "must be an object")),
        }
    }

    /// A list; empty when it is absent or null.
    ///
    /// # Errors
    /// 422 when it is something else.
    pub fn list(&mut self, name: &str) -> Result<Vec<Value>, Failure> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(Vec::new()),
            Some(Value::Array(items)) => Ok(items),
            Some(_) => Err(wrong(name, "must be a list")),
        }
    }

    /// Everything was taken.
    ///
    /// # Errors
    /// 422 naming a field that was not.
    pub fn end(self) -> Result<(), Failure> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(name) => Err(wrong(name, "is not a field of this request")),
        }
    }
}

/// 422 for a field.
pub fn wrong(field: &str, message: &str) -> Failure {
    Failure::Service(Error::Invalid { field: field.to_owned(), message: message.to_owned() })
}
