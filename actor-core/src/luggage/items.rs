//! The items of a stream on their way: as bytes, and several at a time.

use crate::error::CallError;
use postcard::ser_flavors::Flavor;
use serde::Serialize;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A stream on its way.
pub type Carried = Pin<Box<dyn Carry>>;

/// Gives items as postcard writes them. An error is the last of it.
pub trait Carry: Send {
    /// What is there: one at least. No more are made than there is [`Room`] for; those that have been made come all.
    fn poll_items(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        room: Room,
    ) -> Poll<Option<Result<Items, CallError>>>;
}

/// How many items there is room for, and how many bytes, their lengths included. The last one may take more, since it is not known before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Room {
    /// So many items.
    pub items: u32,
    /// So many bytes.
    pub bytes: usize,
}

impl Room {
    /// For so many, with so many bytes.
    #[must_use]
    pub fn new(items: u32, bytes: usize) -> Self {
        Room { items, bytes }
    }

    /// Whether one more may be made when these were.
    pub(super) fn holds(self, items: &Items) -> bool {
        items.count < self.items && items.bytes.len() < self.bytes
    }
}

/// The bytes of an item's length.
const PREFIX: usize = 4;

/// Some items of a stream, as bytes.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Items {
    bytes: Vec<u8>,
    /// Where the next one begins.
    start: usize,
    /// How many there are from there.
    count: u32,
}

impl Items {
    /// Those that lie in `bytes`, one behind the other, each behind its length in four bytes, little endian. `None` if something else lies there.
    #[must_use]
    pub fn read(bytes: Vec<u8>) -> Option<Self> {
        let (mut rest, mut count) = (&bytes[..], 0);
        while !rest.is_empty() {
            let (_, behind) = split(rest)?;
            (rest, count) = (behind, count + 1);
        }
        Some(Items { bytes, start: 0, count })
    }

    /// This one alone.
    #[must_use]
    pub fn one(item: &[u8]) -> Option<Self> {
        let length = u32::try_from(item.len()).ok()?;
        Some(Items { bytes: [&length.to_le_bytes(), item].concat(), start: 0, count: 1 })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All of them, as [`read`](Self::read) reads them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.as_bytes();
        std::iter::from_fn(move || {
            let (item, behind) = split(rest)?;
            rest = behind;
            Some(item)
        })
    }

    /// Takes the first of them, up to so many.
    #[must_use]
    pub fn take_some(&mut self, most: u32) -> Self {
        if self.count <= most {
            return std::mem::take(self);
        }
        let from = self.start;
        let count = (0..most).map_while(|_| self.take().map(drop)).count();
        let bytes = self.bytes.get(from..self.start).unwrap_or_default().to_vec();
        Items { bytes, start: 0, count: u32::try_from(count).unwrap_or(most) }
    }

    /// Takes the next one.
    pub fn take(&mut self) -> Option<&[u8]> {
        let (item, _) = split(self.bytes.get(self.start..)?)?;
        self.start += PREFIX + item.len();
        self.count -= 1;
        Some(item)
    }

    /// Makes room for so many bytes more.
    pub(super) fn reserve(&mut self, bytes: usize) {
        self.bytes.reserve(bytes);
    }

    /// Writes one behind them; if that fails they are as they were.
    pub(super) fn push(&mut self, item: &impl Serialize) -> Result<(), postcard::Error> {
        let start = self.bytes.len();
        self.bytes.extend([0; PREFIX]);
        let written = postcard::serialize_with_flavor(item, Behind(&mut self.bytes));
        let length = u32::try_from(self.bytes.len() - start - PREFIX);
        match (written, length, self.bytes.get_mut(start..start + PREFIX)) {
            (Ok(()), Ok(length), Some(prefix)) => {
                prefix.copy_from_slice(&length.to_le_bytes());
                self.count += 1;
                Ok(())
            }
            (written, ..) => {
                self.bytes.truncate(start);
                written.and(Err(postcard::Error::SerializeBufferFull))
            }
        }
    }
}

impl fmt::Debug for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("len", &self.count).finish_non_exhaustive()
    }
}

/// The first item, and what lies behind it.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<PREFIX>()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

/// Writes behind what is there.
struct Behind<'a>(&'a mut Vec<u8>);

impl Flavor for Behind<'_> {
    type Output = ();

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Items;
    use serde::{Serialize, Serializer, ser};

    struct Unfit;

    impl Serialize for Unfit {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            drop("begun".serialize(serializer));
            Err(ser::Error::custom("unfit"))
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let mut items = Items::default();
        for item in ["one", "", "three"] {
            items.push(&item).unwrap();
        }
        let mut read = Items::read(items.as_bytes().to_vec()).unwrap();
        assert_eq!(read, items);
        assert_eq!((read.len(), read.take().unwrap()), (3, &b"\x03one"[..]));
        assert_eq!(read.as_bytes(), &items.as_bytes()[8..]);
        assert_eq!(read.take().unwrap(), b"\x00");
        assert_eq!(read.take().unwrap(), b"\x05three");
        assert!(read.is_empty() && read.take().is_none());
        let mut rest = items.clone();
        let some = rest.take_some(2);
        assert_eq!((some.len(), some.iter().last().unwrap()), (2, &b"\x00"[..]));
        assert_eq!(
            (rest.iter().count(), rest.take_some(2).as_bytes()),
            (1, items.as_bytes().get(13..).unwrap())
        );
        assert!(rest.is_empty() && rest.iter().next().is_none());
        assert_eq!(Items::one(b"\x03one").unwrap().as_bytes(), b"\x04\0\0\0\x03one");
    }

    #[test]
    fn one_that_cannot_be_written_leaves_those_before() {
        let mut items = Items::default();
        items.push(&1u8).unwrap();
        items.push(&Unfit).unwrap_err();
        items.push(&2u8).unwrap();
        assert_eq!(items.as_bytes(), [1, 0, 0, 0, 1, 1, 0, 0, 0, 2]);
    }

    #[test]
    fn anything_else_is_none() {
        assert!(Items::read(Vec::new()).unwrap().is_empty());
        for bytes in [&[1, 0, 0, 0][..], &[0, 0, 0], &[255; 4], &[1, 0, 0, 0, 7, 0]] {
            assert!(Items::read(bytes.to_vec()).is_none(), "{bytes:?}");
        }
    }
}
