//! Small makers for the unit tests.

use crate::chunk::content_of;
use crate::index::{FileNode, Stamp, Timestamp};
use crate::path::RelPath;
use crate::scan::{Found, Scan};

pub(crate) fn path(text: &str) -> RelPath {
    RelPath::new(text).unwrap()
}

pub(crate) fn file_node(text: &str, secs: i64) -> FileNode {
    let (content, size) = content_of(text.as_bytes()).unwrap();
    FileNode { size, mtime: Timestamp::new(secs, 0), mode: 0o644, content }
}

/// A file that holds `text`.
pub(crate) fn file(text: &str) -> Found {
    let stamp = Stamp::of(&tempfile::tempfile().unwrap().metadata().unwrap());
    Found::File(file_node(text, 1), stamp)
}

pub(crate) fn scan_of<const N: usize>(found: [(&str, Found); N]) -> Scan {
    Scan { found: found.into_iter().map(|(name, found)| (path(name), found)).collect(), ..Scan::default() }
}
