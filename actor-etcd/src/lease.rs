//! A name that is held: its lease is renewed until it is given back or lost.

use actor_remote::{DirectoryError, Keeper, Lost};
use etcd_client::{Client, EventType, LeaseKeepAliveStream, LeaseKeeper, WatchOptions};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// Before etcd is asked again after an error.
const PAUSE: Duration = Duration::from_millis(100);

pub(crate) struct Lease {
    pub(crate) client: Client,
    pub(crate) id: i64,
    /// For how long etcd keeps it when nothing is heard.
    pub(crate) time: Duration,
    pub(crate) key: String,
    /// At which the key was made.
    pub(crate) revision: i64,
    pub(crate) patience: Duration,
}

impl Lease {
    /// Until when the name is certain, if etcd has confirmed what was sent at `sent`: etcd counts from when it came there, and its clock may run a little faster.
    pub(crate) fn until(&self, sent: Instant) -> Instant {
        sent + self.time - self.time / 10
    }

    /// Until the claim is given back, or lost. `asked` is when the lease was asked for.
    pub(crate) async fn keep(self, asked: Instant, keeper: Keeper) {
        let lost = tokio::select! {
            () = keeper.released() => None,
            why = self.renew(asked, &keeper) => Some(why),
            () = self.taken() => Some(Lost::Revoked),
        };
        if let Some(why) = lost {
            keeper.lose(why);
        }
        // Of one that was lost as well: etcd may be there again.
        let ended = self.end().await;
        keeper.released().await;
        keeper.done(if lost.is_some() { Ok(()) } else { ended });
    }

    /// The key goes at once, with its lease.
    pub(crate) async fn end(&self) -> Result<(), DirectoryError> {
        let mut client = self.client.clone();
        match timeout(self.patience, client.lease_revoke(self.id)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(DirectoryError::unavailable(error)),
            Err(late) => Err(DirectoryError::unavailable(late)),
        }
    }

    /// Renews it three times in its time, until it is lost.
    async fn renew(&self, asked: Instant, keeper: &Keeper) -> Lost {
        let (mut until, mut stream, mut pause) = (self.until(asked), None, self.time / 3);
        loop {
            sleep(pause).await;
            // Before it is sent; and nothing else is sent until this is answered, so that the answer is to this.
            let sent = Instant::now();
            match timeout_at(until, self.renew_once(&mut stream)).await {
                Err(_) => return Lost::Expired,
                Ok(Answer::Renewed) => {
                    keeper.extend(self.until(sent));
                    // An answer that came too late has not helped.
                    if !keeper.is_held() {
                        return Lost::Expired;
                    }
                    (until, pause) = (self.until(sent), self.time / 3);
                }
                Ok(Answer::Gone) => return Lost::Revoked,
                Ok(Answer::None) => (stream, pause) = (None, PAUSE),
            }
            if Instant::now() >= until {
                return Lost::Expired;
            }
        }
    }

    async fn renew_once(&self, stream: &mut Option<(LeaseKeeper, LeaseKeepAliveStream)>) -> Answer {
        let Some((asking, answers)) = stream else {
            // It is renewed by this, too.
            return match self.client.clone().lease_keep_alive(self.id).await {
                Ok(begun) => {
                    *stream = Some(begun);
                    Answer::Renewed
                }
                Err(_) => Answer::None,
            };
        };
        if asking.keep_alive().await.is_err() {
            return Answer::None;
        }
        match answers.message().await {
            Ok(Some(answer)) if answer.ttl() > 0 => Answer::Renewed,
            Ok(Some(_)) => Answer::Gone,
            Ok(None) | Err(_) => Answer::None,
        }
    }

    /// Resolves when etcd says that the key is not this holder's any more.
    async fn taken(&self) {
        let mut client = self.client.clone();
        loop {
            if self.is_taken(&mut client).await.unwrap_or(false) {
                return;
            }
            sleep(PAUSE).await;
        }
    }

    /// Whether it is; an error, or `false`, if etcd says nothing any more.
    async fn is_taken(&self, client: &mut Client) -> Result<bool, etcd_client::Error> {
        // Also of what was missed, should etcd have forgotten it.
        let found = client.get(self.key.clone(), None).await?;
        if found.kvs().first().is_none_or(|key| key.create_revision() != self.revision) {
            return Ok(true);
        }
        let seen = found.header().map_or(self.revision, etcd_client::ResponseHeader::revision);
        let from = WatchOptions::new().with_start_revision(seen + 1);
        let mut changes = client.watch(self.key.clone(), Some(from)).await?;
        while let Some(change) = changes.message().await? {
            if change.canceled() {
                return Ok(false);
            }
            let is_other = |event: &etcd_client::Event| {
                event.event_type() == EventType::Delete
                    || event.kv().is_none_or(|key| key.create_revision() != self.revision)
            };
            if change.events().iter().any(is_other) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What came of asking once.
enum Answer {
    Renewed,
    /// etcd knows of no such lease.
    Gone,
    /// It did not answer.
    None,
}
