//! Colours, and whether text on them can be read (WCAG 2.2, 1.4.3).

use std::fmt;
use std::str::FromStr;

/// The contrast that text needs.
const ENOUGH: f64 = 4.5;

/// The darkest ground of the light look, on which links stand.
const LIGHT_GROUND: Color = Color(0xea, 0xf0, 0xff);

/// The lightest ground of the dark look.
const DARK_GROUND: Color = Color(0x1e, 0x29, 0x42);

const WHITE: Color = Color(0xff, 0xff, 0xff);

/// Red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color(u8, u8, u8);

impl FromStr for Color {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = "is not # and six hexadecimal digits";
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6).ok_or(wrong)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(wrong);
        }
        let number = u32::from_str_radix(digits, 16).map_err(|_| wrong)?;
        let [_, red, green, blue] = number.to_be_bytes();
        Ok(Color(red, green, blue))
    }
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl Color {
    /// Relative luminance.
    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// The contrast between two colours, from 1 to 21.
    pub fn contrast(self, other: Color) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Whether links of this colour, and white text on it, can be read in the light look.
    pub fn is_readable(self) -> bool {
        self.contrast(LIGHT_GROUND) >= ENOUGH && self.contrast(WHITE) >= ENOUGH
    }

    /// The colour with some of another in it, in hundredths.
    fn with(self, other: Color, hundredths: u16) -> Color {
        let mix = |one: u8, two: u8| {
            let mixed = (u16::from(one) * (100 - hundredths) + u16::from(two) * hundredths) / 100;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        Color(mix(self.0, other.0), mix(self.1, other.1), mix(self.2, other.2))
    }

    /// The nearest lighter colour that can be read in the dark look.
    fn for_dark(self) -> Color {
        let lighter = |hundredths: &u16| self.with(WHITE, *hundredths);
        (0..=100)
            .step_by(5)
            .find(|share| lighter(share).contrast(DARK_GROUND) >= ENOUGH)
            .map_or(WHITE, |share| lighter(&share))
    }

    /// The style sheet that makes this the colour of links and buttons.
    pub fn style(self) -> String {
        let (light, dark) = (self, self.for_dark());
        let strong = (light.with(Color(0, 0, 0), 20), dark.with(WHITE, 30));
        format!(
            ":root {{ --accent: light-dark({light}, {dark}); --accent-strong: light-dark({}, {}); --on-accent: light-dark(#ffffff, #10141d); }}\n",
            strong.0, strong.1
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_and_written() {
        let color: Color = "#8A1c7c".parse().unwrap();
        assert_eq!(color.to_string(), "#8a1c7c");
        for wrong in ["", "8a1c7c", "#8a1c7", "#8a1c7g", "#8a1c7c0", "#+a1c7c", "red;}"] {
            assert!(wrong.parse::<Color>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn contrast_is_wcag_s() {
        let of = |text: &str| text.parse::<Color>().unwrap();
        assert!((of("#000000").contrast(WHITE) - 21.0).abs() < 0.001);
        assert!((of("#767676").contrast(WHITE) - 4.54).abs() < 0.01);
        assert!(of("#2c55cc").is_readable() && !of("#ffff00").is_readable() && !of("#767676").is_readable());
    }

    #[test]
    fn every_readable_colour_is_readable_in_the_dark_too() {
        for number in (0..0x0100_0000_u32).step_by(9973) {
            let [_, red, green, blue] = number.to_be_bytes();
            let color = Color(red, green, blue);
            let dark = color.for_dark();
            assert!(dark.contrast(DARK_GROUND) >= ENOUGH, "{color}");
            assert!(dark.contrast(Color(0x10, 0x14, 0x1d)) >= ENOUGH, "{color}: dark text on it");
        }
    }
}
