//! The fixture's text as it stands in the editor, and places in it.

/// As it lies on disk.
pub(crate) const FIXTURE: &str = include_str!("fixture.rs");

pub(crate) struct Text(pub(crate) String);

/// A line and a column, both from 0. The fixture is ASCII, so that a column is a byte.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) column: usize,
}

impl Text {
    pub(crate) fn new(text: &str) -> Self {
        Text(text.to_owned())
    }

    /// With a change somebody has typed.
    pub(crate) fn with(&self, old: &str, new: &str) -> Self {
        assert_eq!(self.0.matches(old).count(), 1, "`{old}` does not stand there once");
        Text(self.0.replacen(old, new, 1))
    }

    /// Where the first occurrence ends.
    pub(crate) fn after(&self, words: &str) -> Place {
        let end = self.0.find(words).unwrap_or_else(|| panic!("no `{words}`")) + words.len();
        let before = &self.0[..end];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        Place { line: before.matches('\n').count(), column: end - start }
    }

    /// The line of the first occurrence.
    pub(crate) fn line(&self, words: &str) -> usize {
        self.after(words).line
    }
}
