//! What is asked on a stream of its own, for those who have nothing on top of streams of bytes.

use super::body;
use crate::BoxError;
use bytes::{BufMut, Bytes, BytesMut};

const ECHO: u8 = 0;
const BULK: u8 = 1;
const ITEMS: u8 = 2;

/// The longest request or reply.
pub const MOST: usize = 64 << 20;

pub fn echo(bytes: &[u8]) -> Bytes {
    of_kind(ECHO, bytes)
}

pub fn bulk(size: u32) -> Bytes {
    of_kind(BULK, &size.to_be_bytes())
}

pub fn items(count: u32) -> Bytes {
    of_kind(ITEMS, &count.to_be_bytes())
}

fn of_kind(kind: u8, rest: &[u8]) -> Bytes {
    let mut question = BytesMut::with_capacity(1 + rest.len());
    question.put_u8(kind);
    question.put_slice(rest);
    question.freeze()
}

/// What is to be sent back.
pub enum Answer {
    Whole(Bytes),
    /// So many items, each by itself.
    Items(u32),
}

impl Answer {
    pub fn to(question: Vec<u8>) -> Result<Self, BoxError> {
        let number = |bytes: &[u8]| Ok::<_, BoxError>(u32::from_be_bytes(bytes.try_into()?));
        Ok(match question.split_first() {
            Some((&ITEMS, count)) => Answer::Items(number(count)?),
            Some((&BULK, size)) => Answer::Whole(body(number(size)?)),
            _ => Answer::Whole(Bytes::from(question).slice(1..)),
        })
    }
}
