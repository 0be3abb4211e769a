//! Types that make trouble: each must end, none may panic.

use super::{Done, One, entry, gaps, text};
use crate::{Schema, SchemaError};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, SeqAccess, VariantAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// What to do as a visitor.
trait Act: Sized {
    fn ask<'de, D: Deserializer<'de>>(deserializer: D, me: Visiting<Self>) -> Result<(), D::Error>;
    fn elements<'de, A: SeqAccess<'de>>(_: A) -> Result<(), A::Error> {
        Ok(())
    }
    fn inner<'de, D: Deserializer<'de>>(_: D) -> Result<(), D::Error> {
        Ok(())
    }
}

struct Visiting<T>(PhantomData<T>);

struct Does<T>(PhantomData<T>);

impl<'de, T: Act> Deserialize<'de> for Does<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::ask(deserializer, Visiting(PhantomData)).map(|()| Does(PhantomData))
    }
}

impl<'de, T: Act> Visitor<'de> for Visiting<T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing good")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<(), A::Error> {
        T::elements(seq)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        T::inner(deserializer)
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        T::inner(deserializer)
    }
}

macro_rules! act {
    ($name:ident, $ask:expr $(, $method:ident: $body:expr)?) => {
        struct $name;
        impl Act for $name {
            fn ask<'de, D: Deserializer<'de>>(deserializer: D, me: Visiting<Self>) -> Result<(), D::Error> {
                #[allow(clippy::redundant_closure_call)]
                ($ask)(deserializer, me)
            }
            $(act!(@ $method $body);)?
        }
    };
    (@ elements $body:expr) => {
        fn elements<'de, A: SeqAccess<'de>>(seq: A) -> Result<(), A::Error> {
            ($body)(seq)
        }
    };
    (@ inner $body:expr) => {
        fn inner<'de, D: Deserializer<'de>>(deserializer: D) -> Result<(), D::Error> {
            ($body)(deserializer)
        }
    };
}

act!(FailsAtOnce, |_, _| Err(D::Error::custom("never")));
act!(AsksNothing, |_, _| Ok(()));
act!(RefusesAll, |deserializer: D, me| deserializer.deserialize_u32(me));
act!(ReadsOn, |deserializer: D, me| deserializer.deserialize_seq(me), elements: |mut seq: A| loop {
    seq.next_element::<u8>()?;
});
act!(ReadsOnOneLess, |deserializer: D, me| deserializer.deserialize_tuple(1, me), elements: |mut seq: A| loop {
    seq.next_element::<u8>()?;
});
act!(WantsAll, |deserializer: D, me| deserializer.deserialize_tuple(usize::MAX, me), elements: |mut seq: A| {
    let mut room = Vec::with_capacity(seq.size_hint().unwrap_or(0));
    while let Some(element) = seq.next_element::<u8>()? {
        room.push(element);
    }
    Ok(())
});
act!(WrapsItself, |deserializer: D, me| deserializer.deserialize_newtype_struct("Wraps", me), inner: |inner| {
    Does::<WrapsItself>::deserialize(inner).map(|_| ())
});
act!(MayHoldItself, |deserializer: D, me| deserializer.deserialize_option(me), inner: |inner| {
    Does::<MayHoldItself>::deserialize(inner).map(|_| ())
});
act!(LeavesElements, |deserializer: D, me| deserializer.deserialize_seq(me));

#[test]
fn what_fails_at_once_is_a_gap() {
    assert_eq!(gaps::<Does<FailsAtOnce>>(), ["`Of` of `Does<FailsAtOnce>` cannot be looked at"]);
    assert_eq!(gaps::<(u8, Does<FailsAtOnce>, u8)>().len(), 2);
}

#[test]
fn what_asks_for_nothing_is_nothing() {
    assert_eq!(text::<(Does<AsksNothing>, u8)>(), "(), u8");
}

#[test]
fn what_refuses_all_is_what_it_asked_for() {
    assert_eq!(text::<(u8, Does<RefusesAll>)>(), "u8, u32");
    assert_eq!(gaps::<(u8, Does<RefusesAll>, u8, u8)>().len(), 1);
}

#[test]
fn what_asks_without_end_ends() {
    assert_eq!(text::<(u8, Does<ReadsOn>)>(), "u8, [u8]");
    assert_eq!(text::<(u8, Does<ReadsOnOneLess>)>(), "u8, (u8)");
    assert_eq!(gaps::<(Does<ReadsOn>, u8)>().len(), 1);
    assert_eq!(gaps::<(u8, Does<WantsAll>)>().len(), 1);
    assert_eq!(text::<(Does<LeavesElements>, u8)>(), "[()], u8");
}

#[test]
fn what_holds_itself_ends() {
    assert_eq!(
        text::<(Does<MayHoldItself>, u8)>(),
        "Option<Option<Option<Option<Option<Option<Option<..>>>>>>>, u8"
    );
    assert_eq!(gaps::<(u8, Does<WrapsItself>)>(), Vec::<String>::new());
    assert_eq!(entry::<Does<WrapsItself>>().fingerprint, entry::<Does<WrapsItself>>().fingerprint);
}

/// At each depth another type, without end.
struct Deeper(usize);

impl<'de> DeserializeSeed<'de> for Deeper {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_tuple(self.0, self)
    }
}

impl<'de> Visitor<'de> for Deeper {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("something deeper")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Deeper(self.0 + 1))?.is_some() {}
        Ok(())
    }
}

struct Deep;

impl<'de> Deserialize<'de> for Deep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Deeper(1).deserialize(deserializer).map(|()| Deep)
    }
}

#[test]
fn types_without_end_end() {
    assert!(!gaps::<(Deep, u8)>().is_empty());
    assert_eq!(entry::<Deep>().fingerprint, entry::<Deep>().fingerprint);
}

/// A value of thirty of these has more leaves than anybody has memory for.
macro_rules! doubling {
    ($($module:ident of $inner:ty),*) => {$(
        mod $module {
            #[derive(serde::Deserialize)]
            #[allow(dead_code)]
            pub(super) struct Two {
                a: Box<$inner>,
                b: Box<$inner>,
            }
        }
    )*};
}

doubling! {
    d0 of u8, d1 of super::d0::Two, d2 of super::d1::Two, d3 of super::d2::Two, d4 of super::d3::Two,
    d5 of super::d4::Two, d6 of super::d5::Two, d7 of super::d6::Two, d8 of super::d7::Two, d9 of super::d8::Two,
    e0 of super::d9::Two, e1 of super::e0::Two, e2 of super::e1::Two, e3 of super::e2::Two, e4 of super::e3::Two,
    e5 of super::e4::Two, e6 of super::e5::Two, e7 of super::e6::Two, e8 of super::e7::Two, e9 of super::e8::Two,
    f0 of super::e9::Two, f1 of super::f0::Two, f2 of super::f1::Two, f3 of super::f2::Two, f4 of super::f3::Two,
    f5 of super::f4::Two, f6 of super::f5::Two, f7 of super::f6::Two, f8 of super::f7::Two, f9 of super::f8::Two
}

#[test]
fn a_type_whose_values_are_too_large_is_seen() {
    assert_eq!(gaps::<f9::Two>(), Vec::<String>::new());
}

/// An enum whose variants are told by their names only, which postcard does not write.
struct Named;

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Named;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_enum<A: EnumAccess<'de>>(self, variant: A) -> Result<Named, A::Error> {
                let (_, contents) = variant.variant::<String>()?;
                contents.unit_variant().map(|()| Named)
            }
        }
        deserializer.deserialize_enum("Named", &["One", "Two"], Names)
    }
}

#[test]
fn variants_that_are_told_by_name_are_a_gap() {
    assert_eq!(gaps::<(Option<Named>, u8)>(), ["`Of.0.One` of `Named` cannot be looked at"]);
}

/// Reads now this, now that.
struct Fickle;

impl<'de> Deserialize<'de> for Fickle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use std::sync::atomic::{AtomicU8, Ordering};
        static TIMES: AtomicU8 = AtomicU8::new(0);
        match TIMES.fetch_add(1, Ordering::Relaxed) % 2 {
            0 => u8::deserialize(deserializer).map(|_| Fickle),
            _ => u16::deserialize(deserializer).map(|_| Fickle),
        }
    }
}

#[test]
fn what_asks_for_different_things_ends() {
    assert_eq!(gaps::<(Fickle, Result<u8, u8>)>(), ["`Of.1.Err` of `Result<u8, u8>` cannot be looked at"]);
}

/// Is content with nothing.
struct Panics;

impl<'de> Deserialize<'de> for Panics {
    fn deserialize<D: Deserializer<'de>>(_: D) -> Result<Self, D::Error> {
        panic!("as it was told")
    }
}

#[test]
fn what_panics_has_no_schema() {
    let schema = Schema::of::<One<Panics>, Done>();
    assert!(matches!(schema, Err(SchemaError::Panics { .. })), "{schema:?}");
}
