//! Names and versions for what is kept beside the file that won a conflict.
//!
//! Both follow from the content alone, so that all peers, each on its own, put the same copy in the same place.

use crate::chunk::ContentId;
use crate::path::{NAME_MAX, RelPath};
use crate::version::{PeerId, VersionVector};

const MARK: &[u8] = b" (conflict ";

/// Where `content`, which lost the name `path`, is kept: `report.txt` becomes `report (conflict 0a1b2c3d4e5f).txt`.
pub(crate) fn copy_name(path: &RelPath, content: ContentId) -> RelPath {
    let hex = blake3::Hash::from_bytes(*content.as_bytes()).to_hex();
    // A name that is cut to fit may come out the same as `path`; then more digits make the difference.
    [12, 24, 64]
        .into_iter()
        .filter_map(|digits| with_digits(path, &hex.as_bytes()[..digits]))
        .find(|name| name != path)
        .unwrap_or_else(|| path.clone())
}

fn with_digits(path: &RelPath, digits: &[u8]) -> Option<RelPath> {
    let name = path.name();
    // `.bashrc` has no ending, and neither has a name whose ending would leave no room for anything else.
    let (stem, ending) = match name.iter().rposition(|b| *b == b'.') {
        Some(dot) if dot > 0 && name.len() - dot <= 32 => name.split_at(dot),
        _ => (name, &[][..]),
    };
    let mark = [MARK, digits, b")"].concat();
    let room = NAME_MAX - mark.len() - ending.len();
    let dir = &path.as_bytes()[..path.as_bytes().len() - name.len()];
    RelPath::new([dir, cut(stem, room), &mark, ending].concat()).ok()
}

/// At most `room` bytes of `name`, not ending within a character where it is text.
fn cut(name: &[u8], room: usize) -> &[u8] {
    let Some(head) = name.get(..room) else { return name };
    match str::from_utf8(name) {
        Ok(text) => &name[..text.floor_char_boundary(room)],
        Err(_) => head,
    }
}

/// It looks like a name from [`copy_name`].
pub(crate) fn is_copy(path: &RelPath) -> bool {
    path.name().windows(MARK.len()).any(|window| window == MARK)
}

/// The version of a copy: one change of a peer that stands for this content having lost in this version.
///
/// Peers that decide the same conflict make the same version. If the user deletes the copy, its tombstone covers that
/// version, and a peer that decides late does not bring it back; the same content losing anew does.
pub(crate) fn copy_version(content: ContentId, lost: &VersionVector) -> VersionVector {
    let mut hasher = blake3::Hasher::new_derive_key("filesync version of a conflict copy v1");
    hasher.update(content.as_bytes());
    hasher.update(&postcard::to_stdvec(lost).unwrap_or_default());
    let mut id = [0; 16];
    hasher.finalize_xof().fill(&mut id);
    let mut version = VersionVector::default();
    version.bump(PeerId::from_bytes(id), 1);
    version
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{file_node, path};

    fn named(name: &str) -> String {
        copy_name(&path(name), file_node("lost", 1).content).to_string()
    }

    #[test]
    fn the_mark_stands_before_the_ending() {
        let mark = named("x").trim_start_matches('x').to_owned();
        assert!(mark.starts_with(" (conflict ") && mark.len() == 24, "{mark}");
        assert_eq!(named("d/report.txt"), format!("d/report{mark}.txt"));
        assert_eq!(named(".bashrc"), format!(".bashrc{mark}"));
        assert_eq!(named("a.tar.gz"), format!("a.tar{mark}.gz"));
        assert!(is_copy(&path(&named("x"))) && !is_copy(&path("x (conflict)")));
    }

    #[test]
    fn long_names_are_cut_between_characters_and_never_stay_the_same() {
        let long = format!("d/{}.txt", "é".repeat(125));
        let content = file_node("lost", 1).content;
        let copy = copy_name(&path(&long), content);
        assert!(copy.name().len() <= NAME_MAX && copy.to_string().ends_with(").txt"), "{copy}");
        assert!(str::from_utf8(copy.as_bytes()).is_ok());

        // A copy of a copy of the longest name, for the same content.
        let once = copy_name(&path(&"x".repeat(255)), content);
        let twice = copy_name(&once, content);
        assert_ne!(once, twice);
        assert!(twice.name().len() <= NAME_MAX);
    }

    #[test]
    fn names_that_are_not_text_keep_their_bytes() {
        let copy = copy_name(&RelPath::new(b"\xff\xfe.bin").unwrap(), file_node("lost", 1).content);
        assert!(copy.as_bytes().starts_with(b"\xff\xfe (conflict ") && copy.as_bytes().ends_with(b").bin"));
    }

    #[test]
    fn a_version_stands_for_content_and_lost_version() {
        let (a, b) = (file_node("a", 1).content, file_node("b", 1).content);
        let none = VersionVector::default();
        assert_eq!(copy_version(a, &none), copy_version(a, &none));
        assert_ne!(copy_version(a, &none), copy_version(b, &none));
        assert_ne!(copy_version(a, &none), copy_version(a, &copy_version(b, &none)));
    }
}
