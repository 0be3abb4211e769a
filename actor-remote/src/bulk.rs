//! Bodies that are too large for the lane: each in a stream of its own, after the number of its call.

use actor_core::remote::Body;
use bytes::Bytes;
use iroh::endpoint::{Connection, RecvStream, SendStream, VarInt};

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

/// Whose body it is.
pub(crate) async fn id(stream: &mut RecvStream) -> Option<u64> {
    let mut bytes = [0; 8];
    stream.read_exact(&mut bytes).await.ok()?;
    Some(u64::from_le_bytes(bytes))
}

/// The body, if it is as long as was said.
pub(crate) async fn receive(mut stream: RecvStream, bytes: u64) -> Option<Vec<u8>> {
    let body = stream.read_to_end(usize::try_from(bytes).ok()?).await.ok()?;
    (body.len() as u64 == bytes).then_some(body)
}
