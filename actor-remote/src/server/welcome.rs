//! Who is let in.

use super::Serving;
use crate::key::Key;
use crate::node::Inner;
use crate::wire::{Hello, close};
use iroh::endpoint::{Connection, Incoming, RecvStream, SendStream, VarInt};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// Who has opened a connection must say something within this time.
const PATIENCE: Duration = Duration::from_secs(5);

/// Lets somebody in, or not.
pub(crate) async fn welcome(node: Arc<Inner>, incoming: Incoming) {
    let Ok(accepting) = incoming.accept() else { return };
    let Ok(Ok(connection)) = timeout(PATIENCE, accepting).await else { return };
    let peer = Key(connection.remote_id());
    let refuse = |code, why: &[u8]| connection.close(VarInt::from_u32(code), why);
    if !node.allows(peer) {
        return refuse(close::REFUSED, b"refused");
    }
    let Some(_place) = node.enter(peer) else {
        return refuse(close::LIMIT, b"too many connections");
    };
    let is_the_way = node.peers.has_come(peer, &connection).await;
    if !is_the_way {
        return refuse(close::AGAIN, b"connect again");
    }
    node.peers.add(peer, &connection);
    node.retry_one(peer);
    let limits = &node.settings.limits;
    let hello = Hello { calls: limits.calls, bytes: limits.bytes };
    let Ok(Ok(lane)) = timeout(PATIENCE, begin(&connection, hello)).await else {
        return refuse(close::PROTOCOL, b"nothing was said");
    };
    let served = Serving::new(Arc::clone(&node), peer, connection.clone());
    let code = served.run(lane).await;
    connection.close(VarInt::from_u32(code), b"");
    node.peers.remove(peer, &connection);
}

async fn begin(connection: &Connection, hello: Hello) -> Result<(SendStream, RecvStream), ()> {
    let mut stream = connection.open_uni().await.map_err(drop)?;
    let bytes = postcard::to_allocvec(&hello).map_err(drop)?;
    stream.write_all(&bytes).await.map_err(drop)?;
    stream.finish().map_err(drop)?;
    connection.accept_bi().await.map_err(drop)
}
