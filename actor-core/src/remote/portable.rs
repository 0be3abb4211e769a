//! Messages and replies as bytes.
//!
//! Of a message's enum, postcard writes which variant it is and then the arguments. The number of a variant changes when others are
//! added, so it does not travel: the header names the message, and the body is what comes behind the number.

use crate::actor::Message;
use crate::luggage;
use crate::luggage::depth::{self, Unreadable};
use crate::sync::Mutex;
use actor_schema::{Schema, SchemaError};
use postcard::de_flavors::Slice;
use serde::Serialize;
use serde::de::value::U32Deserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, Visitor};
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

/// Messages that can travel, with their replies: all that serde can write and read.
///
/// `#[actor(derive(Serialize, Deserialize))]` on the impl block, or on the trait of a protocol, derives it for messages and replies.
#[diagnostic::on_unimplemented(
    message = "the messages `{Self}` cannot travel between machines",
    label = "its actor is served or looked up here, and its messages or its replies are not serialisable",
    note = "write `#[actor(derive(Serialize, Deserialize))]` on its impl block, with `use serde::{{Deserialize, Serialize}}`"
)]
pub trait Portable: Message<Reply: Serialize + DeserializeOwned> + Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<M> Portable for M where M: Message<Reply: Serialize + DeserializeOwned> + Serialize + DeserializeOwned {}

/// What is known of these messages.
pub(super) type Known = Result<Schema, SchemaError>;

/// The schema of these messages: made once.
pub(super) fn schema<M: Portable>() -> Arc<Known> {
    type Schemas = HashMap<TypeId, Arc<dyn Any + Send + Sync>>;
    static SCHEMAS: LazyLock<Mutex<Schemas>> = LazyLock::new(|| Mutex::new(Schemas::new()));
    let make = || Arc::new(luggage::looked_at(Schema::of::<M, M::Reply>));
    let known = SCHEMAS.lock().get(&TypeId::of::<M>()).cloned();
    // Made out of the lock: whoever is quicker makes it once more, and of the same.
    let known = known.unwrap_or_else(|| {
        let made = make();
        Arc::clone(SCHEMAS.lock().entry(TypeId::of::<M>()).or_insert(made))
    });
    // It is what was put there for this type.
    known.downcast().unwrap_or_else(|_| make())
}

/// A value of an enum: which variant it is, and what is in it.
pub(super) fn split(value: &impl Serialize) -> Result<(u32, Body), postcard::Error> {
    let bytes = postcard::to_allocvec(value)?;
    let (index, rest) = postcard::take_from_bytes::<u32>(&bytes)?;
    let start = bytes.len() - rest.len();
    Ok((index, Body { bytes, start }))
}

/// The value again.
pub(super) fn join<T: DeserializeOwned>(index: u32, body: &[u8]) -> Result<T, Unreadable> {
    let mut body = postcard::Deserializer::from_bytes(body);
    let value = depth::read(Joined { index, body: &mut body })?;
    // Else something else was written there than is read here.
    if body.finalize()?.is_empty() { Ok(value) } else { Err(postcard::Error::DeserializeBadEncoding.into()) }
}

/// Reads an enum whose variant is known. A large body is not copied only to stand behind a number.
struct Joined<'a, 'de> {
    index: u32,
    body: &'a mut postcard::Deserializer<'de, Slice<'de>>,
}

impl<'a, 'de> EnumAccess<'de> for Joined<'a, 'de> {
    type Error = postcard::Error;
    type Variant = &'a mut postcard::Deserializer<'de, Slice<'de>>;

    fn variant_seed<V: DeserializeSeed<'de>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self::Variant), Self::Error> {
        let index: U32Deserializer<Self::Error> = self.index.into_deserializer();
        Ok((seed.deserialize(index)?, self.body))
    }
}

impl<'de> Deserializer<'de> for Joined<'_, 'de> {
    type Error = postcard::Error;

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_enum(self)
    }

    /// Messages and replies are enums.
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(postcard::Error::WontImplement)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map struct identifier ignored_any
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// What is in a message or in a reply, as bytes.
#[derive(Clone, Debug)]
pub struct Body {
    bytes: Vec<u8>,
    start: usize,
}

impl Body {
    /// Those.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        self.bytes()
    }
}
