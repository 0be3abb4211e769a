//! Asking other peers: many chunks in one request, and the next peer for what one does not give.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

use actor_core::prelude::*;
use bytes::Bytes;
use futures::future::join_all;
use tokio::task::spawn_blocking;

use super::{FetchError, Fetcher};
use crate::actors::source::SourceHandle;
use crate::chunk::{ChunkHash, ContentId};
use crate::serve::{Piece, ServeError};

/// A peer that has something that is wanted.
#[derive(Debug)]
pub(super) struct Source {
    handle: SourceHandle,
    is_late: AtomicBool,
}

impl Source {
    pub(super) fn new(handle: SourceHandle) -> Self {
        Self { handle, is_late: AtomicBool::new(false) }
    }

    /// That it has something to say, if only that it cannot serve this, shows that it is there.
    fn note<T, E>(&self, answer: &Result<T, CallError<E>>) {
        let is_late = !matches!(answer, Ok(_) | Err(CallError::Handler(_)));
        self.is_late.store(is_late, Ordering::Relaxed);
    }
}

impl Fetcher {
    /// Gets chunks from other peers, and sees that each is the one that was asked for: in one request, as long as one peer gives them all.
    ///
    /// Who is late or cut off costs the patience of one request. The next one is asked then, and the late one last, until it answers
    /// again. What one peer does not give the next one is asked for; the rest of its answer counts.
    pub(super) async fn carry(&self, pieces: &[Piece]) -> Vec<Result<Bytes, FetchError>> {
        // Each begins with another peer, so that all share the work.
        let first = self.turn.fetch_add(1, Ordering::Relaxed);
        let mut left: Vec<_> = pieces.iter().map(|piece| self.in_turn(piece.content, first)).collect();
        // Nobody has to be asked for nothing.
        let nothing = |piece: &Piece| match piece.chunk.len {
            0 if piece.chunk.hash == ChunkHash::of(&[]) => Ok(Bytes::new()),
            _ => Err(FetchError::NoSource),
        };
        let mut got: Vec<_> = pieces.iter().map(nothing).collect();
        loop {
            let mut requests: Vec<(&Source, Vec<usize>)> = Vec::new();
            for (n, left) in left.iter_mut().enumerate().filter(|(n, _)| got[*n].is_err()) {
                let Some(source) = left.pop_front() else { continue };
                match requests.iter_mut().find(|(to, _)| std::ptr::eq(*to, source)) {
                    Some((_, numbers)) => numbers.push(n),
                    None => requests.push((source, vec![n])),
                }
            }
            if requests.is_empty() {
                return got;
            }
            let asked = requests
                .iter()
                .map(|(source, numbers)| self.ask_for(source, numbers.iter().map(|n| pieces[*n]).collect()));
            for ((_, numbers), answer) in requests.iter().zip(join_all(asked).await) {
                let each = answer.unwrap_or_else(|error| vec![Err(error); numbers.len()]);
                for (n, one) in numbers.iter().zip(each) {
                    let came = one.as_ref().map_or(0, |data| data.len() as u64);
                    self.carried.fetch_add(came, Ordering::Relaxed);
                    got[*n] = one.map_err(FetchError::NotServed);
                }
            }
        }
    }

    /// Asks one peer for chunks, and looks at each that it gives.
    async fn ask_for(
        &self,
        source: &Source,
        pieces: Vec<Piece>,
    ) -> Result<Vec<Result<Bytes, CallError<ServeError>>>, CallError<ServeError>> {
        let wanted = pieces.iter().map(Piece::wanted).collect();
        let answer = source.handle.chunks(wanted).timeout(self.patience).await;
        source.note(&answer);
        let chunks = answer.map_err(CallError::widen)?;
        let looked = spawn_blocking(move || chunks.looked_at(&pieces)).await;
        let each =
            looked.map_err(|panicked| CallError::Handler(ServeError::Unreadable(panicked.to_string())))?;
        Ok(each.into_iter().map(|one| one.map_err(CallError::Handler)).collect())
    }

    /// Asks those who have the content, one after the other from the `first` on, until one gives what is asked for.
    pub(super) async fn ask_anyone<T, F>(
        &self,
        content: ContentId,
        first: usize,
        ask: impl Fn(SourceHandle) -> F,
    ) -> Result<T, FetchError>
    where
        F: Future<Output = Result<T, CallError<ServeError>>>,
    {
        let mut result = Err(FetchError::NoSource);
        for source in self.in_turn(content, first) {
            let answer = ask(source.handle.clone()).await;
            source.note(&answer);
            match answer {
                Ok(answer) => return Ok(answer),
                Err(error) => result = Err(FetchError::NotServed(error)),
            }
        }
        result
    }

    /// Those who have the content, from the `first` on, and who is late at the end.
    fn in_turn(&self, content: ContentId, first: usize) -> VecDeque<&Source> {
        let sources = self.sources.get(&content).map_or(&[][..], Vec::as_slice);
        let mut order: VecDeque<&Source> =
            (0..sources.len()).map(|n| sources[(first + n) % sources.len()].as_ref()).collect();
        order.make_contiguous().sort_by_key(|source| source.is_late.load(Ordering::Relaxed));
        order
    }
}
