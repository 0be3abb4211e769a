//! What is in a value: elements, pairs, fields, a variant's contents.

use super::graph::{Asked, Id, Kind, Place};
use super::pass::{At, Pass, Refused};
use super::tracer::Tracer;
use super::values;
use serde::de::value::U32Deserializer;
use serde::de::{
    DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use std::any::type_name;

/// Elements for which there is room.
const MODEST: usize = 1 << 12;

/// The end of a sequence, and how often it was read past.
struct End(u16);

impl End {
    fn come_to<T>(&mut self) -> Result<Option<T>, Refused> {
        self.0 = self.0.saturating_add(1);
        // Whoever reads on for ever should not.
        if self.0 < 1000 { Ok(None) } else { Err(Refused) }
    }
}

/// The elements of a tuple or the fields of a struct: each a place of its own.
pub(super) struct Elements<'p> {
    pass: &'p Pass,
    at: At,
    id: Id,
    len: usize,
    slot: usize,
    end: End,
}

impl<'p> Elements<'p> {
    pub(super) fn new(pass: &'p Pass, at: At, id: Id) -> Self {
        let node_len = {
            let state = pass.state.borrow();
            let node = state.graph.node(id);
            if node.through { node.children.len() } else { node.asked.len }
        };
        Elements { pass, at, id, len: node_len, slot: 0, end: End(0) }
    }
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Refused;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refused> {
        let Elements { pass, at, id, len, slot, .. } = *self;
        if slot >= len {
            return self.end.come_to();
        }
        self.slot += 1;
        pass.state.borrow_mut().graph.grow(id, slot);
        pass.visit(pass.child(at, id, slot), seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        // Whoever makes room for so many at once means no harm, but a length that was made up would do some.
        Some(self.len - self.slot).filter(|&left| left <= MODEST)
    }
}

/// One field of a struct, by its index, and no other. Only what is derived can be read like this.
pub(super) struct OneField<'p> {
    pass: &'p Pass,
    at: At,
    id: Id,
    slot: Option<usize>,
    end: End,
}

impl<'p> OneField<'p> {
    pub(super) fn new(pass: &'p Pass, at: At, id: Id, slot: usize) -> Self {
        OneField { pass, at, id, slot: Some(slot), end: End(0) }
    }
}

impl<'de> MapAccess<'de> for OneField<'_> {
    type Error = Refused;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refused> {
        let Some(slot) = self.slot else { return self.end.come_to() };
        let read = seed.deserialize(index(slot));
        if read.is_err() {
            self.pass.cut(Place { owner: self.id, slot });
        }
        read.map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refused> {
        let slot = self.slot.take().ok_or(Refused)?;
        self.pass.state.borrow_mut().graph.grow(self.id, slot);
        self.pass.visit(self.pass.child(self.at, self.id, slot), seed)
    }
}

/// The elements of a sequence: all of them stand at one place.
pub(super) struct Repeated<'p> {
    pass: &'p Pass,
    at: At,
    id: Id,
    left: usize,
    end: End,
}

impl<'p> Repeated<'p> {
    /// Also whether there is an element only to be looked at.
    pub(super) fn new(pass: &'p Pass, at: At, id: Id) -> (Self, bool) {
        let count = pass.value(values::COUNTS);
        let looks = pass.is_open(at, id, 0) || pass.next(at, id).is_some();
        (Repeated { pass, at, id, left: count.max(usize::from(looks)), end: End(0) }, looks)
    }
}

impl<'de> SeqAccess<'de> for Repeated<'_> {
    type Error = Refused;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refused> {
        let Repeated { pass, at, id, .. } = *self;
        if self.left == 0 {
            return self.end.come_to();
        }
        self.left -= 1;
        pass.visit(pass.child(at, id, 0), seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left)
    }
}

/// The pairs of a map.
pub(super) struct Pairs<'p>(Repeated<'p>);

impl<'p> Pairs<'p> {
    /// Also whether there is a pair only to be looked at.
    pub(super) fn new(pass: &'p Pass, at: At, id: Id) -> (Self, bool) {
        let (keys, looks) = Repeated::new(pass, at, id);
        let looks = looks || pass.is_open(at, id, 1);
        let left = keys.left.max(usize::from(looks));
        (Pairs(Repeated { left, ..keys }), looks)
    }
}

impl<'de> MapAccess<'de> for Pairs<'_> {
    type Error = Refused;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Refused> {
        self.0.next_element_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Refused> {
        let Repeated { pass, at, id, .. } = self.0;
        pass.visit(pass.child(at, id, 1), seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.left)
    }
}

/// One variant of an enum; its contents stand at `at`.
pub(super) struct Variant<'p> {
    pass: &'p Pass,
    at: At,
    /// The enum's Rust type.
    of: &'static str,
    variant: usize,
}

impl<'p> Variant<'p> {
    pub(super) fn new(pass: &'p Pass, at: At, of: &'static str, variant: usize) -> Self {
        Variant { pass, at, of, variant }
    }

    fn ask(
        &self,
        kind: Kind,
        names: &'static [&'static str],
        len: usize,
        by: &'static str,
    ) -> Result<Id, Refused> {
        let asked = Asked { kind, name: "", names, len, of: self.of, by };
        self.pass.ask(self.at, self.of, asked, false)
    }

    fn visit_fields<'de, V: Visitor<'de>>(&self, id: Id, visitor: V) -> Result<V::Value, Refused> {
        Tracer::new(self.pass, self.at, self.of).visit_fields(id, visitor)
    }
}

impl<'de> EnumAccess<'de> for Variant<'_> {
    type Error = Refused;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Refused> {
        let read = seed.deserialize(index(self.variant));
        if read.is_err() {
            self.pass.cut(self.at.place);
        }
        read.map(|variant| (variant, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_> {
    type Error = Refused;

    fn unit_variant(self) -> Result<(), Refused> {
        self.ask(Kind::Unit, &[], 0, "").map(drop)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Refused> {
        self.pass.visit(self.at, seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Refused> {
        let id = self.ask(Kind::Tuple, &[], len, type_name::<V>())?;
        self.visit_fields(id, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Refused> {
        let id = self.ask(Kind::Struct, fields, fields.len(), type_name::<V>())?;
        self.visit_fields(id, visitor)
    }
}

fn index(index: usize) -> U32Deserializer<Refused> {
    (index as u32).into_deserializer()
}
