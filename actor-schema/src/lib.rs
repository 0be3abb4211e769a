//! A part of `actor-remote`: what the messages of an actor are made of, and a fingerprint of each.
//!
//! Two programs that talk to each other were built at different times. A call carries the name of its message and a fingerprint of it: a
//! hash of what the message and its reply look like on the wire. A message that was changed on one side only is so refused by
//! name, before anything is decoded; those that were added, removed or moved within the enum change nothing for the others.
//!
//! A shape is learned from `Deserialize` alone: values are made up and what is asked for on the way is written down. No other derive is
//! needed, and types of other crates are seen through as the program's own.
//!
//! # What counts
//!
//! | changed | fingerprint |
//! |---|---|
//! | the message's name, a field's name, type or place, one field more | another |
//! | a variant of an enum in it: its name, place or contents, one more | another: what is sent next may be that variant, and who does not know it cannot read the message |
//! | the reply or its error, likewise | another |
//! | the name of a struct or an enum, the module of a type, a newtype around it, a type split into two alike | the same: nothing of that is on the wire |
//! | `Vec<u8>` for bytes, `Box`, `Arc`, an array for a tuple of equal types | the same: they are the same bytes |
//! | a field or a variant renamed for serde back to its old name | the same: the names are those of serde |
//! | other messages, their order, their number | the same |
//!
//! Names of fields are not on the wire either, but count: with `{ from, to }` made `{ to, from }` the bytes would be read well, and the
//! money go the other way. An alias counts as one more name.
//!
//! # What is not seen
//!
//! A type that is particular, say a date in a text, gets other values until it is content with one. If none will do, fields behind it are
//! asked for by name. Only what remains, the elements of a tuple behind such a one, is a [`Gap`]: the Rust type's name counts instead.
//!
//! Checks of values do not count (`NonZeroU32` is a `u32`), nor does whatever `Serialize` does in its own way: a field that is skipped when it is
//! written only, or a variant behind one that is skipped, cannot be read back, and nothing here tells.
//!
//! A `Deserialize` that panics for some value may panic here too, if that value is made up: then there is no schema. It would as well for
//! what a stranger sends.

#![forbid(unsafe_code)]

mod access;
mod canon;
mod gap;
mod graph;
mod pass;
mod search;
mod survey;
mod text;
mod trace;
mod tracer;
mod values;

#[cfg(test)]
mod tests;

pub use gap::{Gap, Why};

use serde::de::DeserializeOwned;
use std::any::type_name;
use std::collections::HashMap;
use std::fmt;
use std::panic;
use std::sync::Arc;

/// In front of everything that is hashed. It changes when what counts does, so that all messages are refused and not only some.
const VERSION: &str = "actor schema 1";

/// One message with its reply.
#[derive(Clone, Debug)]
pub struct Entry {
    /// What its variant is called.
    pub name: &'static str,
    /// Its place in the enum, and that of its reply: what postcard writes in front of either. It is this program's own, and another may
    /// have another, so what travels is the name.
    pub index: u32,
    /// Of the name, and of the shapes of the message and its reply.
    pub fingerprint: u64,
    /// For errors and documentation: `Deposit { amount: u64 } -> Result<u64, Overdrawn { missing: u64 }>`.
    pub text: String,
    /// What the fingerprint does not see.
    pub gaps: Vec<Gap>,
}

impl Entry {
    /// Why the message or its reply cannot travel at all.
    #[must_use]
    pub fn obstacle(&self) -> Option<&Gap> {
        self.gaps.iter().find(|gap| gap.why == Why::SelfDescribing)
    }
}

/// The messages of an actor, by name and by index.
#[derive(Clone, Debug)]
pub struct Schema {
    entries: Vec<Arc<Entry>>,
    by_name: HashMap<&'static str, usize>,
}

impl Schema {
    /// Looks at the messages `M` and their replies `R`: enums of the same variants in the same order.
    ///
    /// # Errors
    ///
    /// If they are not. A message that cannot travel is no error here: see [`Entry::obstacle`].
    pub fn of<M: DeserializeOwned, R: DeserializeOwned>() -> Result<Schema, SchemaError> {
        panic::catch_unwind(Self::look_at::<M, R>)
            .unwrap_or(Err(SchemaError::Panics { of: type_name::<M>() }))
    }

    fn look_at<M: DeserializeOwned, R: DeserializeOwned>() -> Result<Schema, SchemaError> {
        let messages = names::<M>()?;
        let replies = names::<R>()?;
        let mut entries = Vec::new();
        for (index, &name) in messages.iter().enumerate() {
            if replies.get(index) != Some(&name) {
                return Err(SchemaError::NoReply { message: name, of: type_name::<R>() });
            }
            entries.push(Arc::new(entry::<M, R>(name, index)?));
        }
        let by_name = entries.iter().enumerate().map(|(at, entry)| (entry.name, at)).collect();
        Ok(Schema { entries, by_name })
    }

    /// The message of this name.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<&Arc<Entry>> {
        self.by_name.get(name).map(|&at| &self.entries[at])
    }

    /// In the order of the enum.
    #[must_use]
    pub fn entries(&self) -> &[Arc<Entry>] {
        &self.entries
    }

    /// The one at this place in the enum.
    #[must_use]
    pub fn by_index(&self, index: u32) -> Option<&Arc<Entry>> {
        self.entries.get(usize::try_from(index).ok()?)
    }
}

fn names<T: DeserializeOwned>() -> Result<&'static [&'static str], SchemaError> {
    trace::names::<T>().ok_or(SchemaError::NotAnEnum { of: type_name::<T>() })
}

fn entry<M: DeserializeOwned, R: DeserializeOwned>(
    name: &'static str,
    index: usize,
) -> Result<Entry, SchemaError> {
    let message = trace::trace::<M>(index);
    let reply = trace::trace::<R>(index);
    for (traced, of) in [(&message, type_name::<M>()), (&reply, type_name::<R>())] {
        if traced.missing {
            return Err(SchemaError::Aliased { message: name, of });
        }
    }
    let mut bytes = Vec::new();
    canon::write_text(&mut bytes, VERSION);
    canon::write_text(&mut bytes, name);
    bytes.extend(canon::write(&message.graph));
    bytes.extend(canon::write(&reply.graph));
    let mut fingerprint = [0; 8];
    blake3::Hasher::new().update(&bytes).finalize_xof().fill(&mut fingerprint);

    let mut gaps = gap::gaps(name, &message.graph);
    gaps.extend(gap::gaps("reply", &reply.graph));
    Ok(Entry {
        name,
        index: index as u32,
        fingerprint: u64::from_le_bytes(fingerprint),
        text: format!("{} -> {}", text::message(name, &message.graph), text::reply(&reply.graph)),
        gaps,
    })
}

/// Why two types are no messages and replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemaError {
    /// The type is not read as an enum.
    NotAnEnum {
        /// The type.
        of: &'static str,
    },
    /// The replies have another variant, or none, where the message stands.
    NoReply {
        /// The message.
        message: &'static str,
        /// The type of the replies.
        of: &'static str,
    },
    /// The enum says that it has the variant, but does not read it: it has aliases, so its names do not tell which message is which.
    Aliased {
        /// The variant.
        message: &'static str,
        /// The enum.
        of: &'static str,
    },
    /// A `Deserialize` that it is made of panics.
    Panics {
        /// The enum that it is in.
        of: &'static str,
    },
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SchemaError::NotAnEnum { of } => write!(f, "`{of}` is not read as an enum of messages"),
            SchemaError::NoReply { message, of } => {
                write!(f, "`{of}` has no `{message}` where the message stands")
            }
            SchemaError::Aliased { message, of } => {
                write!(f, "`{of}` does not read its variant `{message}`: messages cannot have aliases")
            }
            SchemaError::Panics { of } => write!(f, "a `Deserialize` of what is in `{of}` panics"),
        }
    }
}

impl std::error::Error for SchemaError {}
