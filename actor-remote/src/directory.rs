//! Directories: who has a name now.

mod claim;
mod local;

use crate::key::Key;
use crate::node::NAME;
use crate::ticket::{NoTicket, Ticket};
pub use claim::{Claim, Keeper, Lost};
use futures_core::future::BoxFuture;
pub use local::LocalDirectory;
pub(crate) use local::Petnames;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// Who has a name now: names that one holder at a time has, with leases and fencing tokens.
///
/// What an actor is called between machines is its node's key and the name that it is served by, which no other can take. A directory is for the names
/// that lead there: "the bank" is whoever holds it. How far such a name is unique is the directory's: of the one that every node has
/// ([`Node::directory`](crate::Node::directory)) on that node; of one that is kept in a store that agrees with itself, such as etcd, for all who use that store.
///
/// Which one a program uses is chosen when it runs, so this can be a `dyn Directory`.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_remote::{Directory, Node, Remote};
/// use serde::{Deserialize, Serialize};
///
/// #[actor]
/// struct Bank;
///
/// #[actor(derive(Serialize, Deserialize))]
/// impl Bank {
///     pub fn motto(&self) -> String {
///         "safe".into()
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let node = Node::local().await?;
/// let directory: &dyn Directory = &node.directory(); // or one in etcd
///
/// // Whoever gets the claim has the name, and nobody else until it is given back or lost.
/// let claim = directory.claim("the bank", &node.location("vault 7")).await?;
/// assert!(directory.claim("the bank", &node.location("vault 8")).await.is_err());
/// node.serve("vault 7", &Bank.spawn())?;
///
/// // Elsewhere:
/// let bank = BankHandle::find(&node, directory, "the bank").await?;
/// assert_eq!(bank.motto().await?, "safe");
///
/// claim.release().await?;
/// assert_eq!(directory.lookup("the bank").await?, None);
/// # Ok(()) }
/// ```
pub trait Directory: Send + Sync {
    /// Takes the name for what is at `location`, until the [`Claim`] is dropped or lost.
    ///
    /// The actor need not be served yet: whoever must be the only one takes the name first.
    ///
    /// # Errors
    /// [`Taken`](DirectoryError::Taken) if somebody has it; if the name is none, or the directory does not answer. In that last case nobody knows whether the
    /// name was taken; if it was, it is given back by itself.
    ///
    /// # Cancel safety
    /// Dropped, it has taken the name or not; if it has, that is given back by itself.
    fn claim<'a>(
        &'a self,
        name: &'a str,
        location: &'a Location,
    ) -> BoxFuture<'a, Result<Claim, DirectoryError>>;

    /// Who has the name now. By the time that somebody is called there, it may be another's.
    ///
    /// # Errors
    /// If the directory does not answer, or what it says is none.
    ///
    /// # Cancel safety
    /// Yes.
    fn lookup<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Holder>, DirectoryError>>;

    /// Waits until the name is no longer that of the holder with the token `since`, or of nobody if that is `None`, and says whose it is. So those wait
    /// who want to have a name next.
    ///
    /// # Errors
    /// As [`lookup`](Self::lookup).
    ///
    /// # Cancel safety
    /// Yes.
    fn changed<'a>(
        &'a self,
        name: &'a str,
        since: Option<FencingToken>,
    ) -> BoxFuture<'a, Result<Option<Holder>, DirectoryError>>;
}

/// Where an actor is served: a node, the addresses where that was last, and the name that it has there. As text, a [`Ticket`], a space and the name.
///
/// ```
/// use actor_remote::{Location, Node};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let node = Node::local().await?;
/// let location = node.location("vault 7");
/// assert_eq!(location.to_string().parse::<Location>()?, location);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    ticket: Ticket,
    name: String,
}

impl Location {
    /// What is served as `name` by that node.
    #[must_use]
    pub fn new(ticket: Ticket, name: impl Into<String>) -> Self {
        Location { ticket, name: name.into() }
    }

    /// The node.
    #[must_use]
    pub fn key(&self) -> Key {
        self.ticket.key()
    }

    /// The node, and where it was.
    #[must_use]
    pub fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// The name that the actor has there.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.ticket, self.name)
    }
}

/// A text that is no location.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoLocation {
    /// There is no space in it.
    #[error("`{0}` is no location: a ticket, a space and a name are one")]
    NoName(String),
    /// What is before the first space is no ticket.
    #[error(transparent)]
    Ticket(#[from] NoTicket),
}

impl FromStr for Location {
    type Err = NoLocation;

    fn from_str(text: &str) -> Result<Self, NoLocation> {
        let (ticket, name) = text.split_once(' ').ok_or_else(|| NoLocation::NoName(text.to_owned()))?;
        Ok(Location::new(ticket.parse()?, name))
    }
}

/// Which holder of a name it is: each has a larger one than those before it.
///
/// A lease alone does not keep a former holder from acting: it may stand still just before it writes, for longer than its lease. So it sends its token with
/// what it writes, and whoever keeps that refuses a smaller one than it has seen.
///
/// ```
/// use actor_core::prelude::*;
/// use actor_remote::FencingToken;
///
/// #[actor]
/// #[derive(Default)]
/// struct Ledger {
///     lines: Vec<String>,
///     holder: FencingToken,
/// }
///
/// #[actor]
/// impl Ledger {
///     /// Whether it was written.
///     pub fn write(&mut self, token: FencingToken, line: String) -> bool {
///         let is_current = token >= self.holder;
///         if is_current {
///             self.holder = token;
///             self.lines.push(line);
///         }
///         is_current
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), CallError> {
/// let ledger = Ledger::default().spawn();
/// assert!(ledger.write(FencingToken::new(1), "first".into()).await?);
/// assert!(ledger.write(FencingToken::new(2), "its successor".into()).await?);
/// assert!(!ledger.write(FencingToken::new(1), "the first, woken up".into()).await?);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FencingToken(u64);

impl FencingToken {
    /// For directories.
    #[must_use]
    pub fn new(number: u64) -> Self {
        FencingToken(number)
    }

    /// As a number, for stores that compare those.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for FencingToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Who has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    location: Location,
    token: FencingToken,
}

impl Holder {
    /// For directories.
    #[must_use]
    pub fn new(location: Location, token: FencingToken) -> Self {
        Holder { location, token }
    }

    /// Where it is.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Which holder it is.
    #[must_use]
    pub fn token(&self) -> FencingToken {
        self.token
    }
}

/// Why a name was not taken, or nobody was found by it.
#[non_exhaustive]
#[derive(Clone, Debug, thiserror::Error)]
pub enum DirectoryError {
    /// Somebody has it.
    #[error("`{name}` is taken, by `{}` of {}", holder.location().name(), holder.location().key())]
    Taken {
        /// The name.
        name: String,
        /// Who has it.
        holder: Box<Holder>,
    },
    /// Nobody has it.
    #[error("nobody has the name `{0}`")]
    Unknown(String),
    /// It is no name.
    #[error("a name has 1 to {limit} bytes, and this one has {bytes}")]
    Length {
        /// How long it is.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// The directory does not answer.
    #[error("the directory does not answer: {0}")]
    Unavailable(Arc<dyn Error + Send + Sync>),
    /// What is said of the name was written by something else.
    #[error("what is said of `{name}` is no location: {source}")]
    Damaged {
        /// The name.
        name: String,
        /// What is wrong with it.
        source: NoLocation,
    },
    /// The node has been closed.
    #[error("the node has been closed")]
    Closed,
}

impl DirectoryError {
    /// The directory does not answer, for this reason.
    pub fn unavailable(why: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        DirectoryError::Unavailable(Arc::from(why.into()))
    }

    /// Whether this can be a name: for directories.
    ///
    /// # Errors
    /// If it is empty, or longer than 1,024 bytes.
    pub fn check(name: &str) -> Result<(), Self> {
        match name.len() {
            1..=NAME => Ok(()),
            bytes => Err(DirectoryError::Length { bytes, limit: NAME }),
        }
    }
}
