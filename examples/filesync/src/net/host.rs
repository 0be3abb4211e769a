//! One folder, and the actors that keep it in step with those of others.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use actor_core::prelude::*;
use actor_core::{RemoteError, SupervisorHandle};
use actor_remote::{Key, Limits, Node, NodeBuilder, NodeError, Remote, Ticket};
use futures::future::join_all;

use super::card::{Card, Invitation};
use super::home::{Here, Home};
use super::{DESK, DOOR, FOLDER, GROUP};
use crate::actors::desk::{Clerk, DeskHandle};
use crate::actors::door::{DoorHandle, Porter};
use crate::actors::group::{GreeterHandle, Group, GroupHandle};
use crate::actors::reporter::ReporterHandle;
use crate::actors::source::SourceHandle;
use crate::actors::watch::{Watch, WatchHandle};
use crate::error::Error;
use crate::outcome::{Outcome, mention};
use crate::session::{Member, settle, supervisor};
use crate::show::{duration, list};

/// How long a peer elsewhere may take for one answer. Whether it is there is seen without; and what is large takes its time on a thin line.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long a door may take to open.
const KNOCK: Duration = Duration::from_secs(10);
/// How long a connection to it may take.
const REACH: Duration = Duration::from_secs(3);
/// So long a peer may show no sign of life: the internet is not always there.
const SILENCE: Duration = Duration::from_secs(3);
/// What could not be done is tried again after a while, if nothing happens before: at first, and at the longest.
const AGAIN: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));

/// A folder that is served.
pub(crate) struct Host {
    home: Home,
    me: Card,
    member: Member,
    node: Node,
    /// Of the door.
    porch: Node,
    group: GroupHandle,
    watch: WatchHandle,
    supervisor: SupervisorHandle,
    reporter: ReporterHandle,
}

impl Host {
    pub(crate) async fn open(
        root: PathBuf,
        label: &str,
        name: &str,
        bind: &[IpAddr],
        reporter: ReporterHandle,
    ) -> Result<Self, Error> {
        let supervisor = supervisor();
        let home = Home::of(&root);
        let member = Member::open(0, root, label.to_owned(), PATIENCE, &supervisor, &reporter).await?;
        home.make()?;

        let last = home.here()?;
        let node = Node::builder().identity(home.key()).connect_within(REACH).lost_after(SILENCE);
        let node = start(node, bind, last.as_ref().map(|last| &last.peer)).await?;
        // Strangers come here: little room is enough for a few words.
        let limits = Limits {
            connections: 64,
            connections_of_one: 2,
            calls: 4,
            bytes: 64 * 1024,
            handles: 0,
            watches: 0,
        };
        let porch = Node::builder().identity(home.door()).limits(limits);
        let porch = start(porch, bind, last.as_ref().map(|last| &last.door)).await?;
        home.save_here(&Here { peer: node.ticket(), door: porch.ticket() })?;

        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let me = Card::new(name, node.ticket(), u64::try_from(since).unwrap_or(u64::MAX));
        let watch = Watch::new(reporter.clone()).spawn();
        let group =
            Group::new(node.clone(), home.clone(), me.clone(), watch.clone(), reporter.clone()).spawn();
        let porter = Porter::new(&home.secret()?, group.clone()).spawn();

        let clerk =
            Clerk::new(name, member.folder.root().display().to_string(), member.peer.clone(), group.clone());
        let served = [
            node.serve(FOLDER, &SourceHandle::from(member.disk.clone())),
            node.serve(GROUP, &GreeterHandle::from(group.clone())),
            node.serve(DESK, &DeskHandle::from(clerk.spawn())),
            porch.serve(DOOR, &DoorHandle::from(porter)),
        ];
        served.into_iter().collect::<Result<(), _>>().map_err(|error| Error::Actor(error.to_string()))?;
        porch.allow_everybody();
        node.allow(Key::in_file(home.console()).map_err(NodeError::from)?);
        Ok(Self { home, me, member, node, porch, group, watch, supervisor, reporter })
    }

    /// Joins a group if there is one to join, and goes on until something fails that the next time would not put right.
    pub(crate) async fn run(&self, ticket: Option<&Invitation>) -> Result<(), Error> {
        // Before anybody can change anything for this one.
        self.watch.begin([self.member.folder.root().to_owned()]).await.map_err(settle)?;
        if let Some(ticket) = ticket {
            self.enter(ticket).await?;
        }
        let ticket = Invitation { door: self.porch.ticket(), secret: self.home.secret()? };
        self.say(format!("{} is served as {}", self.member.folder.root().display(), self.me.name)).await;
        self.say(format!("others join with: filesync join '{ticket}' FOLDER")).await;
        self.keep_in_step().await
    }

    /// Knocks on the door of another one.
    async fn enter(&self, ticket: &Invitation) -> Result<(), Error> {
        if ticket.door.key() == self.porch.key() {
            return Err(Error::OwnTicket);
        }
        self.node.learn(&ticket.door);
        let door = DoorHandle::at(&self.node, ticket.door.key(), DOOR);
        let entered = door.enter(ticket.secret.clone(), self.me.clone()).timeout(KNOCK).await;
        let cards = entered.map_err(|error| match error {
            CallError::Handler(why) => Error::TurnedAway(why),
            CallError::Remote(RemoteError::Unreachable(_)) | CallError::TimedOut { .. } => {
                Error::NobodyThere(ticket.door.to_string())
            }
            other => Error::Actor(other.to_string()),
        })?;
        self.say(format!("joined {}", list(cards.iter().map(|card| card.name.as_str())))).await;
        self.group.learn(cards).await.map_err(|error| Error::Actor(error.to_string()))
    }

    /// Does what is to be done whenever the folder or that of another has changed.
    async fn keep_in_step(&self) -> Result<(), Error> {
        let (mut look, mut is_first, mut said, mut pause) = (true, true, BTreeSet::new(), AGAIN.0);
        loop {
            let skipped = match self.round(look, is_first).await {
                Ok(outcome) => outcome.skipped,
                Err(error) if error.may_pass() => [error.to_string()].into(),
                Err(error) => return Err(error),
            };
            for line in skipped.difference(&said) {
                let _ = self.reporter.warn(line.clone()).tell().await;
            }
            pause = if skipped == said { (pause * 2).min(AGAIN.1) } else { AGAIN.0 };
            said = skipped;
            is_first = false;
            let again = async {
                match said.is_empty() {
                    true => std::future::pending().await,
                    false => tokio::time::sleep(pause).await,
                }
            };
            look = tokio::select! {
                changed = self.watch.when_time() => changed.map_err(|error| settle(error.widen()))?,
                () = again => true,
            };
        }
    }

    /// Looks at the folder, if that is asked for, and meets all who are there.
    async fn round(&self, look: bool, is_first: bool) -> Result<Outcome, Error> {
        let (begin, label) = (Instant::now(), self.member.folder.label());
        let mut outcome = Outcome::default();
        if look {
            let looked = self.member.survive(&self.reporter, self.member.peer.look()).await?;
            if let Some(looked) = &looked {
                mention(&self.reporter, label, looked, is_first).await;
            }
            outcome.add_look(label, looked);
        }
        let present = self.group.present().await.map_err(|error| Error::Actor(error.to_string()))?;
        let (names, sources): (Vec<_>, Vec<_>) = present.into_iter().unzip();
        let met = self.member.survive(&self.reporter, self.member.peer.meet(sources)).await?;
        let _ = self.reporter.finish().await;
        outcome.add_meeting(label, met);
        outcome.took = begin.elapsed();
        if outcome.steps > 0 {
            for line in outcome.conflict_lines() {
                self.say(line).await;
            }
            let (with, work) = (list(names.iter().map(String::as_str)), outcome.work());
            self.say(format!("in step with {with}: {work}, in {}", duration(outcome.took))).await;
        }
        Ok(outcome)
    }

    async fn say(&self, line: String) {
        let _ = self.reporter.say(line).tell().await;
    }

    /// Lets go of the folder. What is under way is cut off, and nothing half written has a real name.
    pub(crate) async fn close(self) {
        self.watch.stop();
        self.group.stop();
        self.supervisor.stop();
        self.member.disk.stop();
        let stopped = (self.group.stopped(), self.supervisor.stopped(), self.member.disk.stopped());
        let _ = tokio::join!(stopped.0, stopped.1, stopped.2);
        join_all([self.porch.close(), self.node.close()]).await;
    }
}

/// Starts a node at the port where it was last, if that is free: then those who know it find it again.
async fn start(node: NodeBuilder, bind: &[IpAddr], last: Option<&Ticket>) -> Result<Node, Error> {
    let port = last.and_then(|last| last.addresses().first()).map(SocketAddr::port);
    let at = |ips: &[IpAddr], port| {
        ips.iter().fold(node.clone(), |node, ip| node.bind(SocketAddr::new(*ip, port)))
    };
    let everywhere = [IpAddr::V4(Ipv4Addr::UNSPECIFIED), IpAddr::V6(Ipv6Addr::UNSPECIFIED)];
    let mut attempts = Vec::new();
    match (port, bind) {
        // Not every machine has both.
        (Some(port), []) => attempts.extend([at(&everywhere, port), at(&everywhere[..1], port)]),
        (Some(port), _) => attempts.push(at(bind, port)),
        (None, _) => {}
    }
    for attempt in attempts {
        match attempt.start().await {
            Err(NodeError::Bind { .. }) => {}
            other => return Ok(other?),
        }
    }
    Ok(at(bind, 0).start().await?)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;
    use crate::actors::reporter::Reporter;
    use crate::progress::View;

    const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    async fn host(root: &Path) -> Host {
        let reporter = Reporter::new(View::Lines { labels: Vec::new() }).spawn();
        Host::open(root.to_owned(), "a", "ann", &[HERE], reporter).await.unwrap()
    }

    #[tokio::test]
    async fn a_stranger_reads_nothing_wherever_he_knocks() {
        let dir = tempfile::tempdir().unwrap();
        let host = host(dir.path()).await;
        let stranger = Node::local().await.unwrap();
        stranger.learn(&host.node.ticket());
        stranger.learn(&host.porch.ticket());

        let folder = SourceHandle::at(&stranger, host.node.key(), FOLDER);
        let error = folder.changes(None).await.unwrap_err();
        assert!(matches!(error, CallError::Remote(RemoteError::Refused)), "{error:?}");
        let error =
            GreeterHandle::at(&stranger, host.node.key(), GROUP).greet(host.me.clone(), Vec::new()).await;
        assert!(matches!(error, Err(CallError::Remote(_))), "{error:?}");
        let behind_the_door = SourceHandle::at(&stranger, host.porch.key(), FOLDER);
        let error = behind_the_door.changes(None).await.unwrap_err();
        assert!(matches!(error, CallError::Remote(RemoteError::NoSuchActor(_))), "{error:?}");
        assert_eq!(host.group.cards().await.unwrap().len(), 1);

        // The secret makes a member of him.
        let door = DoorHandle::at(&stranger, host.porch.key(), DOOR);
        let card = Card::new("bob\n", stranger.ticket(), 1);
        let cards = door.enter(host.home.secret().unwrap(), card).await.unwrap();
        assert_eq!(cards.iter().map(|card| card.name.as_str()).collect::<Vec<_>>(), ["ann", "bob"]);
        stranger.learn(&host.node.ticket());
        assert!(folder.changes(None).await.is_ok());
        host.close().await;
    }

    #[tokio::test]
    async fn a_folder_keeps_its_key_and_a_copy_of_it_has_another() {
        let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (first, key) = (host(dir.path()).await, |host: &Host| host.node.key());
        first.member.peer.look().await.unwrap();
        let me = key(&first);
        first.close().await;
        let again = host(dir.path()).await;
        assert_eq!(key(&again), me);
        again.close().await;

        for place in [".filesync", ".filesync/net"] {
            fs::create_dir(copy.path().join(place)).unwrap();
        }
        for file in ["index.redb", "net/key", "net/door", "net/group"] {
            let at = |dir: &tempfile::TempDir| dir.path().join(".filesync").join(file);
            // Who has met nobody has written of nobody.
            let _ = fs::copy(at(&dir), at(&copy));
        }
        let twin = host(copy.path()).await;
        assert_ne!(key(&twin), me);
        twin.close().await;
    }
}
