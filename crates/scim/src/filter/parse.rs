//! Stub.
use super::Filter;
use crate::Error;
use crate::quirks::Leniency;
use crate::schema::{Attribute, ResourceType};

pub(super) fn parse(text: &str, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<Filter, Error> {
    let _ = (text, resource_type, leniency);
    Err(Error::invalid_filter("not written yet"))
}
pub(super) fn parse_1_1(text: &str, resource_type: &ResourceType, leniency: &mut Leniency) -> Result<Filter, Error> {
    parse(text, resource_type, leniency)
}
pub(crate) fn parse_in_path(text: &str, offset: usize, attribute: &Attribute, leniency: &mut Leniency) -> Result<Filter, Error> {
    let _ = (text, offset, attribute, leniency);
    Err(Error::invalid_filter("not written yet"))
}
