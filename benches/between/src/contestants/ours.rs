//! An actor, on a node of its own.

use super::{Items, Opening, Peer, Reply, body, items};
use crate::BoxError;
use actor_core::prelude::*;
use actor_remote::{Node, Remote, Ticket};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use serde::{Deserialize, Serialize};

#[actor]
pub struct Between;

#[actor(derive(Serialize, Deserialize))]
impl Between {
    pub fn echo(&self, bytes: Bytes) -> Bytes {
        bytes
    }

    pub fn bulk(&self, size: u32) -> Bytes {
        body(size)
    }

    pub fn items(&self, count: u32) -> impl Stream<Item = Bytes> + 'static {
        items(count)
    }
}

pub async fn serve() -> Result<(), BoxError> {
    let node = Node::local().await?;
    node.allow_everybody();
    node.serve("between", &Between.spawn())?;
    println!("{}", node.ticket());
    std::future::pending().await
}

pub struct Ours {
    /// Kept: its end would be that of the connection.
    _node: Node,
    handle: BetweenHandle,
}

pub async fn connect(address: String) -> Result<Ours, BoxError> {
    let ticket: Ticket = address.parse()?;
    let node = Node::local().await?;
    node.learn(&ticket);
    let handle = BetweenHandle::at(&node, ticket.key(), "between");
    Ok(Ours { _node: node, handle })
}

impl Peer for Ours {
    fn echo(&self, bytes: Bytes) -> Reply<'_> {
        Box::pin(async { Ok(self.handle.echo(bytes).await?) })
    }

    fn bulk(&self, size: u32) -> Reply<'_> {
        Box::pin(async move { Ok(self.handle.bulk(size).await?) })
    }

    fn items(&self, count: u32) -> Option<Opening<'_>> {
        Some(Box::pin(async move {
            let items = self.handle.items(count).await?;
            Ok(Box::pin(items.map(|item| Ok(item?))) as Items)
        }))
    }
}
