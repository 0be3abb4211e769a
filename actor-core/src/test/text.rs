//! What tests keep of a message or reply where they want to read it.

use std::fmt;
use std::ops::Deref;

/// A message or a reply as text, as its `Debug` says it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Text(String);

impl Text {
    pub(super) fn of(value: &impl fmt::Debug) -> Self {
        Text(format!("{value:?}"))
    }

    pub(super) fn name(name: &str) -> Self {
        Text(name.to_owned())
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

/// As it is, without quotes.
impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
