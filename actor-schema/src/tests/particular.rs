//! Types that do not take every value.

use super::{derived, entry, gaps, print, text};
use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use std::fmt;

/// A range whose end lies behind its start.
#[derive(Deserialize)]
#[serde(try_from = "(NonZero, NonZero)")]
struct Rising;

type NonZero = std::num::NonZeroU8;

impl TryFrom<(NonZero, NonZero)> for Rising {
    type Error = &'static str;

    fn try_from((from, to): (NonZero, NonZero)) -> Result<Self, Self::Error> {
        if from < to { Ok(Rising) } else { Err("not rising") }
    }
}

/// The other way round.
#[derive(Deserialize)]
#[serde(try_from = "(NonZero, NonZero)")]
struct Falling;

impl TryFrom<(NonZero, NonZero)> for Falling {
    type Error = &'static str;

    fn try_from((from, to): (NonZero, NonZero)) -> Result<Self, Self::Error> {
        if from > to { Ok(Falling) } else { Err("not falling") }
    }
}

#[derive(Deserialize)]
#[serde(try_from = "Vec<Option<u8>>")]
struct Filled;

impl TryFrom<Vec<Option<u8>>> for Filled {
    type Error = &'static str;

    fn try_from(list: Vec<Option<u8>>) -> Result<Self, Self::Error> {
        if list.len() == 2 && list[0].is_some() { Ok(Filled) } else { Err("too empty") }
    }
}

/// Sixteen bytes that do not say beforehand how many they are.
struct Sixteen;

impl<'de> Deserialize<'de> for Sixteen {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Vec::<u8>::deserialize(deserializer)?;
        if bytes.len() == 16 { Ok(Sixteen) } else { Err(D::Error::custom("not sixteen")) }
    }
}

#[test]
fn a_value_is_found_that_is_accepted() {
    assert_eq!(text::<(Rising, u8)>(), "(u8, u8), u8");
    assert_eq!(text::<(Rising, Falling, Rising, Filled, Sixteen, char)>(), {
        "(u8, u8), (u8, u8), (u8, u8), [Option<u8>], [u8], char"
    });
    let behind = derived! { struct T(Vec<(Falling, Option<(Rising, Inner)>)>); enum Inner { A(u8), B } };
    let other = derived! { struct T(Vec<(Falling, Option<(Rising, Inner)>)>); enum Inner { A(i8), B } };
    assert_ne!(behind, other);
}

#[derive(Deserialize)]
#[serde(try_from = "u8")]
struct Odd(u8);

impl TryFrom<u8> for Odd {
    type Error = &'static str;

    fn try_from(number: u8) -> Result<Self, Self::Error> {
        if number % 2 == 1 { Ok(Odd(number)) } else { Err("even") }
    }
}

#[derive(Deserialize)]
#[serde(try_from = "(Odd, Odd)")]
struct RisingOdd;

impl TryFrom<(Odd, Odd)> for RisingOdd {
    type Error = &'static str;

    fn try_from((from, to): (Odd, Odd)) -> Result<Self, Self::Error> {
        if from.0 < to.0 { Ok(RisingOdd) } else { Err("not rising") }
    }
}

#[test]
fn what_accepts_a_value_is_not_blamed_for_what_is_wanted_around_it() {
    assert_eq!(text::<(RisingOdd, Odd, u16)>(), "(u8, u8), u8, u16");
}

#[derive(Deserialize)]
#[serde(try_from = "(Option<bool>, u8)")]
struct OnlyThree;

impl TryFrom<(Option<bool>, u8)> for OnlyThree {
    type Error = &'static str;

    fn try_from(pair: (Option<bool>, u8)) -> Result<Self, Self::Error> {
        if pair == (None, 3) { Ok(OnlyThree) } else { Err("not three") }
    }
}

#[test]
fn what_was_only_looked_at_is_no_start_of_a_search() {
    assert_eq!(text::<(OnlyThree, u16)>(), "(Option<bool>, u8), u16");
}

/// A check digit that nobody guesses.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Iban;

impl TryFrom<String> for Iban {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text == "GB82WEST12345698765432" { Ok(Iban) } else { Err("wrong check digits") }
    }
}

#[test]
fn what_refuses_everything_is_seen_if_nothing_is_behind_it() {
    assert_eq!(text::<Iban>(), "str");
    assert_eq!(text::<(u8, Iban)>(), "u8, str");
    assert_eq!(print::<(u8, Iban)>(), print::<(u8, String)>());
}

#[test]
fn fields_behind_what_refuses_everything_are_asked_for_by_name() {
    let behind = derived! {
        struct T { from: Iban, to: Iban, what: What }
        enum What { All, Some { amount: u64, note: Option<String> } }
    };
    let as_text = derived! {
        struct T { from: String, to: String, what: What }
        enum What { All, Some { amount: u64, note: Option<String> } }
    };
    assert_eq!(behind, as_text);

    #[derive(Deserialize)]
    #[allow(dead_code)]
    enum Way {
        Fast { to: Iban, amount: u64 },
        Slow { to: Vec<Iban>, after: u8 },
    }
    assert_eq!(
        text::<(u8, Way)>(),
        "u8, Way { Fast { to: str, amount: u64 }, Slow { to: [str], after: u8 } }"
    );
}

#[test]
fn aliases_are_no_fields() {
    let known = print::<(String, u8)>();
    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Aliased {
        #[serde(alias = "x", alias = "y")]
        to: Iban,
        amount: u8,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Strict {
        #[serde(alias = "x", alias = "y")]
        to: Iban,
        amount: u8,
    }
    assert_ne!(print::<Aliased>(), known);
    assert_eq!(print::<Aliased>(), print::<Strict>());
    let of_text = derived! { struct T { #[serde(alias = "x", alias = "y")] to: String, amount: u8 } };
    assert_eq!(print::<Aliased>(), of_text);
}

#[test]
fn elements_behind_what_refuses_everything_count_by_the_name_of_their_type() {
    assert_eq!(gaps::<(Iban, u64)>(), ["`Of.1` of `(Iban, u64)` cannot be looked at"]);
    assert_eq!(text::<(Iban, u64)>(), "str, ..");
    let known = entry::<(Iban, u64)>().fingerprint;
    assert_ne!(known, entry::<(Iban, u32)>().fingerprint);
    assert_ne!(known, entry::<(Iban, u64, u8)>().fingerprint);
    // In a list or a variant it is not in the way of what is behind that.
    assert_eq!(gaps::<(Vec<Iban>, Option<Iban>, Result<u8, Iban>, u64)>(), Vec::<String>::new());
}

#[test]
fn a_gap_hides_only_what_is_behind_it() {
    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Transfer {
        before: u8,
        pair: (Iban, Hidden),
        after: After,
    }
    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Hidden {
        x: u8,
    }
    #[derive(Deserialize)]
    #[allow(dead_code)]
    enum After {
        A(u8),
        B(Vec<i8>),
    }
    assert_eq!(
        text::<Transfer>(),
        "Transfer { before: u8, pair: (str, ..), after: After { A(u8), B([i8]) } }"
    );
    assert_eq!(gaps::<Transfer>(), ["`Of.pair.1` of `(Iban, Hidden)` cannot be looked at"]);
}

/// Reads a version first, and then what that one had.
struct Versioned;

impl<'de> Deserialize<'de> for Versioned {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Versions;
        impl<'de> Visitor<'de> for Versions {
            type Value = Versioned;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("version 3")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Versioned, A::Error> {
                match seq.next_element::<u8>()? {
                    Some(3) => seq.next_element::<String>()?.map(|_| Versioned),
                    _ => None,
                }
                .ok_or_else(|| A::Error::custom("not version 3"))
            }
        }
        deserializer.deserialize_tuple(2, Versions)
    }
}

#[test]
fn a_value_that_decides_what_comes_next_is_found() {
    assert_eq!(text::<(Versioned, bool)>(), "(u8, str), bool");
}
