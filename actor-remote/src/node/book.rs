//! The address book: a file of tickets, looked into whenever a peer is looked for.

use crate::key::Key;
use crate::ticket::Ticket;
use iroh::TransportAddr;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// Who read it at a time, at most: a disk that does not answer holds up no more threads.
const READERS: usize = 4;

/// It is no service of addresses of the engine's, which asks those no more while any of them has not answered: what has been written meanwhile would not be seen.
#[derive(Clone, Debug)]
pub(crate) struct Book {
    path: Arc<Path>,
    readers: Arc<Semaphore>,
}

/// What is wrong with an address book.
#[non_exhaustive]
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// It could not be read.
    #[error("the address book {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What happened.
        source: io::Error,
    },
    /// A line of it is no ticket.
    #[error("the address book {}, line {line}: {source}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        source: crate::NoTicket,
    },
}

impl Book {
    /// One that can be read.
    pub(super) fn open(path: &Path) -> Result<Self, BookError> {
        for (line, ticket) in read(path)?.into_iter().enumerate() {
            if let Some(Err(source)) = ticket {
                return Err(BookError::Line { path: path.to_owned(), line: line + 1, source });
            }
        }
        Ok(Book { path: path.into(), readers: Arc::new(Semaphore::new(READERS)) })
    }

    /// Where the node is, as the file says now.
    pub(crate) async fn find(&self, key: Key) -> BTreeSet<TransportAddr> {
        let Ok(reader) = Arc::clone(&self.readers).acquire_owned().await else { return BTreeSet::new() };
        let path = Arc::clone(&self.path);
        // Files block.
        let found = tokio::task::spawn_blocking(move || {
            let found = find(&path, key);
            drop(reader);
            found
        });
        found.await.unwrap_or_default()
    }
}

/// What each line says: empty ones, and what is behind a `#`, say nothing.
fn read(path: &Path) -> Result<Vec<Option<Result<Ticket, crate::NoTicket>>>, BookError> {
    let text = fs::read_to_string(path).map_err(|source| BookError::Io { path: path.to_owned(), source })?;
    let line = |line: &str| {
        let said = line.split('#').next().unwrap_or_default().trim();
        (!said.is_empty()).then(|| said.parse())
    };
    Ok(text.lines().map(line).collect())
}

/// Where the node is, as the file says now: nowhere, if it cannot be read.
fn find(path: &Path, key: Key) -> BTreeSet<TransportAddr> {
    let lines = read(path).unwrap_or_default().into_iter().flatten().flatten();
    lines.filter(|ticket| ticket.key() == key).flat_map(|ticket| ticket.endpoint().addrs).collect()
}
