//! Handles within messages and replies.
//!
//! In the bytes a handle is what the [`Porter`] of the peer makes of it. It is read as a handle of the same type: the actor's own where it
//! lives, a proxy elsewhere. The same actor is the same handle: one that came twice is equal to itself.

use super::portable::Portable;
use super::served::{Service, serve};
use super::way::{self, Carrier};
use crate::actor::Message;
use crate::default_handle::DefaultHandle;
use crate::error::CallError;
use crate::handle::{ActorHandle, Handle};
use crate::id::ActorId;
use crate::luggage::{self, Bound, Token};
use crate::raw_handle::RawHandle;
use crate::spawn::Spawn;
use crate::{from_fn, runtime};
use actor_schema::SchemaError;
use serde::de::{self, Deserializer, SeqAccess, Visitor};
use serde::ser::{self, SerializeStruct, Serializer};
use serde::{Deserialize, Serialize};
use std::any::TypeId;
use std::fmt;
use std::future::Ready;
use std::sync::{Arc, OnceLock};

/// Who gives one peer the handles that it is sent, and takes those that it sends.
pub trait Porter: Send + Sync {
    /// By which bytes the peer reaches the actor of this identity, through a handle of this kind; and what has to live until it does.
    ///
    /// # Errors
    /// In words, if it cannot.
    fn give(
        &self,
        actor: ActorId,
        kind: TypeId,
        service: &dyn Fn() -> Result<Arc<dyn Service>, SchemaError>,
    ) -> Result<(Vec<u8>, Token), String>;

    /// To whom these bytes of the peer lead, through a handle of this kind. `again` is said if the one who was known has ended.
    ///
    /// # Errors
    /// In words, if they lead to nobody.
    fn take(&self, bytes: &[u8], kind: TypeId, again: bool) -> Result<Given, String>;
}

/// Whom the peer has given.
pub enum Given {
    /// An actor of this program.
    Here(Arc<dyn Service>),
    /// One that is elsewhere.
    Elsewhere(Arc<dyn Carrier>),
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Given::Here(_) => "Here",
            Given::Elsewhere(_) => "Elsewhere",
        })
    }
}

/// What the messages of an actor must be so that its handle can travel.
#[diagnostic::on_unimplemented(
    message = "a handle whose messages are `{Self}` cannot travel between machines",
    label = "its messages or its replies are not serialisable",
    note = "write `#[actor(derive(Serialize, Deserialize))]` on the impl block of its actor or on its trait, with `use serde::{{Deserialize, Serialize}}`"
)]
pub trait Travels<'a>: Portable {}

#[diagnostic::do_not_recommend]
impl<M: Portable> Travels<'_> for M {}

/// Writes a handle; `names` has one, which says what kind of actor it leads to.
///
/// # Errors
/// Where no porter is, as for a file: a handle is no data.
pub fn write_handle<H, S>(
    handle: &H,
    names: &'static [&'static str; 1],
    serializer: S,
) -> Result<S::Ok, S::Error>
where
    H: ActorHandle<Message: Portable>,
    S: Serializer,
{
    let [name] = names;
    let given = match luggage::bound() {
        Bound::For(porter) => {
            let service = || serve(handle.clone());
            porter
                .give(handle.id(), TypeId::of::<H>(), &service)
                .map_err(|why| ser::Error::custom(luggage::complain(why)))?
        }
        Bound::Nowhere | Bound::Looked => {
            return Err(ser::Error::custom("a handle is no data: it travels between nodes only"));
        }
    };
    let (bytes, token) = given;
    luggage::keep(token);
    let mut fields = serializer.serialize_struct("Handle", 1)?;
    fields.serialize_field(name, &Bytes(bytes))?;
    fields.end()
}

/// Reads one.
///
/// # Errors
/// If it leads to nobody, or to another kind of actor; where no porter is.
pub fn read_handle<'de, H, D>(names: &'static [&'static str; 1], deserializer: D) -> Result<H, D::Error>
where
    H: ActorHandle<Message: Portable>,
    D: Deserializer<'de>,
{
    let Bytes(bytes) = deserializer.deserialize_struct("Handle", names, Only)?;
    match luggage::bound() {
        Bound::For(porter) => {
            found(&*porter, &bytes).map_err(|why| de::Error::custom(luggage::complain(why)))
        }
        Bound::Looked => Ok(H::from_raw(nobody())),
        Bound::Nowhere => Err(de::Error::custom("a handle is no data: it travels between nodes only")),
    }
}

fn found<H: ActorHandle<Message: Portable>>(porter: &dyn Porter, bytes: &[u8]) -> Result<H, String> {
    let kind = TypeId::of::<H>();
    for again in [false, true] {
        match porter.take(bytes, kind, again)? {
            Given::Here(service) => {
                let handle = service.handle().downcast_ref().cloned();
                return handle.ok_or_else(|| "a handle of another kind of actor".to_owned());
            }
            Given::Elsewhere(carrier) => {
                if let Some(handle) = way::known(&carrier) {
                    return Ok(handle);
                }
            }
        }
    }
    Err("a handle of nobody".to_owned())
}

/// The only field of a handle.
struct Only;

impl<'de> Visitor<'de> for Only {
    type Value = Bytes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a handle")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<Bytes, A::Error> {
        fields.next_element()?.ok_or_else(|| de::Error::custom("a handle without its actor"))
    }
}

/// A porter's bytes.
struct Bytes(Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl Visitor<'_> for Any {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("bytes")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Any)
    }
}

/// The messages of an actor that has none.
#[derive(Debug)]
pub(crate) enum Nobody {}

impl Message for Nobody {
    type Reply = ();

    fn name(&self) -> &'static str {
        match *self {}
    }
}

/// A handle of an actor that has ended: what is read where only the shape of a message is looked at.
pub(crate) fn nobody() -> RawHandle {
    static NOBODY: OnceLock<RawHandle> = OnceLock::new();
    let made = NOBODY.get_or_init(|| {
        let how = Spawn::new().on(&runtime::current_or_own());
        let nobody: DefaultHandle<Nobody> =
            from_fn::spawn(how, |message: Nobody, _| -> Ready<Result<(), CallError>> { match message {} });
        nobody.kill();
        nobody.raw().clone()
    });
    made.clone()
}
