//! What happens around every request, whichever surface answers it.

pub mod first_bytes;
pub mod observe;
pub mod panic;
pub mod paths;
pub mod peer;
pub mod request_id;
pub mod slow_body;
pub mod slow_reader;
pub mod unread_body;
