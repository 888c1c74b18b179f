//! What the targets share: a user type with an extension of every kind of attribute, and a stored user.

use std::sync::LazyLock;

use doorward_scim::quirks::Leniency;
use doorward_scim::resource::{self, Resource};
use doorward_scim::schema::{Attribute, ResourceType, Schema};
use doorward_scim::{Object, json};

/// Users with the enterprise extension and one more.
pub static USER: LazyLock<ResourceType> = LazyLock::new(|| {
    let acme = Schema {
        id: "urn:example:params:scim:schemas:extension:acme:2.0:User".to_owned(),
        name: "Acme".to_owned(),
        description: String::new(),
        attributes: vec![
            Attribute::integer("badge"),
            Attribute::decimal("score"),
            Attribute::date_time("hireDate").immutable(),
            Attribute::string("tags").multi_valued(),
            Attribute::binary("cert"),
        ],
    };
    ResourceType::user().with_extension(acme, false)
});

/// A user that has a value of every kind.
pub static STORED: LazyLock<Resource> = LazyLock::new(|| {
    let body = include_bytes!("user.json");
    let body = json::parse_object(body).expect("the fixture is JSON");
    resource::read(body, &USER, &mut Leniency::tolerant()).expect("the fixture is a user").resource
});

/// Both profiles.
pub fn profiles() -> [Leniency; 2] {
    [Leniency::tolerant(), Leniency::strict()]
}

/// What holds for every resource that may be stored: it reads back as itself, and sending it again changes nothing.
pub fn check_stored(stored: &Resource) {
    let text = stored.to_stored();
    assert_eq!(&Resource::from_stored(&text).expect("what was stored reads back"), stored);
    assert!(!text.contains("\"password\""), "a password was kept: {text}");
    let body: Object = json::parse_object(text.as_bytes()).expect("what was stored is JSON");
    let again = resource::read(body, &USER, &mut Leniency::tolerant()).expect("what was stored is a user").resource;
    assert_eq!(again.to_stored(), resource::read(
        json::parse_object(again.to_stored().as_bytes()).expect("JSON"), &USER, &mut Leniency::tolerant(),
    ).expect("a user").resource.to_stored());
}
