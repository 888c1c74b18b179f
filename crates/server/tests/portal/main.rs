//! The portal, over real HTTP on both databases, and in a real browser.

mod browser;
mod hostile;
mod language;
mod screens;
mod security;
mod sessions;
mod setup;
mod support;
mod walk;
