//! The same handles between machines.
//!
//! An actor that is [served](Node::serve) by one node can be called from another through the same type of handle that its neighbours use.
//! Nothing pretends to be local: what can go wrong on the way is part of every reply's type, and what is said of it is proven.
//!
//! See [`Node`] for a first example, and `docs/between-machines.md` for what is promised.

#![forbid(unsafe_code)]

mod bulk;
mod credit;
mod directory;
mod discovery;
mod failure;
mod handles;
mod hints;
mod key;
mod link;
#[cfg(feature = "members")]
mod members;
mod node;
mod own;
mod path;
mod peers;
mod remote;
mod server;
mod server_url;
mod ticket;
mod wire;

pub use actor_core::remote::Portable;
pub use directory::{
    Claim, Directory, DirectoryError, FencingToken, Holder, Keeper, LocalDirectory, Location, Lost,
    NoLocation,
};
pub use discovery::{Discovery, DiscoveryError, Dns, Pkarr};
pub use key::{IdentityError, Key, NoKey};
#[cfg(feature = "members")]
pub use members::{Events, Member, MemberEvent, MemberGroup, Members, MembersBuilder};
pub use node::{BookError, Limits, NoRelay, Node, NodeBuilder, NodeError, ServeError};
pub use remote::Remote;
pub use server_url::{NoServerUrl, ServerUrl};
pub use ticket::{NoTicket, Ticket};

/// The code of the chapter compiles and runs.
#[cfg(doctest)]
#[doc = include_str!("../../docs/between-machines.md")]
#[derive(Debug)]
pub struct BetweenMachines;
