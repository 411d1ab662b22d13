//! [`Private`]: a value about a person, which never prints itself.

use std::fmt;

/// A name, birth date, address, NHS number, school or account of what happened to a child.
///
/// `Debug` and `Display` print `•••`, so such a value cannot slip into a log line, an error, a subject or a
/// file name (DESIGN invariant 7). [`Private::reveal`] is the one way out, and is easy to search for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Wraps a value about a person.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself: for letters to approved recipients, and for the sealed store.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// Takes the value out of its wrapper.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> From<T> for Private<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&str> for Private<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

impl<T> fmt::Display for Private<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("•••")
    }
}

#[cfg(test)]
mod tests {
    use super::Private;

    #[test]
    fn p01_a_private_value_never_prints_itself() {
        let name = Private::new("Wren Example".to_owned());
        assert_eq!(format!("{name} {name:?}"), "••• •••");
        assert_eq!(name.reveal(), "Wren Example");
    }
}
