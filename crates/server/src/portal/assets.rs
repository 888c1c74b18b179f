//! Style sheet, script and icons, in the binary. Their addresses hold a hash of their bytes, so that browsers keep them for ever and get new
//! ones with a new version.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use sha2::{Digest as _, Sha256};

struct Asset {
    name: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
}

const ASSETS: [Asset; 3] = [
    Asset {
        name: "portal.css",
        media_type: "text/css; charset=utf-8",
        bytes: include_bytes!("../../static/portal.css"),
    },
    Asset {
        name: "portal.js",
        media_type: "text/javascript; charset=utf-8",
        bytes: include_bytes!("../../static/portal.js"),
    },
    Asset { name: "mark.svg", media_type: "image/svg+xml", bytes: include_bytes!("../../static/mark.svg") },
];

/// The addresses, in the order of [`ASSETS`].
static ADDRESSES: LazyLock<Vec<String>> = LazyLock::new(|| ASSETS.iter().map(address_of).collect());

fn address_of(asset: &Asset) -> String {
    let digest: [u8; 32] = Sha256::digest(asset.bytes).into();
    let hash: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    let (stem, ending) = asset.name.split_once('.').unwrap_or((asset.name, ""));
    format!("/assets/{stem}.{hash}.{ending}")
}

/// The address of an asset; empty for a name that is none.
pub fn address(name: &str) -> &'static str {
    let place = ASSETS.iter().position(|asset| asset.name == name);
    place.and_then(|place| ADDRESSES.get(place)).map_or("", String::as_str)
}

/// `GET /assets/{file}`
pub async fn get(Path(file): Path<String>) -> Response {
    let wanted = format!("/assets/{file}");
    let Some(place) = ADDRESSES.iter().position(|address| *address == wanted) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let Some(asset) = ASSETS.get(place) else { return StatusCode::NOT_FOUND.into_response() };
    let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
    ([(header::CONTENT_TYPE, HeaderValue::from_static(asset.media_type)), (header::CACHE_CONTROL, kept)], asset.bytes)
        .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_made_of_the_bytes() {
        let address = address("portal.css");
        assert!(address.starts_with("/assets/portal.") && address.ends_with(".css"), "{address}");
        let other = Asset { bytes: b"body {}", ..ASSETS[0] };
        assert_ne!(address_of(&other), address);
        assert_eq!(super::address("none.css"), "");
    }
}
