//! Messages and replies as bytes.
//!
//! Of a message's enum, postcard writes which variant it is and then the arguments. The number of a variant changes when others are
//! added, so it does not travel: the header names the message, and the body is what comes behind the number.

use crate::actor::Message;
use crate::luggage;
use crate::sync::Mutex;
use actor_schema::{Schema, SchemaError};
use serde::Serialize;
use serde::de::DeserializeOwned;
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
pub(super) fn join<T: DeserializeOwned>(index: u32, body: &[u8]) -> Result<T, postcard::Error> {
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
