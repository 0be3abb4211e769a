//! What types of the standard library and of other crates look like.

use super::{derived, gaps, print, text};
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::ops::{Bound, Range, RangeInclusive};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

#[test]
fn types_of_the_standard_library() {
    assert_eq!(text::<(i128, char, f32)>(), "i128, char, f32");
    assert_eq!(text::<usize>(), "u64");
    assert_eq!(text::<Vec<()>>(), "[()]");
    assert_eq!(text::<Option<String>>(), "Option<str>");
    assert_eq!(text::<[u8; 32]>(), "[u8; 32]");
    assert_eq!(text::<[(u8, u8); 2]>(), "(u8, u8), (u8, u8)");
    assert_eq!(text::<Box<[u16]>>(), "[u16]");
    assert_eq!(text::<Arc<str>>(), "str");
    assert_eq!(text::<VecDeque<Duration>>(), "[Duration { secs: u64, nanos: u32 }]");
    assert_eq!(text::<HashMap<String, Vec<u8>>>(), "{str: [u8]}");
    assert_eq!(text::<BTreeMap<(u8, i8), bool>>(), "{(u8, i8): bool}");
    assert_eq!(text::<std::path::PathBuf>(), "str");
    assert_eq!(text::<SystemTime>(), "SystemTime { secs_since_epoch: u64, nanos_since_epoch: u32 }");
    assert_eq!(text::<Range<u8>>(), "Range { start: u8, end: u8 }");
    assert_eq!(text::<RangeInclusive<u8>>(), "RangeInclusive { start: u8, end: u8 }");
    assert_eq!(text::<Bound<u8>>(), "Bound { Unbounded, Included(u8), Excluded(u8) }");
    assert_eq!(text::<NonZeroU32>(), "u32");
    assert_eq!(text::<IpAddr>(), "IpAddr { V4([u8; 4]), V6([u8; 16]) }");
    assert_eq!(text::<SocketAddr>(), "SocketAddr { V4([u8; 4], u16), V6([u8; 16], u16) }");
    assert_eq!(text::<Result<u8, ()>>(), "Result<u8, ()>");
}

#[test]
fn an_os_string_depends_on_the_system() {
    let gaps = gaps::<std::ffi::OsString>();
    assert_eq!(gaps.len(), 1, "{gaps:?}");
    assert!(gaps[0].starts_with(if cfg!(windows) { "`Of.Unix`" } else { "`Of.Windows`" }), "{gaps:?}");
}

#[test]
fn types_of_other_crates() {
    assert_eq!(text::<uuid::Uuid>(), "bytes");
    assert_eq!(text::<url::Url>(), "str");
    assert_eq!(text::<serde_bytes::ByteBuf>(), "bytes");
    assert_eq!(text::<chrono::DateTime<chrono::Utc>>(), "str");
    assert_eq!(text::<chrono::NaiveDate>(), "str");
    assert_eq!(text::<chrono::Duration>(), "i64, i32");
    assert_eq!(text::<time::Date>(), "i32, u16");
    assert_eq!(text::<time::OffsetDateTime>(), "i32, u16, u8, u8, u8, u32, i8, i8, i8");
}

#[test]
fn what_is_behind_a_particular_type_is_seen() {
    let text = text::<(
        (uuid::Uuid, url::Url, NonZeroU32, IpAddr),
        (chrono::DateTime<chrono::FixedOffset>, chrono::NaiveDate, chrono::NaiveTime, chrono::NaiveDateTime),
        (time::Date, time::Time, time::OffsetDateTime, time::Duration, time::UtcOffset, time::Month),
        (chrono::Weekday, chrono::Month, uuid::NonNilUuid),
        (std::num::NonZeroI8, std::num::NonZeroU128, RangeInclusive<u8>, SystemTime),
        u8,
    )>();
    assert!(text.ends_with(", u8"), "{text}");
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Pair<A, B> {
    first: A,
    second: B,
}

#[test]
fn generic_types_are_seen_by_what_they_are_filled_with() {
    assert_eq!(
        text::<Pair<u8, Pair<bool, ()>>>(),
        "Pair { first: u8, second: Pair { first: bool, second: () } }"
    );
    assert_ne!(print::<Pair<u8, u16>>(), print::<Pair<u16, u8>>());
}

#[test]
fn what_serde_is_told_counts() {
    #[derive(Deserialize)]
    #[serde(from = "u64", rename_all = "camelCase")]
    #[allow(dead_code)]
    struct Amount {
        whole_cents: u64,
    }
    impl From<u64> for Amount {
        fn from(whole_cents: u64) -> Self {
            Amount { whole_cents }
        }
    }
    assert_eq!(print::<Amount>(), print::<u64>());

    let with = derived! { struct T { #[serde(with = "serde_bytes")] a: Vec<u8>, #[serde(default)] b: u8 } };
    assert_eq!(with, derived! { struct T { a: Vec<u8>, b: u8 } });
    let seconds =
        derived! { struct T { #[serde(with = "time::serde::timestamp")] at: time::OffsetDateTime } };
    assert_eq!(seconds, derived! { struct T { at: i64 } });
    let renamed = derived! { #[serde(rename_all = "camelCase")] struct T { one_two: u8 } };
    assert_eq!(renamed, derived! { #[allow(non_snake_case)] struct T { oneTwo: u8 } });
}

#[test]
fn what_only_a_self_describing_format_can_tell_is_an_obstacle() {
    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Inner {
        x: u8,
    }
    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Flat {
        a: u8,
        #[serde(flatten)]
        rest: Inner,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    #[allow(dead_code)]
    enum Untagged {
        A(u8),
    }
    #[derive(Deserialize)]
    #[serde(tag = "kind", content = "of")]
    #[allow(dead_code)]
    enum Adjacent {
        A(u8),
        B,
    }
    assert_eq!(gaps::<(u8, Flat)>(), ["`Of.1` of `Flat` can only be read from a self-describing format"]);
    assert_eq!(
        gaps::<Vec<Untagged>>(),
        ["`Of[]` of `Untagged` can only be read from a self-describing format"]
    );
    let adjacent = gaps::<(Adjacent, u8)>();
    assert_eq!(adjacent[0], "`Of.0.kind` of `Adjacent` can only be read from a self-describing format");
}
