//! Bodies that are too large for the lane, in streams of their own.

use super::Serving;
use crate::bulk;
use crate::wire::Failure;
use iroh::endpoint::RecvStream;

/// How many of the largest bodies are read at a time: what else comes waits where it is.
const AT_A_TIME: u64 = 2;

impl Serving {
    /// Reading begins when its call is known: until then its sender has no more room than the window.
    pub(super) fn arrived(&mut self, id: u64, stream: RecvStream) {
        // One that is waited for no more, or never was, is dropped, which stops its sender.
        if self.held.expected(id).is_some() || self.last.is_none_or(|last| id > last) {
            self.waiting.insert(id, stream);
            self.download(id);
        }
    }

    pub(super) fn download(&mut self, id: u64) {
        let Some(bytes) = self.held.expected(id) else { return };
        if self.reading > 0 && self.reading + bytes > AT_A_TIME * self.node.settings.limits.bytes {
            return self.later.push_back(id);
        }
        if let Some(stream) = self.waiting.remove(&id) {
            self.reading += bytes;
            self.downloads.push(Box::pin(async move { (id, bytes, bulk::receive(stream, bytes).await) }));
        }
    }

    pub(super) fn downloaded(&mut self, id: u64, bytes: u64, body: Option<Vec<u8>>) {
        self.reading -= bytes;
        for id in std::mem::take(&mut self.later) {
            self.download(id);
        }
        self.held.came(id, body);
        self.deliver_held();
    }

    /// The body of this one will not come.
    pub(super) fn let_go(&mut self, id: u64) {
        self.held.came(id, None);
        self.deliver_held();
    }

    pub(super) fn deliver_held(&mut self) {
        while let Some((request, body)) = self.held.next() {
            match body {
                Some(body) => self.deliver(&request, &body),
                None => {
                    let reason = "its body was cut off".to_owned();
                    self.fail(request.id, Failure::Codec { reply: false, reason });
                }
            }
        }
    }
}
