//! What the server says.

use super::driver::Lane;
use super::inflow::inflow;
use crate::bulk;
use crate::failure::too_large;
use crate::wire::{self, Answer, Failure, Frames};
use actor_core::{CallError, Part, RemoteError};
use iroh::endpoint::RecvStream;

impl Lane {
    /// What the server says; `false` if that is not this protocol.
    pub(super) fn hear_all(&mut self, frames: &mut Frames) -> bool {
        loop {
            match frames.next() {
                Ok(Some(frame)) => match wire::take(frame) {
                    Ok((answer, body)) => {
                        if !self.hear(answer, body) {
                            return false;
                        }
                    }
                    Err(_) => return false,
                },
                Ok(None) => return true,
                Err(_) => return false,
            }
        }
    }

    fn hear(&mut self, answer: Answer, body: &[u8]) -> bool {
        match answer {
            Answer::Started { id } => {
                if let Some(call) = self.flying.get_mut(id) {
                    call.has_started = true;
                }
            }
            Answer::Reply { id, apart, streams } if streams > 0 => {
                if !self.begin(id, streams) {
                    return false;
                }
                return self.hear(Answer::Reply { id, apart, streams: 0 }, body);
            }
            Answer::Reply { id, apart: None, .. } => self.flying.finish(id, Ok(body.to_vec())),
            Answer::Reply { id, apart: Some(bytes), .. } if bytes > self.limit => {
                let limit = self.limit;
                let error = too_large(Part::Reply, bytes, limit);
                self.waiting.remove(&id);
                self.flying.finish(id, Err(error));
            }
            Answer::Reply { id, apart: Some(bytes), .. } => {
                if let Some(call) = self.flying.get_mut(id) {
                    call.reply = Some(bytes);
                    self.download(id);
                }
            }
            Answer::Received { id } => self.flying.finish(id, Ok(Vec::new())),
            Answer::Failed { id, why } => self.flying.fail(id, why),
            Answer::Items { id, stream } => {
                let limit = self.limit;
                // If there is none it was closed, which is on its way there.
                let inlet = self.inlets.get_mut(&(id, stream));
                return inlet.is_none_or(|inlet| inlet.items(body, limit).is_ok());
            }
            Answer::Part { id, stream, more } => {
                let limit = self.limit;
                let inlet = self.inlets.get_mut(&(id, stream));
                return inlet.is_none_or(|inlet| inlet.part(body, more, limit).is_ok());
            }
            Answer::Ended { watch, how } => self.watches.ended(watch, how, &self.flying),
            Answer::End { id, stream, why } => {
                if let Some(inlet) = self.inlets.remove(&(id, stream)) {
                    inlet.end(why.map(Failure::heard_in_a_stream));
                }
            }
        }
        true
    }

    /// The streams of a reply begin.
    fn begin(&mut self, id: u64, streams: u32) -> bool {
        if streams > self.hello.calls {
            return false;
        }
        // If there is none, its caller left just now, and that is on its way there.
        if let Some(call) = self.flying.get_mut(id) {
            for number in 0..streams {
                let (inlet, inflow) = inflow(&call.link, id, number);
                call.streams.push(inflow);
                self.inlets.insert((id, number), inlet);
            }
        }
        true
    }

    pub(super) fn arrived(&mut self, id: u64, stream: RecvStream) {
        // Of one that nobody waits for it is dropped, which stops its sender.
        if self.flying.get_mut(id).is_some() {
            self.waiting.insert(id, stream);
            self.download(id);
        }
    }

    /// Reads the body of a reply when both its length and its stream are there.
    fn download(&mut self, id: u64) {
        let Some(bytes) = self.flying.get_mut(id).and_then(|call| call.reply) else { return };
        if let Some(stream) = self.waiting.remove(&id) {
            self.downloads.push(Box::pin(async move { (id, bulk::receive(stream, bytes).await) }));
        }
    }

    pub(super) fn downloaded(&mut self, id: u64, body: Option<Vec<u8>>) {
        match body {
            Some(body) => self.flying.finish(id, Ok(body)),
            None => {
                let started = actor_core::Started::Yes;
                self.flying.finish(id, Err(CallError::Remote(RemoteError::ConnectionLost { started })));
            }
        }
    }
}
