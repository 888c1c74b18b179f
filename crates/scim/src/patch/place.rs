//! What a path points at.

use super::PatchPath;
use crate::Error;
use crate::filter::Filter;
use crate::schema::{Attribute, Extension, ResourceType};

/// A place in a resource, by the schema alone; what the resource holds there is another question (SEC-34).
#[derive(Clone, Copy)]
pub(super) enum Place<'a> {
    /// `schemas`, which follows from the rest.
    Schemas,
    /// The object of a declared extension.
    Extension(&'a Extension),
    /// An attribute some schema describes.
    Attribute(Spot<'a>),
    /// Something no schema describes, kept as it was sent.
    Opaque {
        /// The key of the object it lives in; `None` for the resource itself.
        container: Option<&'a str>,
        /// Its name; `None` for the whole object.
        name: Option<&'a str>,
        /// The part of it.
        sub: Option<&'a str>,
    },
}

/// An attribute, or part of it.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    /// The URN of the extension it lives in.
    pub(super) extension: Option<&'a str>,
    /// The attribute.
    pub(super) attribute: &'a Attribute,
    /// The sub-attribute.
    pub(super) sub: Option<&'a Attribute>,
    /// Which of its values.
    pub(super) filter: Option<&'a Filter>,
}

/// Finds the place a path names.
pub(super) fn locate<'a>(path: &'a PatchPath, resource_type: &'a ResourceType) -> Result<Place<'a>, Error> {
    let Some(target) = resource_type.resolve(&path.attr) else {
        return opaque(path, path.attr.urn.as_deref());
    };
    let Some(attribute) = target.attribute else {
        let urn = target.extension.ok_or_else(|| unknown(path))?;
        return match resource_type.extension(urn) {
            Some(extension) => Ok(Place::Extension(extension)),
            None => opaque(path, Some(urn)),
        };
    };
    if target.extension.is_none() && attribute.name == "schemas" {
        return Ok(Place::Schemas);
    }
    let sub = match (target.sub, path.sub.as_deref()) {
        (None, Some(name)) => Some(attribute.sub(name).ok_or_else(|| unknown(path))?),
        (sub, _) => sub,
    };
    if path.filter.is_some() && !attribute.multi_valued {
        // D14: an attribute with one value needs no filter to find it.
        return Err(Error::invalid_path(format!("`{}` has one value; a filter does not belong there", attribute.name)));
    }
    Ok(Place::Attribute(Spot { extension: target.extension, attribute, sub, filter: path.filter.as_ref() }))
}

fn opaque<'a>(path: &'a PatchPath, container: Option<&'a str>) -> Result<Place<'a>, Error> {
    if path.filter.is_some() || (container.is_none() && path.attr.is_root()) {
        return Err(unknown(path));
    }
    let name = (!path.attr.is_root()).then_some(path.attr.attribute.as_str());
    Ok(Place::Opaque { container, name, sub: path.attr.sub.as_deref() })
}

fn unknown(path: &PatchPath) -> Error {
    Error::invalid_path(format!("`{}` is not an attribute", path.attr))
}
