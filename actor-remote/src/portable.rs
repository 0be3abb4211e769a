//! Messages and replies as bytes.
//!
//! Of a message's enum, postcard writes which variant it is and then the arguments. The number of a variant changes when others are
//! added, so it does not travel: the header names the message, and the body is what comes behind the number.

use crate::schema::{Schema, SchemaError};
use actor_core::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

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
pub(crate) type Known = Result<Schema, SchemaError>;

/// The schema of these messages: made once.
pub(crate) fn schema<M: Portable>() -> Arc<Known> {
    type Schemas = HashMap<TypeId, Arc<dyn Any + Send + Sync>>;
    static SCHEMAS: Mutex<Option<Schemas>> = Mutex::new(None);
    let make = || Arc::new(Schema::of::<M, M::Reply>());
    let mut schemas = SCHEMAS.lock().unwrap_or_else(PoisonError::into_inner);
    let known = schemas.get_or_insert_default().entry(TypeId::of::<M>()).or_insert_with(|| make());
    // It is what was put there for this type.
    Arc::clone(known).downcast().unwrap_or_else(|_| make())
}

/// A value of an enum: which variant it is, and what is in it.
pub(crate) fn split(value: &impl Serialize) -> Result<(u32, Body), postcard::Error> {
    let bytes = postcard::to_allocvec(value)?;
    let (index, rest) = postcard::take_from_bytes::<u32>(&bytes)?;
    let start = bytes.len() - rest.len();
    Ok((index, Body { bytes, start }))
}

/// The value again.
pub(crate) fn join<T: DeserializeOwned>(index: u32, body: &[u8]) -> Result<T, postcard::Error> {
    let mut bytes = Vec::with_capacity(body.len() + 5);
    bytes = postcard::to_extend(&index, bytes)?;
    bytes.extend_from_slice(body);
    match postcard::take_from_bytes(&bytes)? {
        (value, []) => Ok(value),
        // Something else was written there than is read here.
        (_, _) => Err(postcard::Error::DeserializeBadEncoding),
    }
}

/// What is in a message or in a reply, as bytes.
#[derive(Debug)]
pub(crate) struct Body {
    bytes: Vec<u8>,
    start: usize,
}

impl Body {
    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(self.start..).unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes().len()
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Body { bytes, start: 0 }
    }
}
