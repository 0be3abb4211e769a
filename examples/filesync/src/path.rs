//! Names inside a folder: bytes as the file system has them, and none that could leave the folder.

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The folder's own state; it is never synced, at any depth, since it says who a folder is.
pub(crate) const STATE_DIR: &str = ".filesync";

/// The longest single name that the usual file systems take.
pub(crate) const NAME_MAX: usize = 255;

/// A path relative to a synced folder, separated by `/`.
///
/// It can only be made from bytes that stay inside the folder, also when it is decoded: whoever holds one may join it
/// to a root without looking at it again (what lies on the disk there, a symlink for example, is another matter).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<u8>", into = "Vec<u8>")]
pub(crate) struct RelPath(Vec<u8>);

/// Why bytes are not a name inside a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadName {
    #[error("the name is empty")]
    Empty,
    #[error("the name would leave the folder")]
    Escapes,
    #[error("the name has a zero byte in it")]
    Zero,
    #[error("the name is the one under which filesync keeps its own state")]
    State,
    #[error("the name is longer than {NAME_MAX} bytes")]
    TooLong,
}

impl RelPath {
    pub(crate) fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, BadName> {
        let bytes = bytes.into();
        if bytes.is_empty() {
            return Err(BadName::Empty);
        }
        for part in bytes.split(|b| *b == b'/') {
            match part {
                b"" | b"." | b".." => return Err(BadName::Escapes),
                _ if part == STATE_DIR.as_bytes() => return Err(BadName::State),
                _ if part.contains(&0) => return Err(BadName::Zero),
                _ if part.len() > NAME_MAX => return Err(BadName::TooLong),
                _ => {}
            }
        }
        Ok(Self(bytes))
    }

    /// The entry `name` of directory `dir`; `None` is the root of the folder.
    pub(crate) fn child(dir: Option<&Self>, name: &OsStr) -> Result<Self, BadName> {
        let name = name.as_bytes();
        if name.contains(&b'/') {
            return Err(BadName::Escapes);
        }
        Self::new(match dir {
            Some(dir) => [dir.as_bytes(), b"/", name].concat(),
            None => name.to_vec(),
        })
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The last part.
    pub(crate) fn name(&self) -> &[u8] {
        self.0.rsplit(|b| *b == b'/').next().unwrap_or(&self.0)
    }

    /// The directory that holds it; `None` where that is the folder itself.
    pub(crate) fn parent(&self) -> Option<Self> {
        let at = self.0.iter().rposition(|b| *b == b'/')?;
        Some(Self(self.0[..at].to_vec()))
    }

    /// All directories above it inside the folder, nearest first.
    pub(crate) fn ancestors(&self) -> impl Iterator<Item = Self> + use<> {
        std::iter::successors(self.parent(), Self::parent)
    }

    /// How many directories lie above it.
    pub(crate) fn depth(&self) -> usize {
        self.0.iter().filter(|b| **b == b'/').count()
    }

    /// Where it is on the disk, in the folder `root`.
    pub(crate) fn under(&self, root: &Path) -> PathBuf {
        root.join(OsStr::from_bytes(&self.0))
    }
}

impl TryFrom<Vec<u8>> for RelPath {
    type Error = BadName;

    fn try_from(bytes: Vec<u8>) -> Result<Self, BadName> {
        Self::new(bytes)
    }
}

impl From<RelPath> for Vec<u8> {
    fn from(path: RelPath) -> Self {
        path.0
    }
}

/// As it is where a line of text can hold it, quoted and escaped where it would break the line or lie about itself.
impl fmt::Display for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match str::from_utf8(&self.0) {
            Ok(text) if !text.chars().any(char::is_control) => f.write_str(text),
            Ok(text) => write!(f, "{text:?}"),
            Err(_) => write!(f, "\"{}\"", self.0.escape_ascii()),
        }
    }
}

impl fmt::Debug for RelPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RelPath({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn path(bytes: &[u8]) -> RelPath {
        RelPath::new(bytes).unwrap()
    }

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        for bad in [&b".."[..], b"../x", b"a/../../x", b"/etc/passwd", b"a//b", b"a/", b".", b"a/./b", b"/"] {
            assert_eq!(RelPath::new(bad), Err(BadName::Escapes), "{}", bad.escape_ascii());
        }
        assert_eq!(RelPath::new(b""), Err(BadName::Empty));
        assert_eq!(RelPath::new(b"a\0b"), Err(BadName::Zero));
        assert_eq!(RelPath::new(vec![b'x'; 256]), Err(BadName::TooLong));
    }

    #[test]
    fn the_state_of_a_folder_is_no_name_at_any_depth() {
        assert_eq!(RelPath::new(b".filesync/index"), Err(BadName::State));
        assert_eq!(RelPath::new(b"a/.filesync"), Err(BadName::State));
        assert!(RelPath::new(b".filesync2").is_ok());
    }

    #[test]
    fn odd_names_are_kept_and_shown_on_one_line() {
        for odd in [&b"a\nb"[..], b"-rf", b"\"quoted\"", b"\xff\xfe", b"...", b" ", b"a\\b"] {
            let path = path(odd);
            assert_eq!(path.as_bytes(), odd);
            assert!(!path.to_string().contains('\n'));
        }
        assert_eq!(path(b"a\nb").to_string(), r#""a\nb""#);
        assert_eq!(path(b"\xffx").to_string(), r#""\xffx""#);
    }

    #[test]
    fn parents() {
        assert_eq!(path(b"a/b/c").ancestors().collect::<Vec<_>>(), [path(b"a/b"), path(b"a")]);
        assert_eq!(path(b"a/b").name(), b"b");
        assert_eq!(path(b"a").parent(), None);
    }

    #[test]
    fn decoding_refuses_what_making_refuses() {
        let bytes = postcard::to_stdvec(&b"../../etc/passwd".to_vec()).unwrap();
        assert!(postcard::from_bytes::<RelPath>(&bytes).is_err());
    }

    proptest! {
        #[test]
        fn whatever_is_taken_stays_below_the_root(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(path) = RelPath::new(bytes) {
                let full = path.under(Path::new("/root/folder"));
                prop_assert!(full.starts_with("/root/folder"));
                prop_assert!(full.components().all(|c| !matches!(c, std::path::Component::ParentDir)));
                let bytes = postcard::to_stdvec(&path).unwrap();
                prop_assert_eq!(postcard::from_bytes::<RelPath>(&bytes).unwrap(), path);
            }
        }
    }
}
