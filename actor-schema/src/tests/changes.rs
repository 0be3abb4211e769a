//! What makes another fingerprint, and what does not.

use super::{derived, print as of};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

#[test]
fn fields_count() {
    let known = derived! { struct T { from: u64, to: String } };
    assert_eq!(known, derived! { struct T { from: u64, to: String } });
    let others = [
        ("renamed", derived! { struct T { source: u64, to: String } }),
        ("of another type", derived! { struct T { from: u32, to: String } }),
        ("swapped", derived! { struct T { to: String, from: u64 } }),
        ("names swapped", derived! { struct T { to: u64, from: String } }),
        ("added", derived! { struct T { from: u64, to: String, note: String } }),
        ("removed", derived! { struct T { from: u64 } }),
        ("without names", derived! { struct T(u64, String); }),
        ("optional", derived! { struct T { from: u64, to: Option<String> } }),
        ("skipped", derived! { struct T { from: u64, #[serde(skip)] to: String } }),
        ("renamed for serde", derived! { struct T { #[serde(rename = "source")] from: u64, to: String } }),
        ("with an alias", derived! { struct T { #[serde(alias = "source")] from: u64, to: String } }),
    ];
    for (what, other) in others {
        assert_ne!(known, other, "{what}");
    }
}

#[test]
fn variants_count() {
    let known = derived! { enum T { Cash, Card { number: u64 }, Gift(u8, u8) } };
    let others = [
        ("added", derived! { enum T { Cash, Card { number: u64 }, Gift(u8, u8), Other } }),
        ("renamed", derived! { enum T { Coin, Card { number: u64 }, Gift(u8, u8) } }),
        ("moved", derived! { enum T { Card { number: u64 }, Cash, Gift(u8, u8) } }),
        ("with contents", derived! { enum T { Cash(u8), Card { number: u64 }, Gift(u8, u8) } }),
        ("with another field", derived! { enum T { Cash, Card { pan: u64 }, Gift(u8, u8) } }),
        ("with another type", derived! { enum T { Cash, Card { number: u64 }, Gift(u8, i8) } }),
        (
            "with an alias",
            derived! { enum T { Cash, Card { number: u64 }, #[serde(alias = "Bon")] Gift(u8, u8) } },
        ),
    ];
    for (what, other) in others {
        assert_ne!(known, other, "{what}");
    }
    let skipped = derived! {
        enum T { Cash, Card { number: u64 }, Gift(u8, u8), #[serde(skip)] Other }
    };
    assert_eq!(known, skipped);
}

#[test]
fn what_is_deep_inside_counts() {
    let known = derived! {
        struct T { list: Vec<Option<BTreeMap<u8, Inner>>> }
        enum Inner { Empty, Full(Leaf) }
        struct Leaf { x: [u8; 3] }
    };
    let variant_added = derived! {
        struct T { list: Vec<Option<BTreeMap<u8, Inner>>> }
        enum Inner { Empty, Full(Leaf), Half }
        struct Leaf { x: [u8; 3] }
    };
    let leaf_changed = derived! {
        struct T { list: Vec<Option<BTreeMap<u8, Inner>>> }
        enum Inner { Empty, Full(Leaf) }
        struct Leaf { x: [u8; 4] }
    };
    let key_changed = derived! {
        struct T { list: Vec<Option<BTreeMap<u16, Inner>>> }
        enum Inner { Empty, Full(Leaf) }
        struct Leaf { x: [u8; 3] }
    };
    for other in [variant_added, leaf_changed, key_changed] {
        assert_ne!(known, other);
    }
}

#[test]
fn names_of_types_and_wrappers_do_not_count() {
    let known = derived! { struct T { a: Inner, b: Inner } struct Inner { x: u8 } };
    let same = [
        ("renamed", derived! { struct T { a: Other, b: Other } struct Other { x: u8 } }),
        ("split", derived! { struct T { a: One, b: Two } struct One { x: u8 } struct Two { x: u8 } }),
        ("a newtype", derived! { struct T { a: New, b: Inner } struct New(Inner); struct Inner { x: u8 } }),
        (
            "transparent",
            derived! {
                #[serde(transparent)] struct T { t: Outer }
                struct Outer { a: Inner, b: Inner }
                struct Inner { x: u8 }
            },
        ),
        ("boxed", derived! { struct T { a: Box<Inner>, b: Arc<Inner> } struct Inner { x: u8 } }),
        (
            "an enum's name",
            derived! { struct T { a: Inner, b: Inner } struct Inner { #[serde(alias = "x")] x: u8 } },
        ),
    ];
    for (what, other) in same {
        assert_eq!(known, other, "{what}");
    }
    assert_eq!(derived! { enum T { A, B(u8) } }, derived! { #[serde(rename = "U")] enum T { A, B(u8) } });
}

#[test]
fn what_is_the_same_on_the_wire_is_the_same() {
    assert_eq!(of::<usize>(), of::<u64>());
    assert_eq!(of::<isize>(), of::<i64>());
    assert_eq!(of::<Vec<u8>>(), of::<serde_bytes::ByteBuf>());
    assert_eq!(of::<Vec<u16>>(), of::<Box<[u16]>>());
    assert_eq!(of::<String>(), of::<Arc<str>>());
    assert_eq!(of::<String>(), of::<std::path::PathBuf>());
    assert_eq!(of::<u8>(), of::<Rc<Box<u8>>>());
    assert_eq!(of::<[u16; 3]>(), of::<(u16, u16, u16)>());
    assert_eq!(of::<BTreeMap<u8, u16>>(), of::<HashMap<u8, u16>>());
    assert_eq!(of::<BTreeSet<u16>>(), of::<HashSet<u16>>());
    assert_eq!(of::<std::num::NonZeroU32>(), of::<u32>());
}

#[test]
fn all_that_differ_on_the_wire_differ() {
    let prints = [
        of::<bool>(),
        of::<i8>(),
        of::<i16>(),
        of::<i32>(),
        of::<i64>(),
        of::<i128>(),
        of::<u8>(),
        of::<u16>(),
        of::<u32>(),
        of::<u64>(),
        of::<u128>(),
        of::<f32>(),
        of::<f64>(),
        of::<char>(),
        of::<String>(),
        of::<Vec<u8>>(),
        of::<Vec<i8>>(),
        of::<()>(),
        of::<Option<()>>(),
        of::<Option<Option<()>>>(),
        of::<(u8,)>(),
        of::<(u8, u8)>(),
        of::<[u8; 3]>(),
        of::<[u8; 4]>(),
        of::<Vec<(u8, u8)>>(),
        of::<BTreeMap<u8, u8>>(),
        of::<Option<Vec<u8>>>(),
        of::<Vec<Option<u8>>>(),
        of::<Result<u8, u16>>(),
        of::<Result<u16, u8>>(),
        of::<Result<Result<u8, u16>, u16>>(),
        of::<Result<u8, Result<u16, u16>>>(),
        of::<std::ops::Range<u8>>(),
        of::<std::ops::RangeInclusive<u16>>(),
    ];
    let distinct: HashSet<u64> = prints.iter().copied().collect();
    assert_eq!(distinct.len(), prints.len());
}
