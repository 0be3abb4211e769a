//! What the user's code means as an actor.

mod block;
mod def;
mod hook;
mod message;
mod param;
mod protocol;
mod receiver;
mod reply;
mod storing;

pub(crate) use block::ActorImpl;
pub(crate) use def::ActorDef;
pub(crate) use hook::{Argument as HookArgument, Hook, Moment};
pub(crate) use message::Message;
pub(crate) use param::{Field, Param};
pub(crate) use protocol::Protocol;
pub(crate) use receiver::{Home, Receiver};
pub(crate) use reply::{Outcome, Reply, Stream};
pub(crate) use storing::{Passed, Taken};
