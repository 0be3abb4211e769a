//! The values that are made up. The first is taken where nobody minds; the others are for types that are particular.
//!
//! With one more here a gap may be seen through, and the fingerprint of its message be another.

macro_rules! unsigned {
    ($($name:ident: $of:ident),*) => {
        $(pub(super) const $name: &[$of] = &[0, 1, 2, 3, 4, 10, 12, 16, 32, 64, 100, $of::MAX];)*
    };
}

macro_rules! signed {
    ($($name:ident: $of:ident),*) => {
        $(pub(super) const $name: &[$of] = &[0, 1, -1, 2, 3, 4, 10, 12, 100, $of::MAX, $of::MIN];)*
    };
}

unsigned!(U8: u8, U16: u16, U32: u32, U64: u64, U128: u128);
signed!(I8: i8, I16: i16, I32: i32, I64: i64, I128: i128);

pub(super) const BOOLS: &[bool] = &[false, true];
pub(super) const F32: &[f32] = &[0.0, 1.0, -1.0, 0.5, 100.0];
pub(super) const F64: &[f64] = &[0.0, 1.0, -1.0, 0.5, 100.0];
pub(super) const CHARS: &[char] = &['a', 'A', '0', ' ', '/'];

/// How many elements a sequence or a map has.
pub(super) const COUNTS: &[usize] = &[0, 1, 2, 3, 4, 16, 32];

pub(super) const TEXTS: &[&str] = &[
    "",
    "a",
    "0",
    "1",
    "A",
    "1970-01-01",
    "1970-01-01T00:00:00Z",
    "1970-01-01T00:00:00",
    "1970-01-01T00:00:00Z[UTC]",
    "1970-01-01T00:00:00+00:00[UTC]",
    "00:00:00",
    "PT0S",
    "http://a/",
    "127.0.0.1",
    "::1",
    "127.0.0.1:1",
    "127.0.0.0/8",
    "a@b.c",
    "a.b",
    "/",
    "true",
    "1.0.0",
    "1s",
    "UTC",
    "+00:00",
    "Mon",
    "Jan",
    "en",
    "en-US",
    "EUR",
    "#000000",
    "a/b",
    "AAAA",
    "{}",
    "[]",
    "00000000-0000-0000-0000-000000000000",
    "00000000000000000000000000",
    "00000000000000000000000000000000",
    "0000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0x0",
    "0x0000000000000000000000000000000000000000",
    "+12025550123",
];

const ZEROS: &[u8] = &[0; 64];
const ONES: &[u8] = &[1; 32];

pub(super) const BYTES: &[&[u8]] = &[
    &[],
    ZEROS.split_at(16).0,
    ZEROS.split_at(32).0,
    ZEROS.split_at(4).0,
    ZEROS.split_at(12).0,
    ZEROS.split_at(1).0,
    ZEROS.split_at(2).0,
    ZEROS.split_at(8).0,
    ZEROS.split_at(20).0,
    ZEROS.split_at(24).0,
    ZEROS.split_at(48).0,
    ZEROS,
    ONES.split_at(16).0,
    ONES,
];
