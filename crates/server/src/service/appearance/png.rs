//! Whether some bytes are one PNG and nothing else. They are served from our own origin, so that nothing a browser could take for a
//! page or a script may pass (SEC-47). SVG may hold scripts and is not taken.

/// The largest logo, in bytes.
pub const LARGEST: usize = 100 * 1024;

/// The longest side, in pixels.
const LONGEST: u32 = 1024;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Looks at every chunk: signature, a header with a size that fits, image data, an end, and nothing behind it.
///
/// # Errors
/// Why it cannot be used.
pub fn check(bytes: &[u8]) -> Result<(), &'static str> {
    if bytes.len() > LARGEST {
        return Err("is larger than 100 KB");
    }
    let mut rest = bytes.strip_prefix(SIGNATURE).ok_or("is not a PNG")?;
    let (mut first, mut has_data) = (true, false);
    loop {
        let (kind, data, next) = chunk(rest).ok_or("is a damaged PNG")?;
        if first != (kind == b"IHDR") {
            return Err("is a damaged PNG");
        }
        if first {
            size(data)?;
        }
        first = false;
        has_data |= kind == b"IDAT";
        if kind == b"IEND" {
            let whole = has_data && data.is_empty() && next.is_empty();
            return if whole { Ok(()) } else { Err("is a damaged PNG") };
        }
        rest = next;
    }
}

/// Kind, data, and what follows.
fn chunk(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (named, rest) = rest.split_at_checked(length.checked_add(4)?)?;
    let (sum, next) = rest.split_first_chunk::<4>()?;
    let (kind, data) = named.split_at_checked(4)?;
    (crc(named) == u32::from_be_bytes(*sum)).then_some((kind, data, next))
}

fn size(header: &[u8]) -> Result<(), &'static str> {
    let side = |at: usize| {
        let bytes: [u8; 4] = header.get(at..at + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(bytes))
    };
    match (header.len(), side(0), side(4)) {
        (13, Some(width), Some(height)) if (1..=LONGEST).contains(&width) && (1..=LONGEST).contains(&height) => Ok(()),
        (13, ..) => Err("is more than 1,024 pixels wide or high"),
        _ => Err("is a damaged PNG"),
    }
}

/// The checksum of a chunk (PNG, annex D).
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let named = [&kind[..], data].concat();
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &named, &crc(&named).to_be_bytes()].concat()
    }

    fn image(width: u32, height: u32) -> Vec<u8> {
        let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
        [SIGNATURE, &part(b"IHDR", &header), &part(b"IDAT", &[1, 2, 3]), &part(b"IEND", &[])].concat()
    }

    #[test]
    fn sec_47_only_a_whole_small_png_is_a_logo() {
        assert_eq!(crc(b"IEND"), 0xae42_6082);
        let good = image(64, 64);
        assert_eq!(check(&good), Ok(()));
        let mut damaged = good.clone();
        damaged[20] ^= 1;
        let behind = [&good[..], b"<script>alert(1)</script>"].concat();
        let empty = [SIGNATURE, &part(b"IEND", &[])].concat();
        let large = [&good[..], &vec![0; LARGEST]].concat();
        for (what, bytes) in [
            ("damaged", damaged),
            ("something behind", behind),
            ("no header", empty),
            ("too large", large),
            ("too wide", image(5000, 1)),
            ("no width", image(0, 1)),
            ("cut", good[..good.len() - 3].to_vec()),
            ("svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec()),
            ("jpeg", b"\xff\xd8\xff\xe0".to_vec()),
            ("nothing", Vec::new()),
        ] {
            assert!(check(&bytes).is_err(), "{what}");
        }
    }
}
