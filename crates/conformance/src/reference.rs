//! The section of a standard that a requirement's id stands for.

/// `P-7644-3.4.2-01` is section 3.4.2 of RFC 7644. The letter before it groups requirements and names no document.
pub(crate) fn section(requirement: &str) -> String {
    let mut parts = requirement.split('-').skip(1);
    let (document, section) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match document {
        "CORE" => format!("SCIM 1.1 core schema, section {section}"),
        "API" => format!("SCIM 1.1 protocol, section {section}"),
        number => format!("RFC {number}, section {section}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_its_section() {
        assert_eq!(section("P-7644-3.4.2-01"), "RFC 7644, section 3.4.2");
        assert_eq!(section("A-6750-3-01"), "RFC 6750, section 3");
        assert_eq!(section("V1-CORE-5.1-01"), "SCIM 1.1 core schema, section 5.1");
        assert_eq!(section("V1-API-3.3.2-02"), "SCIM 1.1 protocol, section 3.3.2");
    }
}
