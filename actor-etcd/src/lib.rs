//! Names of actors in etcd: one holder at a time has a name, whichever machine it is on.
//!
//! etcd agrees with itself (Raft), so a name is unique for all who use it, as long as its rules are kept: a holder that does not renew its lease
//! loses the name, and knows that before another one can have it. See [`EtcdDirectory`].
//!
//! A package of its own, since `etcd-client` needs `protoc` to build.

#![forbid(unsafe_code)]

mod lease;

use actor_remote::{Claim, Directory, DirectoryError, FencingToken, Holder, Location};
use etcd_client::{
    Client, Compare, CompareOp, ConnectOptions, GetResponse, PutOptions, Txn, TxnOp, WatchOptions,
};
use futures_core::future::BoxFuture;
use lease::Lease;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, timeout};

pub use etcd_client;

/// A [`Directory`] in etcd: each name is a key under a prefix, with a lease; what lies there is the [`Location`] as text.
///
/// ```no_run
/// use actor_core::prelude::*;
/// use actor_etcd::EtcdDirectory;
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
/// let directory = EtcdDirectory::connect(["10.0.0.1:2379", "10.0.0.2:2379"]).await?;
/// let node = Node::local().await?;
///
/// // Several machines try; one is the bank, and the others wait until it is gone.
/// let claim = loop {
///     match directory.claim("bank", &node.location("bank")).await {
///         Ok(claim) => break claim,
///         Err(actor_remote::DirectoryError::Taken { holder, .. }) => {
///             directory.changed("bank", Some(holder.token())).await?;
///         }
///         Err(error) => return Err(error.into()),
///     }
/// };
/// let bank = Bank.spawn(); // in earnest it gets `claim.token()`, for whatever it writes
/// node.serve("bank", &bank)?;
/// claim.guard(&bank); // killed when the name is lost
///
/// // Anywhere else:
/// let bank = BankHandle::find(&node, &directory, "bank").await?;
/// println!("{}", bank.motto().await?);
/// # Ok(()) }
/// ```
///
/// # What is promised
/// - **One holder.** A name is taken in one transaction, only if its key is not there. It is deleted with its lease.
/// - **Tokens grow.** The [`FencingToken`] is the revision of etcd at which the name was taken.
/// - **Who loses a name knows it first.** [`Claim::is_held`] and [`Claim::lost`] count the lease from *before* the last renewal was sent that etcd has confirmed, less a
///   tenth for clocks that do not run equally fast; etcd counts from when it got it. So also while etcd is dead, or cannot be reached: then the claim is lost after a lease at the latest.
///   Somebody who deletes the key by hand is heard of as soon as etcd tells.
/// - A process that stands still, or a machine that sleeps, cannot be told anything: whatever it writes then is refused by its token, if whoever keeps it compares that.
///
/// Clones are the same directory.
#[derive(Clone)]
pub struct EtcdDirectory {
    client: Client,
    prefix: Arc<str>,
    lease: Duration,
    patience: Duration,
}

/// How often an idle connection to etcd is asked whether it lives, and how long that may take.
const ALIVE: Duration = Duration::from_secs(2);

impl EtcdDirectory {
    /// The one that these servers of etcd keep together.
    ///
    /// # Errors
    /// If none of them answers.
    ///
    /// # Cancel safety
    /// Yes.
    pub async fn connect<E: AsRef<str>>(endpoints: impl AsRef<[E]>) -> Result<Self, DirectoryError> {
        let options = ConnectOptions::new()
            .with_connect_timeout(ALIVE)
            .with_keep_alive(ALIVE, ALIVE)
            .with_keep_alive_while_idle(true);
        let client = Client::connect(endpoints, Some(options)).await.map_err(DirectoryError::unavailable)?;
        Ok(Self::new(client))
    }

    /// The same by a client that was made otherwise: with a user, or with TLS.
    #[must_use]
    pub fn new(client: Client) -> Self {
        let (lease, patience) = (Duration::from_secs(10), Duration::from_secs(5));
        EtcdDirectory { client, prefix: "actor/names/".into(), lease, patience }
    }

    /// What stands before each name in etcd's keys; `actor/names/` by default.
    #[must_use]
    pub fn prefix(self, prefix: &str) -> Self {
        EtcdDirectory { prefix: prefix.into(), ..self }
    }

    /// How long a name is kept for a holder that is not heard of; 10 s by default. It is renewed three times in that. etcd knows whole seconds, and lengthens what is too short for its own
    /// elections: a second becomes two.
    #[must_use]
    pub fn lease(self, time: Duration) -> Self {
        EtcdDirectory { lease: time, ..self }
    }

    /// How long etcd may take to answer; 5 s by default.
    #[must_use]
    pub fn patience(self, time: Duration) -> Self {
        EtcdDirectory { patience: time, ..self }
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    async fn take(&self, name: &str, location: &Location) -> Result<Claim, DirectoryError> {
        DirectoryError::check(name)?;
        let (key, mut client) = (self.key(name), self.client.clone());
        let seconds = i64::try_from(self.lease.as_secs().max(1)).unwrap_or(i64::MAX);
        // Whatever becomes of this later: a lease that nobody renews ends by itself.
        let asked = Instant::now();
        let granted = within(self.patience, client.lease_grant(seconds, None)).await?;
        let put =
            TxnOp::put(key.clone(), location.to_string(), Some(PutOptions::new().with_lease(granted.id())));
        let taking = Txn::new()
            .when([Compare::create_revision(key.clone(), CompareOp::Equal, 0)])
            .and_then([put])
            .or_else([TxnOp::get(key.clone(), None)]);
        let taken = within(self.patience, client.txn(taking)).await?;
        let lease = Lease {
            client,
            id: granted.id(),
            time: Duration::from_secs(u64::try_from(granted.ttl()).unwrap_or_default()),
            key,
            revision: taken.header().map_or(0, etcd_client::ResponseHeader::revision),
            patience: self.patience,
        };
        if taken.succeeded() {
            let (claim, keeper) = Claim::new(name, location.clone(), token(lease.revision));
            keeper.extend(lease.until(asked));
            tokio::spawn(lease.keep(asked, keeper));
            return Ok(claim);
        }
        let holder = taken.op_responses().into_iter().find_map(|response| match response {
            etcd_client::TxnOpResponse::Get(found) => holder(name, &found).transpose(),
            _ => None,
        });
        tokio::spawn(async move { lease.end().await });
        match holder {
            Some(holder) => Err(DirectoryError::Taken { name: name.to_owned(), holder: Box::new(holder?) }),
            None => Err(DirectoryError::unavailable("it says that the name is taken, and not by whom")),
        }
    }

    async fn watch(&self, name: &str, since: Option<FencingToken>) -> Result<Option<Holder>, DirectoryError> {
        DirectoryError::check(name)?;
        let (key, mut client) = (self.key(name), self.client.clone());
        loop {
            let found = within(self.patience, client.get(key.clone(), None)).await?;
            let holder = holder(name, &found)?;
            if holder.as_ref().map(Holder::token) != since {
                return Ok(holder);
            }
            let seen = found.header().map_or(0, etcd_client::ResponseHeader::revision);
            // Nothing that comes behind what was seen is missed.
            let from = WatchOptions::new().with_start_revision(seen + 1);
            let mut changes = within(self.patience, client.watch(key.clone(), Some(from))).await?;
            loop {
                match changes.message().await.map_err(DirectoryError::unavailable)? {
                    Some(change) if change.canceled() || !change.events().is_empty() => break,
                    Some(_) => {}
                    None => return Err(DirectoryError::unavailable("the watch has ended")),
                }
            }
        }
    }
}

/// What etcd says, if it says it in time.
async fn within<T>(
    patience: Duration,
    asking: impl Future<Output = Result<T, etcd_client::Error>>,
) -> Result<T, DirectoryError> {
    match timeout(patience, asking).await {
        Ok(answer) => answer.map_err(DirectoryError::unavailable),
        Err(late) => Err(DirectoryError::unavailable(late)),
    }
}

fn token(revision: i64) -> FencingToken {
    // Revisions begin at 1.
    FencingToken::new(u64::try_from(revision).unwrap_or_default())
}

/// Who has the name, as its key says.
fn holder(name: &str, found: &GetResponse) -> Result<Option<Holder>, DirectoryError> {
    let Some(found) = found.kvs().first() else { return Ok(None) };
    let location = String::from_utf8_lossy(found.value()).parse();
    let location = location.map_err(|source| DirectoryError::Damaged { name: name.to_owned(), source })?;
    Ok(Some(Holder::new(location, token(found.create_revision()))))
}

impl Directory for EtcdDirectory {
    fn claim<'a>(
        &'a self,
        name: &'a str,
        location: &'a Location,
    ) -> BoxFuture<'a, Result<Claim, DirectoryError>> {
        Box::pin(self.take(name, location))
    }

    fn lookup<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Holder>, DirectoryError>> {
        Box::pin(async move {
            DirectoryError::check(name)?;
            let found = within(self.patience, self.client.clone().get(self.key(name), None)).await?;
            holder(name, &found)
        })
    }

    fn changed<'a>(
        &'a self,
        name: &'a str,
        since: Option<FencingToken>,
    ) -> BoxFuture<'a, Result<Option<Holder>, DirectoryError>> {
        Box::pin(self.watch(name, since))
    }
}

impl fmt::Debug for EtcdDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EtcdDirectory")
            .field("prefix", &self.prefix)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}
