//! Who takes part.

mod erlang;
mod frames;
mod iroh;
mod ours;
mod question;
mod quinn;
mod remoc;
mod tarpc;
mod tcp;
pub mod tonic;

use crate::BoxError;
use crate::measure::{Figures, Load};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream, Stream};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub type Served = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;
pub type Reply<'a> = Pin<Box<dyn Future<Output = Result<Bytes, BoxError>> + Send + 'a>>;
pub type Connected = Pin<Box<dyn Future<Output = Result<Arc<dyn Peer>, BoxError>> + Send>>;

pub type Items = BoxStream<'static, Result<Bytes, BoxError>>;
pub type Opening<'a> = Pin<Box<dyn Future<Output = Result<Items, BoxError>> + Send + 'a>>;

/// The other process, as it is called from here.
pub trait Peer: Send + Sync {
    fn echo(&self, bytes: Bytes) -> Reply<'_>;
    /// A reply of so many bytes.
    fn bulk(&self, size: u32) -> Reply<'_>;
    /// A stream of so many items, if there are streams.
    fn items(&self, _count: u32) -> Option<Opening<'_>> {
        None
    }
}

pub struct Contestant {
    pub name: &'static str,
    pub is_encrypted: bool,
    pub how: How,
}

pub enum How {
    /// Both processes are this program.
    Here {
        /// Prints a line that says where it is, and serves for ever.
        serve: fn() -> Served,
        connect: fn(String) -> Connected,
    },
    /// It measures by itself. `None`: it is not installed.
    Elsewhere(fn(&Load) -> Result<Option<Figures>, BoxError>),
}

macro_rules! contestant {
    ($name:literal, $module:ident, $is_encrypted:literal) => {
        Contestant {
            name: $name,
            is_encrypted: $is_encrypted,
            how: How::Here {
                serve: || Box::pin($module::serve()),
                connect: |address| {
                    Box::pin(async move { Ok(Arc::new($module::connect(address).await?) as Arc<dyn Peer>) })
                },
            },
        }
    };
}

pub const ALL: [Contestant; 8] = [
    contestant!("ours", ours, true),
    contestant!("iroh", iroh, true),
    contestant!("quinn", quinn, true),
    contestant!("tcp", tcp, false),
    contestant!("tonic", tonic, false),
    contestant!("tarpc", tarpc, false),
    contestant!("remoc", remoc, false),
    Contestant { name: "erlang", is_encrypted: false, how: How::Elsewhere(erlang::run) },
];

/// What a bulk call is answered with.
fn body(size: u32) -> Bytes {
    vec![1; size as usize].into()
}

/// What comes on a stream.
fn items(count: u32) -> impl Stream<Item = Bytes> + Send + Unpin + 'static {
    stream::iter((0..count).map(|_| Bytes::from_static(&[7; 64])))
}
