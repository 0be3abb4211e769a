//! Who takes part.

mod iroh;
mod ours;
mod remoc;
mod tarpc;
mod tcp;
pub mod tonic;

use crate::BoxError;
use bytes::Bytes;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub type Served = Pin<Box<dyn Future<Output = Result<(), BoxError>> + Send>>;
pub type Reply<'a> = Pin<Box<dyn Future<Output = Result<Bytes, BoxError>> + Send + 'a>>;
pub type Connected = Pin<Box<dyn Future<Output = Result<Arc<dyn Peer>, BoxError>> + Send>>;

/// The other process, as it is called from here.
pub trait Peer: Send + Sync {
    fn echo(&self, bytes: Bytes) -> Reply<'_>;
    /// A reply of so many bytes.
    fn bulk(&self, size: u32) -> Reply<'_>;
}

pub struct Contestant {
    pub name: &'static str,
    /// Prints a line that says where it is, and serves for ever.
    pub serve: fn() -> Served,
    pub connect: fn(String) -> Connected,
}

macro_rules! contestant {
    ($name:literal, $module:ident) => {
        Contestant {
            name: $name,
            serve: || Box::pin($module::serve()),
            connect: |address| {
                Box::pin(async move { Ok(Arc::new($module::connect(address).await?) as Arc<dyn Peer>) })
            },
        }
    };
}

pub const ALL: [Contestant; 6] = [
    contestant!("ours", ours),
    contestant!("iroh", iroh),
    contestant!("tcp", tcp),
    contestant!("tonic", tonic),
    contestant!("tarpc", tarpc),
    contestant!("remoc", remoc),
];

/// What a bulk call is answered with.
fn body(size: u32) -> Bytes {
    vec![1; size as usize].into()
}
