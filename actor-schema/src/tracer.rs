//! The deserializer that reads from nowhere.

use super::access::{Elements, OneField, Pairs, Repeated, Variant};
use super::graph::{Asked, Id, Kind, Place};
use super::pass::{At, Pass, Refused};
use super::values;
use serde::de::{Deserializer, Visitor};
use std::any::type_name;

/// Makes one value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tracer<'p> {
    pass: &'p Pass,
    at: At,
    /// The Rust type that is wanted here.
    of: &'static str,
    /// Set at the enum of messages: the one to look at.
    message: Option<usize>,
}

impl<'p> Tracer<'p> {
    pub(super) fn new(pass: &'p Pass, at: At, of: &'static str) -> Self {
        Tracer { pass, at, of, message: None }
    }

    /// At the enum of messages, of which only `message` is made. The enum itself is not written down: if a message carries it, that
    /// is an enum like any other.
    pub(super) fn of_message(pass: &'p Pass, at: At, of: &'static str, message: usize) -> Self {
        Tracer { pass, at, of, message: Some(message) }
    }

    fn ask<'de, V: Visitor<'de>>(
        &self,
        _: &V,
        kind: Kind,
        name: &'static str,
        names: &'static [&'static str],
        len: usize,
    ) -> Result<Id, Refused> {
        if self.message.is_some() {
            return Err(Refused);
        }
        let asked = Asked { kind, name, names, len, of: type_name::<V::Value>(), by: type_name::<V>() };
        let shared = matches!(
            kind,
            Kind::Option | Kind::Seq | Kind::Map | Kind::Newtype | Kind::Tuple | Kind::Struct | Kind::Enum
        );
        self.pass.ask(self.at, self.of, asked, shared)
    }

    /// Reads fields or elements, each once.
    pub(super) fn visit_fields<'de, V: Visitor<'de>>(&self, id: Id, visitor: V) -> Result<V::Value, Refused> {
        let Tracer { pass, at, .. } = *self;
        if let Some(slot) = pass.next(at, id)
            && pass.survey.is_behind(pass.state.borrow().graph.node(id), slot)
        {
            let made = visitor.visit_map(OneField::new(pass, at, id, slot));
            // There is only the one, so that it fails says nothing.
            pass.state.borrow_mut().settled = true;
            return made;
        }
        let made = visitor.visit_seq(Elements::new(pass, at, id));
        if made.is_ok() {
            pass.state.borrow_mut().graph.node_mut(id).through = true;
        }
        made
    }

    /// The child at `slot` has been given to `V`, to be looked at.
    fn looked_at<'de, V: Visitor<'de>>(&self, made: &Result<V::Value, Refused>, id: Id, slot: usize) {
        let place = Place { owner: id, slot };
        self.pass.state.borrow_mut().has_read(place, type_name::<V::Value>(), made.is_ok());
    }

    fn in_vain<T>(self, of: &'static str) -> Result<T, Refused> {
        if self.message.is_none() {
            self.pass.ask_in_vain(self.at, of);
        }
        Err(Refused)
    }
}

macro_rules! leaves {
    ($($asked:ident: $kind:ident, $visit:ident($values:ident);)*) => {$(
        fn $asked<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
            self.ask(&visitor, Kind::$kind, "", &[], 0)?;
            visitor.$visit(self.pass.value(values::$values))
        }
    )*};
}

impl<'de> Deserializer<'de> for Tracer<'_> {
    type Error = Refused;

    leaves! {
        deserialize_bool: Bool, visit_bool(BOOLS);
        deserialize_i8: I8, visit_i8(I8);
        deserialize_i16: I16, visit_i16(I16);
        deserialize_i32: I32, visit_i32(I32);
        deserialize_i64: I64, visit_i64(I64);
        deserialize_i128: I128, visit_i128(I128);
        deserialize_u8: U8, visit_u8(U8);
        deserialize_u16: U16, visit_u16(U16);
        deserialize_u32: U32, visit_u32(U32);
        deserialize_u64: U64, visit_u64(U64);
        deserialize_u128: U128, visit_u128(U128);
        deserialize_f32: F32, visit_f32(F32);
        deserialize_f64: F64, visit_f64(F64);
        deserialize_char: Char, visit_char(CHARS);
        deserialize_str: Str, visit_borrowed_str(TEXTS);
        deserialize_string: Str, visit_borrowed_str(TEXTS);
        deserialize_bytes: Bytes, visit_borrowed_bytes(BYTES);
        deserialize_byte_buf: Bytes, visit_borrowed_bytes(BYTES);
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        self.ask(&visitor, Kind::Unit, "", &[], 0)?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        self.ask(&visitor, Kind::Unit, name, &[], 0)?;
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let id = self.ask(&visitor, Kind::Newtype, name, &[], 1)?;
        let inner = Tracer::new(self.pass, self.pass.child(self.at, id, 0), type_name::<V::Value>());
        let made = visitor.visit_newtype_struct(inner);
        self.looked_at::<V>(&made, id, 0);
        made
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let Tracer { pass, at, .. } = self;
        let id = self.ask(&visitor, Kind::Option, "", &[], 1)?;
        let picked = pass.choose(2) == 1;
        if !picked && !pass.is_open(at, id, 0) && pass.next(at, id).is_none() {
            return visitor.visit_none();
        }
        let made = visitor.visit_some(Tracer::new(pass, pass.child(at, id, 0), type_name::<V::Value>()));
        self.looked_at::<V>(&made, id, 0);
        made
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let id = self.ask(&visitor, Kind::Seq, "", &[], 1)?;
        let (elements, looks) = Repeated::new(self.pass, self.at, id);
        let made = visitor.visit_seq(elements);
        if looks {
            self.looked_at::<V>(&made, id, 0);
        }
        made
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Refused> {
        let id = self.ask(&visitor, Kind::Map, "", &[], 2)?;
        let (pairs, looks) = Pairs::new(self.pass, self.at, id);
        let made = visitor.visit_map(pairs);
        if looks {
            self.looked_at::<V>(&made, id, 0);
        }
        made
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refused> {
        let id = self.ask(&visitor, Kind::Tuple, "", &[], len)?;
        self.visit_fields(id, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let id = self.ask(&visitor, Kind::Tuple, name, &[], len)?;
        self.visit_fields(id, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let id = self.ask(&visitor, Kind::Struct, name, fields, fields.len())?;
        self.visit_fields(id, visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let Tracer { pass, at, .. } = self;
        let of = type_name::<V::Value>();
        if let Some(message) = self.message {
            pass.state.borrow_mut().messages = Some(variants);
            return visitor.visit_enum(Variant::new(pass, at, of, message));
        }
        let id = self.ask(&visitor, Kind::Enum, name, variants, variants.len())?;
        let Some(variant) = pass.variant(at, id) else {
            // No variant, or none of which it is known yet how it ends.
            pass.state.borrow_mut().settled = true;
            return Err(Refused);
        };
        let made = visitor.visit_enum(Variant::new(pass, pass.child(at, id, variant), of, variant));
        self.looked_at::<V>(&made, id, variant);
        made
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refused> {
        self.in_vain(self.of)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refused> {
        // A key of the map that a flattened struct is.
        let of = self.pass.state.borrow().graph.node(self.at.place.owner).asked.of;
        self.in_vain(of)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refused> {
        if self.pass.survey.is_by_name() {
            // What a struct does with a field that it does not have.
            self.pass.cut(self.at.place);
            return Err(Refused);
        }
        self.in_vain(self.of)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
