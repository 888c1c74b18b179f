//! A second implementation of PATCH, which is slow, works on plain JSON, and says what the matrix of chapter 6.1 and the project
//! rules say.

use serde_json::{Map, Value, json};

use super::model::{Condition, Op, Operation, Target};

type Done = Result<(), &'static str>;
const BAD_VALUE: Done = Err("invalidValue");

/// The rules in one profile.
#[derive(Clone, Copy)]
pub struct Rules {
    pub strict: bool,
}

fn same(a: &Value, b: &Value) -> bool {
    match (a.as_str(), b.as_str()) {
        (Some(a), Some(b)) => a.to_lowercase() == b.to_lowercase(),
        _ => a == b,
    }
}

/// The value of a part as it counts: an absent `primary` is false, and empty text is no value.
fn part(element: &Value, name: &str) -> Option<Value> {
    match element.get(name) {
        Some(value) => Some(value.clone()),
        None if name == "primary" => Some(json!(false)),
        None => None,
    }
}

fn satisfies(element: &Value, condition: &Condition) -> bool {
    let equals = |(name, value): &(&str, Value)| part(element, name).is_some_and(|own| same(&own, value));
    match condition {
        Condition::All(terms) => terms.iter().all(equals),
        Condition::Any(terms) => terms.iter().any(equals),
        Condition::Ne(name, value) => part(element, name).is_none_or(|own| !same(&own, value)),
        Condition::Starts(name, start) => {
            let text = element.get(*name).and_then(Value::as_str);
            text.is_some_and(|text| text.to_lowercase().starts_with(&start.to_lowercase()))
        }
        Condition::Present(name) => element.get(*name).is_some_and(|value| *value != json!("")),
        Condition::Not(inner) => !satisfies(element, inner),
    }
}

/// Whether `own` has everything that `sent` says.
fn covers(own: &Value, sent: &Value) -> bool {
    match sent.as_object() {
        None => same(own, sent),
        Some(sent) => sent.iter().all(|(name, value)| part(own, name).is_some_and(|own| same(&own, value))),
    }
}

fn is_primary(element: &Value) -> bool {
    element["primary"] == json!(true)
}

/// The same value with the same type is one element (RFC 7643 section 2.4).
fn is_twin(a: &Value, b: &Value) -> bool {
    let alike = |name| match (a.get(name), b.get(name)) {
        (Some(a), Some(b)) => same(a, b),
        (None, None) => name == "type",
        _ => false,
    };
    alike("value") && alike("type")
}

impl Rules {
    fn clears(self, value: &Value) -> bool {
        value.is_null() || (!self.strict && *value == json!(""))
    }

    /// What an attribute holds after it was given a value; None is nothing.
    fn read(self, name: &str, value: &Value) -> Result<Option<Value>, &'static str> {
        if self.clears(value) {
            return Ok(None);
        }
        let fits = match name {
            "active" | "primary" => {
                if let (Some(text), false) = (value.as_str(), self.strict) {
                    return if text == "True" { Ok(Some(json!(true))) } else { Err("invalidValue") };
                }
                value.is_boolean()
            }
            "badge" => value.is_i64(),
            // D17's neighbour: some clients send ids as numbers.
            "externalId" if value.is_number() && !self.strict => return Ok(Some(json!(value.to_string()))),
            "userName" => value.as_str().is_some_and(|text| !text.is_empty()),
            _ => value.is_string(),
        };
        if fits { Ok(Some(value.clone())) } else { Err("invalidValue") }
    }

    /// The parts of a complex value: those to set, and those to take away as None.
    fn read_parts(self, name: &str, value: &Value) -> Result<Vec<(String, Option<Value>)>, &'static str> {
        match value {
            Value::Object(parts) => {
                parts.iter().map(|(name, value)| Ok((name.clone(), self.read(name, value)?))).collect()
            }
            Value::String(_) if name == "manager" && !self.strict => {
                Ok(vec![("value".to_owned(), Some(value.clone()))])
            }
            _ => Err("invalidValue"),
        }
    }

    fn read_list(self, value: &Value) -> Result<Vec<Value>, &'static str> {
        if self.clears(value) {
            return Ok(Vec::new());
        }
        let list = value.as_array().ok_or("invalidValue")?;
        if list.iter().filter(|element| is_primary(element)).count() > 1 {
            return Err("invalidValue");
        }
        let mut read: Vec<Value> = Vec::new();
        for element in list {
            let twin = |own: &&mut Value| if element.is_object() { is_twin(own, element) } else { same(own, element) };
            match (read.iter_mut().find(twin), element.as_object()) {
                (None, _) => read.push(element.clone()),
                (Some(_), None) => {}
                (Some(own), Some(parts)) => {
                    for (name, value) in parts {
                        if own.get(name).is_none() || *value == json!(true) {
                            own[name] = value.clone();
                        }
                    }
                }
            }
        }
        Ok(read)
    }

    /// The user after these operations, all of them or none; the keyword of a refusal.
    pub fn run(self, user: &Value, operations: &[Operation]) -> Result<Value, &'static str> {
        let mut user = user.clone();
        for operation in operations {
            self.one(&mut user, operation)?;
        }
        // An extension that holds nothing is not there.
        user.as_object_mut().unwrap().retain(|name, value| !name.contains(':') || *value != json!({}));
        Ok(user)
    }

    fn one(self, user: &mut Value, operation: &Operation) -> Done {
        let value = operation.value.clone().unwrap_or_default();
        let removes = operation.op == Op::Remove;
        match &operation.target {
            Target::Resource => self.members(user, None, operation.op, &value),
            Target::Extension(urn) if removes || value.is_null() => {
                user.as_object_mut().unwrap().shift_remove(*urn);
                Ok(())
            }
            Target::Extension(urn) => self.members(user, Some(urn), operation.op, &value),
            Target::Simple(urn, name) | Target::Complex(urn, name) => {
                self.attribute(container(user, *urn), name, operation.op, &value)
            }
            Target::List(urn, name) => self.list(container(user, *urn), name, operation.op, operation.value.as_ref()),
            Target::Part(urn, name, sub) => {
                let container = container(user, *urn);
                let new = if removes { None } else { self.read(sub, &value)? };
                let mut parts = container.get(*name).and_then(Value::as_object).cloned().unwrap_or_default();
                put(&mut parts, sub, new);
                put(container, name, (!parts.is_empty()).then_some(Value::Object(parts)));
                Ok(())
            }
            Target::Every(name, sub) => self.parts(container(user, None), name, None, sub, operation.op, &value),
            Target::SomePart(name, condition, sub) => {
                self.parts(container(user, None), name, Some(condition), sub, operation.op, &value)
            }
            Target::Some(name, condition) => {
                self.elements(container(user, None), name, condition, operation.op, &value)
            }
        }
    }

    /// An object of attributes: each as if its path were named.
    fn members(self, user: &mut Value, urn: Option<&str>, op: Op, value: &Value) -> Done {
        for (name, value) in value.as_object().unwrap() {
            let container = container(user, urn);
            match name.as_str() {
                "emails" => self.list(container, name, op, Some(value))?,
                _ => self.attribute(container, name, op, value)?,
            }
        }
        Ok(())
    }

    fn attribute(self, container: &mut Map<String, Value>, name: &str, op: Op, value: &Value) -> Done {
        let complex = ["name", "manager"].contains(&name);
        if complex && op != Op::Remove && !self.clears(value) {
            let mut parts = container.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
            for (sub, value) in self.read_parts(name, value)? {
                put(&mut parts, &sub, value);
            }
            put(container, name, (!parts.is_empty()).then_some(Value::Object(parts)));
            return Ok(());
        }
        let new = if op == Op::Remove || complex { None } else { self.read(name, value)? };
        if new.is_none() {
            // D15, D22.
            let inactive = container.get("active") == Some(&json!(false));
            match name {
                "userName" => return Err("mutability"),
                "active" if inactive || op != Op::Remove => return BAD_VALUE,
                _ => {}
            }
        }
        put(container, name, new);
        Ok(())
    }

    fn list(self, container: &mut Map<String, Value>, name: &str, op: Op, value: Option<&Value>) -> Done {
        let mut list = elements_of(container, name);
        let mut written = Vec::new();
        match (op, value) {
            (Op::Remove, None) => list.clear(),
            // D12.
            (Op::Remove, Some(listed)) => {
                list.retain(|own| !listed.as_array().unwrap().iter().any(|sent| covers(own, sent)));
            }
            (Op::Replace, value) => list = self.read_list(value.unwrap())?,
            (Op::Add, value) => {
                for sent in self.read_list(value.unwrap())? {
                    if list.iter().any(|own| covers(own, &sent)) {
                        continue;
                    }
                    let at = list.iter().position(|own| is_twin(own, &sent)).unwrap_or(list.len());
                    if at == list.len() {
                        list.push(sent);
                    } else {
                        list[at].as_object_mut().unwrap().extend(sent.as_object().unwrap().clone());
                    }
                    written.push(at);
                }
            }
        }
        store(container, name, list, &written)
    }

    fn elements(
        self,
        container: &mut Map<String, Value>,
        name: &str,
        condition: &Condition,
        op: Op,
        value: &Value,
    ) -> Done {
        let mut list = elements_of(container, name);
        let matches: Vec<usize> = (0..list.len()).filter(|&at| satisfies(&list[at], condition)).collect();
        match op {
            Op::Add if value.is_null() => return Ok(()),
            Op::Remove | Op::Replace if op == Op::Remove || value.is_null() => {
                list.retain(|element| !satisfies(element, condition));
                return store(container, name, list, &[]);
            }
            _ => {}
        }
        let parts = self.read_parts(name, value)?;
        if matches.is_empty() {
            return Err("noTarget");
        }
        for &at in &matches {
            let mut element = if op == Op::Replace { Map::new() } else { list[at].as_object().unwrap().clone() };
            for (sub, value) in &parts {
                put(&mut element, sub, value.clone());
            }
            list[at] = Value::Object(element);
        }
        store(container, name, list, &matches)
    }

    fn parts(
        self,
        container: &mut Map<String, Value>,
        name: &str,
        condition: Option<&Condition>,
        sub: &str,
        op: Op,
        value: &Value,
    ) -> Done {
        let mut list = elements_of(container, name);
        let mut matches: Vec<usize> =
            (0..list.len()).filter(|&at| condition.is_none_or(|condition| satisfies(&list[at], condition))).collect();
        let new = if op == Op::Remove { None } else { self.read(sub, value)? };
        if matches.is_empty() && new.is_some() {
            matches.push(list.len());
            list.push(match condition {
                None => json!({}),
                Some(condition) => self.made_of(condition).ok_or("noTarget")?,
            });
        }
        for &at in &matches {
            put(list[at].as_object_mut().unwrap(), sub, new.clone());
        }
        store(container, name, list, &matches)
    }

    /// D8 and D9: the element that terms with `eq` joined by `and` describe.
    fn made_of(self, condition: &Condition) -> Option<Value> {
        let Condition::All(terms) = condition else { return None };
        let mut element = json!({});
        for (name, value) in terms {
            if element.get(*name).is_some_and(|other| !same(other, value)) {
                return None;
            }
            element[*name] = value.clone();
        }
        (!self.strict).then_some(element)
    }
}

fn container<'a>(user: &'a mut Value, urn: Option<&str>) -> &'a mut Map<String, Value> {
    let user = user.as_object_mut().unwrap();
    match urn {
        None => user,
        Some(urn) => user.entry(urn).or_insert_with(|| json!({})).as_object_mut().unwrap(),
    }
}

fn put(object: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => drop(object.insert(name.to_owned(), value)),
        None => drop(object.shift_remove(name)),
    }
}

fn elements_of(container: &Map<String, Value>, name: &str) -> Vec<Value> {
    container.get(name).and_then(Value::as_array).cloned().unwrap_or_default()
}

/// Puts a list back: what was just made primary takes that from the others, and what is empty goes.
fn store(container: &mut Map<String, Value>, name: &str, mut list: Vec<Value>, written: &[usize]) -> Done {
    let mut primary: Vec<usize> = written.iter().copied().filter(|&at| is_primary(&list[at])).collect();
    primary.dedup();
    match primary.as_slice() {
        [] => {}
        [one] => {
            for (at, element) in list.iter_mut().enumerate() {
                if at != *one && is_primary(element) {
                    element["primary"] = json!(false);
                }
            }
        }
        _ => return BAD_VALUE,
    }
    list.retain(|element| *element != json!({}));
    put(container, name, (!list.is_empty()).then_some(Value::Array(list)));
    Ok(())
}
