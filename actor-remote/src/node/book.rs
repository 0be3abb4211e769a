//! The address book: a file of tickets, looked into whenever a peer is looked for.

use crate::key::Key;
use crate::ticket::Ticket;
use futures_util::{StreamExt, stream};
use iroh::address_lookup::{AddressLookup, EndpointInfo, Error, Item};
use iroh::{EndpointAddr, EndpointId};
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

/// What its answers are said to come from.
const SOURCE: &str = "address book";

#[derive(Clone, Debug)]
pub(super) struct Book(Arc<Path>);

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
        Ok(Book(path.into()))
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

/// Where the node is, as the file says now.
fn find(path: &Path, key: Key) -> Result<Option<Item>, Error> {
    let lines = read(path).map_err(|error| Error::from_err(SOURCE, error))?;
    let tickets = lines.into_iter().flatten().flatten().filter(|ticket| ticket.key() == key);
    let places: BTreeSet<_> = tickets.flat_map(|ticket| ticket.endpoint().addrs).collect();
    let info = |addrs| EndpointInfo::from(EndpointAddr { id: key.0, addrs });
    Ok((!places.is_empty()).then(|| Item::new(info(places), SOURCE, None)))
}

impl AddressLookup for Book {
    fn resolve(
        &self,
        endpoint_id: EndpointId,
    ) -> Option<Pin<Box<dyn futures_core::Stream<Item = Result<Item, Error>> + Send>>> {
        let path = Arc::clone(&self.0);
        // Files block.
        let found = tokio::task::spawn_blocking(move || find(&path, Key(endpoint_id)));
        let answer = async move { found.await.ok().and_then(Result::transpose) };
        Some(stream::once(answer).filter_map(async |answer| answer).boxed())
    }
}
