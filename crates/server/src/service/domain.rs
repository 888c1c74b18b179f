//! Domains that organizations claim: one spelling for each, and those that nobody can claim (SEC-4).

use super::error::{Error, Result};

/// Domains at which anybody gets an address: whoever claimed one would claim strangers.
const PUBLIC_MAIL: &[&str] = &[
    "126.com",
    "163.com",
    "aim.com",
    "aol.com",
    "att.net",
    "bellsouth.net",
    "bluewin.ch",
    "btinternet.com",
    "charter.net",
    "comcast.net",
    "cox.net",
    "duck.com",
    "earthlink.net",
    "fastmail.com",
    "fastmail.fm",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.de",
    "gmx.net",
    "googlemail.com",
    "hanmail.net",
    "hey.com",
    "hotmail.co.uk",
    "hotmail.com",
    "hotmail.de",
    "hotmail.es",
    "hotmail.fr",
    "hotmail.it",
    "icloud.com",
    "inbox.com",
    "inbox.ru",
    "laposte.net",
    "libero.it",
    "list.ru",
    "live.co.uk",
    "live.com",
    "live.de",
    "live.fr",
    "live.nl",
    "mac.com",
    "mail.com",
    "mail.ru",
    "mailbox.org",
    "mailinator.com",
    "me.com",
    "msn.com",
    "naver.com",
    "orange.fr",
    "outlook.com",
    "outlook.de",
    "outlook.fr",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "rediffmail.com",
    "rocketmail.com",
    "sbcglobal.net",
    "seznam.cz",
    "sina.com",
    "sky.com",
    "t-online.de",
    "tuta.com",
    "tutanota.com",
    "verizon.net",
    "virgilio.it",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "yahoo.ca",
    "yahoo.co.in",
    "yahoo.co.jp",
    "yahoo.co.uk",
    "yahoo.com",
    "yahoo.com.br",
    "yahoo.de",
    "yahoo.es",
    "yahoo.fr",
    "yahoo.it",
    "yandex.com",
    "yandex.ru",
    "ymail.com",
    "ziggo.nl",
    "zoho.com",
];

/// The one spelling of a domain: lower case, no trailing dot, international letters in their `xn--` form.
///
/// # Errors
/// [`Error::Invalid`] for what is no domain of at least two labels, and for public mail domains.
pub fn check(text: &str) -> Result<String> {
    let refused = |message: String| Error::Invalid { field: "domains".to_owned(), message };
    let shown: String = text.chars().filter(|character| !character.is_control()).take(100).collect();
    let plain =
        spelled(text).ok_or_else(|| refused(format!("has `{shown}`, which is not a domain such as acme.com")))?;
    if PUBLIC_MAIL.contains(&plain.as_str()) {
        return Err(refused(format!("has {plain}, where anybody can have an address; no organization can claim it")));
    }
    Ok(plain)
}

/// The one spelling of a domain, `None` for what is none. For looking one up.
pub fn spelled(text: &str) -> Option<String> {
    let text = text.trim().strip_suffix('.').unwrap_or(text.trim());
    let plain = idna::domain_to_ascii_cow(text.as_bytes(), idna::AsciiDenyList::STD3).ok()?;
    let labels_fit = plain
        .split('.')
        .all(|label| (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-'));
    let top = plain.rsplit('.').next().unwrap_or_default();
    let is_domain =
        plain.contains('.') && plain.len() <= 253 && labels_fit && !top.bytes().all(|byte| byte.is_ascii_digit());
    is_domain.then(|| plain.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sec_04_every_spelling_of_a_domain_is_one() {
        for spelling in
            ["bücher.example", "BÜCHER.example.", " xn--bcher-kva.example ", "XN--BCHER-KVA.EXAMPLE", "bücher。example"]
        {
            assert_eq!(check(spelling).unwrap(), "xn--bcher-kva.example", "{spelling}");
        }
        assert_eq!(check("Acme.COM.").unwrap(), "acme.com");
    }

    #[test]
    fn sec_04_what_is_no_domain_or_everybodys_is_refused() {
        for bad in [
            "",
            "com",
            "acme",
            ".com",
            "acme..com",
            "acme.com..",
            "-a.com",
            "a_b.com",
            "a b.com",
            "10.0.0.1",
            "https://acme.com",
            "a@acme.com",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
        for public in ["gmail.com", "GMAIL.com.", "Outlook.com", "ｇmail.com"] {
            assert!(check(public).unwrap_err().to_string().contains("anybody"), "{public}");
        }
        assert!(PUBLIC_MAIL.is_sorted(), "so that a double is seen");
    }
}
