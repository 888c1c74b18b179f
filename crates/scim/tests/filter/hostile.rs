//! SEC-25: no input, however it nests, needs much stack, and none takes long. A stack overflow would end the whole test
//! run, so that the small stack is the proof.

use std::time::{Duration, Instant};

use doorward_scim::filter::{Filter, MAX_BYTES, MAX_DEPTH, MAX_TERMS};
use doorward_scim::patch::PatchPath;
use doorward_scim::quirks::Leniency;

use crate::fixtures::{user_type, users};

const STACK: usize = 256 * 1024;
const SIZES: [usize; 5] = [100, 1_000, 10_000, 100_000, 1_000_000];

/// Runs on a thread with a small stack.
fn with_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(test).unwrap();
    assert!(thread.join().is_ok(), "see the panic above");
}

/// Parses, and does with the result whatever may recurse. Says whether it was accepted.
fn exercise(text: &str) -> bool {
    let user_type = user_type();
    let started = Instant::now();
    let outcome = Filter::parse(text, &user_type, &mut Leniency::tolerant());
    // The bar of SEC-25 is 5 ms of an optimised build; this only has to catch what is not linear.
    let elapsed = started.elapsed();
    assert!(elapsed < Duration::from_secs(2), "{elapsed:?} for {text:.40}");
    let path = format!("emails[{text}].value");
    let in_path = PatchPath::parse(&path, &user_type, &mut Leniency::tolerant());
    if let Ok(path) = in_path {
        assert_eq!(PatchPath::parse(&path.to_string(), &user_type, &mut Leniency::tolerant()), Ok(path.clone()));
    }
    let Ok(filter) = outcome else {
        return false;
    };
    let copy = filter.clone();
    assert_eq!(Filter::parse(&copy.to_string(), &user_type, &mut Leniency::tolerant()), Ok(filter));
    assert!(!format!("{copy:?}").is_empty());
    for (_, user) in users() {
        copy.matches(&user, &user_type);
    }
    true
}

#[test]
fn sec_25_nesting_of_any_size() {
    with_small_stack(|| {
        for size in SIZES {
            let shapes = [
                format!("{}title pr{}", "(".repeat(size), ")".repeat(size)),
                format!("{}title pr{}", "not (".repeat(size), ")".repeat(size)),
                format!("{}value pr{}", "emails[".repeat(size), "]".repeat(size)),
                format!("{}title pr{}", "(title pr or (id pr and ".repeat(size), "))".repeat(size)),
                "(".repeat(size),
                ")".repeat(size),
                "not(".repeat(size),
                "[".repeat(size),
                "]".repeat(size),
                ".".repeat(size),
                "a.".repeat(size),
                ":".repeat(size),
                "urn:".repeat(size),
                "and ".repeat(size),
                "\"".repeat(size),
                "\\".repeat(size),
                " ".repeat(size),
            ];
            for shape in shapes {
                assert!(!exercise(&shape), "{size} {shape:.40}");
                assert!(!exercise(&format!("{shape}?")), "{size} {shape:.40}");
                assert!(!exercise(&format!("{shape} )")), "{size} {shape:.40}");
            }
        }
    });
}

#[test]
fn sec_25_everything_up_to_the_limits() {
    with_small_stack(|| {
        for depth in 1..=MAX_DEPTH + 1 {
            let accepted = depth <= MAX_DEPTH;
            let close = ")".repeat(depth);
            let shapes = [
                format!("{}title pr{close}", "(".repeat(depth)),
                format!("{}title pr{close}", "not (".repeat(depth)),
                // Every level adds a list, the other list and a negation.
                format!("{}title pr{close}", "id pr or title pr and not (".repeat(depth)),
                format!("{}emails[{}value pr{}]{}", "(".repeat(depth - 1), "", "", ")".repeat(depth - 1)),
                format!("emails[{}value pr{}]", "not (".repeat(depth - 1), ")".repeat(depth - 1)),
            ];
            for shape in shapes {
                assert_eq!(exercise(&shape), accepted, "{depth} {shape:.60}");
                assert!(!exercise(&format!("{shape} and")), "{depth} {shape:.60}");
                assert!(!exercise(&shape.replace("pr", "xx")), "{depth} {shape:.60}");
            }
        }
        for terms in [1, 2, MAX_TERMS - 1, MAX_TERMS, MAX_TERMS + 1, 1_000] {
            for connective in [" and ", " or ", " AND "] {
                let shape = vec!["title pr"; terms].join(connective);
                assert_eq!(exercise(&shape), terms <= MAX_TERMS, "{terms}");
                let shape = vec![r#"title eq "and or ((((""#; terms].join(connective);
                assert_eq!(exercise(&shape), terms <= MAX_TERMS, "{terms}");
                let shape = vec![r#"emails[type pr].value pr"#; terms].join(connective);
                assert_eq!(exercise(&shape), 2 * terms <= MAX_TERMS, "{terms}");
            }
        }
    });
}

/// Parentheses between quotes do not count, and the length counts in bytes.
#[test]
fn sec_25_quotes_and_length() {
    with_small_stack(|| {
        assert!(exercise(&format!(r#"title eq "{}""#, "(".repeat(10_000))));
        assert!(exercise(&format!(r#"title eq "{}""#, r#"\")["#.repeat(1_000))));
        let longest = MAX_BYTES - r#"title eq """#.len();
        assert!(exercise(&format!(r#"title eq "{}""#, "x".repeat(longest))));
        assert!(!exercise(&format!(r#"title eq "{}""#, "x".repeat(longest + 1))));
        assert!(!exercise(&format!(r#"title eq "{}""#, "é".repeat(longest / 2 + 1))));
    });
}

/// SEC-26: time grows with the length of the text, not with its square.
#[test]
fn sec_26_time_grows_with_length() {
    let user_type = user_type();
    let time = |text: &str| {
        let once = || {
            let started = Instant::now();
            for _ in 0..20 {
                let _ = Filter::parse(text, &user_type, &mut Leniency::tolerant());
            }
            started.elapsed()
        };
        (0..5).map(|_| once()).min().unwrap_or_default().max(Duration::from_micros(50))
    };
    let shapes: [fn(usize) -> String; 4] = [
        |size| format!(r#"title eq "{}""#, "x".repeat(size)),
        |size| format!(r#"title eq "{}""#, r"\u00e9".repeat(size / 6)),
        |size| "a".repeat(size),
        |size| format!("urn:{}", "a:".repeat(size / 2)),
    ];
    for shape in shapes {
        // A quadratic parser takes 256 times as long, every time; a busy machine slows one measurement down.
        let ratio = || time(&shape(16_000)).as_secs_f64() / time(&shape(1_000)).as_secs_f64();
        let ratios: Vec<f64> = (0..5).map(|_| ratio()).collect();
        assert!(ratios.iter().any(|ratio| *ratio < 64.0), "{ratios:.1?} for sixteen times {:.20}", shape(100));
    }
}
