//! Bodies: one JSON object of bounded size.

use axum::extract::{FromRequest, Request};
use doorward_scim::{Object, json};
use http_body_util::{BodyExt as _, Limited};

use super::reply::Failure;

/// The largest body, in bytes.
const MOST: usize = 256 << 10;

/// The object that a request carries. The last argument of a handler, so that nobody's body is read before the key is.
pub struct Body(pub Object);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        let read = Limited::new(request.into_body(), MOST).collect().await;
        let unreadable = "The body cannot be read, or has more than 256 KiB.";
        let bytes = read.map_err(|_| Failure::Malformed(unreadable))?.to_bytes();
        let object = json::parse_object(&bytes);
        Ok(Body(object.map_err(|_| Failure::Malformed("The body must be one JSON object, no key of it twice."))?))
    }
}
