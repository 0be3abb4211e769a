//! The index as it was kept before there was a database: one file with a header, a checksum, and all the rest. It is still read.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::db;
use super::{Dirty, Entries, Entry, Index, Stamp};
use crate::path::RelPath;
use crate::version::PeerId;

const MAGIC: &[u8; 8] = b"filesync";
/// The only one that was ever written so.
const FORMAT: u32 = 1;
const HASH: usize = 32;
const HEADER: usize = MAGIC.len() + size_of::<u32>() + HASH;

/// Which directory the state lies in. A copied folder has another one, and must not keep the identity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) device: u64,
    pub(crate) inode: u64,
}

#[derive(Serialize, Deserialize)]
struct Saved {
    me: PeerId,
    clock: u64,
    place: Place,
    entries: Vec<(RelPath, Entry, Option<Stamp>)>,
}

/// Why bytes are not an index.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BadIndex {
    /// Nothing in it may be believed.
    #[error("{0}")]
    Damaged(&'static str),
    /// It is whole, and says more than this program understands.
    #[error("it was written in format {0}, and this program knows only formats up to {newest}", newest = db::FORMAT)]
    Newer(u32),
    /// The disk does not let it be read or written.
    #[error("{0}")]
    Io(io::Error),
}

#[cfg(test)]
pub(crate) fn encode(index: &Index, place: Place) -> Result<Vec<u8>, postcard::Error> {
    let entries = index
        .entries
        .iter()
        .map(|(path, entry)| (path.clone(), entry.clone(), index.stamps.get(path).copied()))
        .collect();
    let body = postcard::to_stdvec(&Saved { me: index.me, clock: index.clock, place, entries })?;
    let format = FORMAT.to_le_bytes();
    Ok([MAGIC.as_slice(), &format, checksum(&format, &body).as_slice(), &body].concat())
}

/// The index and the place that it was written for.
pub(crate) fn decode(bytes: &[u8]) -> Result<(Index, Place), BadIndex> {
    let (header, body) = bytes.split_at_checked(HEADER).ok_or(BadIndex::Damaged("it is cut short"))?;
    let (magic, rest) = header.split_at(MAGIC.len());
    let (format, hash) = rest.split_at(size_of::<u32>());
    if magic != MAGIC {
        return Err(BadIndex::Damaged("it does not begin as an index does"));
    }
    if hash != checksum(format, body) {
        return Err(BadIndex::Damaged("its checksum does not fit"));
    }
    let format = format.try_into().map_or(0, u32::from_le_bytes);
    if format > FORMAT {
        return Err(BadIndex::Newer(format));
    }
    let (saved, rest) = postcard::take_from_bytes::<Saved>(body)
        .map_err(|_| BadIndex::Damaged("its checksum fits but its contents make no sense"))?;
    if format != FORMAT || !rest.is_empty() {
        return Err(BadIndex::Damaged("its checksum fits but its contents make no sense"));
    }
    let (mut entries, mut stamps) = (Entries::new(), BTreeMap::new());
    for (path, entry, stamp) in saved.entries {
        stamps.extend(stamp.map(|stamp| (path.clone(), stamp)));
        entries.insert(path, entry);
    }
    let mut index = Index {
        me: saved.me,
        clock: saved.clock,
        entries: Arc::new(entries),
        stamps: Arc::new(stamps),
        dirty: Dirty::default(),
    };
    index.spoil();
    Ok((index, saved.place))
}

fn checksum(format: &[u8], body: &[u8]) -> [u8; HASH] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(format).update(body);
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{file, scan_of};

    const PLACE: Place = Place { device: 1, inode: 2 };

    fn sample() -> Vec<u8> {
        let mut index = Index::new().unwrap();
        index.observe(&scan_of([("a", file("1")), ("b", file("2"))]));
        encode(&index, PLACE).unwrap()
    }

    #[test]
    fn comes_back_as_it_was() {
        let bytes = sample();
        let (index, place) = decode(&bytes).unwrap();
        assert_eq!(place, PLACE);
        assert!(index.is_dirty());
        assert_eq!(encode(&index, place).unwrap(), bytes);
    }

    #[test]
    fn any_changed_byte_and_any_cut_is_damage() {
        let bytes = sample();
        for i in 0..bytes.len() {
            let mut bad = bytes.clone();
            bad[i] ^= 0x40;
            assert!(matches!(decode(&bad), Err(BadIndex::Damaged(_))), "byte {i}");
            assert!(matches!(decode(&bytes[..i]), Err(BadIndex::Damaged(_))), "cut at {i}");
        }
    }

    #[test]
    fn a_newer_format_is_not_taken_for_damage() {
        let mut bytes = sample();
        bytes[8..12].copy_from_slice(&2u32.to_le_bytes());
        let hash = checksum(&2u32.to_le_bytes(), &bytes[HEADER..]);
        bytes[12..HEADER].copy_from_slice(&hash);
        assert!(matches!(decode(&bytes), Err(BadIndex::Newer(2))));
    }
}
