//! Renders subjects and bodies.
