//! Bodies that are too large for the lane: each in a stream of its own, after the number of its call.

use actor_core::remote::Body;
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use iroh::endpoint::{Connection, RecvStream, SendStream, VarInt};
use std::pin::Pin;

/// A stream that is finished when all is sent, and otherwise reset: one that is dropped would look complete.
struct Sending(SendStream, bool);

impl Drop for Sending {
    fn drop(&mut self) {
        if !self.1 {
            // If it fails, it is closed already.
            let _ = self.0.reset(VarInt::from_u32(0));
        }
    }
}

/// Sends it; `false` if it could not be sent as a whole.
pub(crate) async fn send(connection: Connection, id: u64, body: Body) -> bool {
    let Ok(stream) = connection.open_uni().await else { return false };
    // Small frames have the right of way.
    let _ = stream.set_priority(-1);
    let mut sending = Sending(stream, false);
    // Handed over, not copied.
    let body = Bytes::from_owner(body);
    let sent =
        sending.0.write_all(&id.to_le_bytes()).await.is_ok() && sending.0.write_chunk(body).await.is_ok();
    sending.1 = sent && sending.0.finish().is_ok();
    sending.1
}

/// Those that come.
pub(crate) struct Arrivals {
    connection: Connection,
    /// Polled when they are woken, and not whenever something else happens: each look for a stream wakes the connection's own task.
    coming: FuturesUnordered<Pin<Box<dyn Future<Output = Came> + Send>>>,
}

enum Came {
    /// One whose call is not known yet. `None`: there will be no more, the connection has gone.
    Stream(Option<RecvStream>),
    /// `None`: it was cut off before it said that.
    Named(Option<(u64, RecvStream)>),
}

impl Arrivals {
    pub(crate) fn of(connection: &Connection) -> Self {
        let arrivals = Arrivals { connection: connection.clone(), coming: FuturesUnordered::new() };
        arrivals.accept();
        arrivals
    }

    fn accept(&self) {
        let connection = self.connection.clone();
        self.coming.push(Box::pin(async move { Came::Stream(connection.accept_uni().await.ok()) }));
    }

    /// The next one, and whose body it is; `None` when the connection has gone. Nothing is lost if it is dropped.
    pub(crate) async fn next(&mut self) -> Option<(u64, RecvStream)> {
        loop {
            match self.coming.next().await? {
                Came::Stream(Some(mut stream)) => {
                    self.accept();
                    self.coming.push(Box::pin(async move {
                        let id = id(&mut stream).await;
                        Came::Named(id.map(|id| (id, stream)))
                    }));
                }
                Came::Stream(None) => return None,
                Came::Named(Some(named)) => return Some(named),
                Came::Named(None) => {}
            }
        }
    }
}

async fn id(stream: &mut RecvStream) -> Option<u64> {
    let mut bytes = [0; 8];
    stream.read_exact(&mut bytes).await.ok()?;
    Some(u64::from_le_bytes(bytes))
}

/// How many pieces are taken at a time: as many as a few batches of packets bring.
const PIECES: usize = 64;

/// The body, if it is as long as was said.
pub(crate) async fn receive(mut stream: RecvStream, bytes: u64) -> Option<Vec<u8>> {
    let length = usize::try_from(bytes).ok()?;
    // Memory is touched as it fills: who says much and sends little takes little.
    let mut body = Vec::with_capacity(length);
    let mut pieces = [const { Bytes::new() }; PIECES];
    while let Some(count) = stream.read_many_chunks(&mut pieces).await.ok()? {
        for piece in pieces.iter_mut().take(count).map(std::mem::take) {
            if body.len() + piece.len() > length {
                return None;
            }
            body.extend_from_slice(&piece);
        }
    }
    (body.len() == length).then_some(body)
}
