//! Folders being brought to the same contents: the actors of a run, and its rounds.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actor_core::prelude::*;
use actor_core::{Supervise, Supervisor, SupervisorHandle};
use futures::future::{join_all, try_join_all};

use crate::actors::disk::{Disk, DiskHandle};
use crate::actors::link::{Link, LinkHandle};
use crate::actors::peer::{Looked, Met, Peer, PeerHandle, Trap, remember};
use crate::actors::reporter::ReporterHandle;
use crate::actors::source::SourceHandle;
use crate::error::Error;
use crate::folder::Folder;
use crate::outcome::{Outcome, mention};
use crate::show::{count, duration};

/// Each round works on what the one before has left. More than a few are only needed when users go on changing things.
const ROUNDS: usize = 20;
/// Rounds in a row that only failed, before it is left to the user.
const FRUITLESS: usize = 3;
/// A peer that crashes does so in each round at most twice, so what ends a run is that nothing comes of it.
const CRASHES: u32 = 2 * ROUNDS as u32;
const MINUTE: Duration = Duration::from_secs(60);

/// One folder and its actors.
#[derive(Debug)]
pub(crate) struct Member {
    pub(crate) folder: Arc<Folder>,
    pub(crate) disk: DiskHandle,
    pub(crate) peer: PeerHandle,
    #[cfg(test)]
    pub(crate) trap: Trap,
    /// To each other member, by number.
    pub(crate) links: BTreeMap<usize, LinkHandle>,
}

/// How links and peers behave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Conditions {
    pub(crate) patience: Duration,
    pub(crate) latency: Duration,
}

/// A run.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) members: Vec<Member>,
    /// Of the peers.
    supervisor: SupervisorHandle,
    reporter: ReporterHandle,
}

/// Of peers: it makes those that crash anew.
pub(crate) fn supervisor() -> SupervisorHandle {
    Supervisor::one_for_one().intensity(CRASHES, MINUTE).spawn()
}

impl Member {
    /// Takes hold of the folder at `root` and starts its actors, without links to others.
    pub(crate) async fn open(
        number: usize,
        root: PathBuf,
        label: String,
        patience: Duration,
        supervisor: &SupervisorHandle,
        reporter: &ReporterHandle,
    ) -> Result<Self, Error> {
        let folder = Arc::new(Folder::open(root, label)?);
        let (index, note) = remember(&folder)?;
        if let Some(note) = note {
            let _ = reporter.warn(note).tell().await;
        }
        let disk = Disk::new(Arc::clone(&folder), index.snapshot())
            .map_err(Error::io("draw a number for", folder.root()))?
            .spawn_with(Spawn::new().name(format!("disk of {}", folder.label())));
        let trap = Trap::default();
        let peer = {
            let (folder, disk, reporter, trap) =
                (Arc::clone(&folder), disk.clone(), reporter.clone(), trap.clone());
            let policy = Supervise::permanent()
                .intensity(CRASHES, MINUTE)
                .with(Spawn::new().name(format!("peer {}", folder.label())));
            let mut first = Some(index);
            supervisor.child(policy, move || {
                let (folder, disk) = (Arc::clone(&folder), disk.clone());
                Peer::new(number, folder, first.take(), disk, reporter.clone(), patience, trap.clone())
            })
        };
        Ok(Self {
            folder,
            disk,
            peer,
            #[cfg(test)]
            trap,
            links: BTreeMap::new(),
        })
    }

    /// What its peer answers. `None`: it crashed, and is made anew for the next round, which does what it left.
    pub(crate) async fn survive<T>(
        &self,
        reporter: &ReporterHandle,
        answer: impl Future<Output = Result<T, CallError<Error>>>,
    ) -> Result<Option<T>, Error> {
        match answer.await {
            Ok(answer) => Ok(Some(answer)),
            Err(CallError::Interrupted(reason @ ExitReason::Panicked(_))) => {
                let label = self.folder.label();
                let line = format!("{label}: its peer {reason}; another one takes its place");
                let _ = reporter.warn(line).tell().await;
                Ok(None)
            }
            Err(error) => Err(settle(error)),
        }
    }
}

impl Session {
    /// Takes hold of all folders and starts their actors.
    pub(crate) async fn open(
        roots: Vec<PathBuf>,
        labels: Vec<String>,
        conditions: Conditions,
        reporter: ReporterHandle,
    ) -> Result<Self, Error> {
        let supervisor = supervisor();
        let mut members = Vec::new();
        for (number, (root, label)) in roots.into_iter().zip(labels).enumerate() {
            members
                .push(Member::open(number, root, label, conditions.patience, &supervisor, &reporter).await?);
        }
        let disks: Vec<SourceHandle> = members.iter().map(|member| member.disk.clone().into()).collect();
        for (from, member) in members.iter_mut().enumerate() {
            let others = disks.iter().enumerate().filter(|(to, _)| *to != from);
            member.links =
                others.map(|(to, disk)| (to, Link::new(disk.clone(), conditions.latency).spawn())).collect();
        }
        Ok(Self { members, supervisor, reporter })
    }

    /// Runs rounds until one finds nothing left to do.
    pub(crate) async fn run(&self) -> Result<Outcome, Error> {
        let begin = Instant::now();
        let mut outcome = Outcome::default();
        let mut fruitless = 0;
        loop {
            outcome.rounds += 1;
            let looks = self.members.iter().map(|member| member.survive(&self.reporter, member.peer.look()));
            let looked = try_join_all(looks).await?;
            if outcome.rounds == 1 {
                self.mention(&looked).await;
            }
            let meetings = self.members.iter().map(|member| {
                let links: Vec<SourceHandle> =
                    member.links.values().map(|link| link.clone().into()).collect();
                member.survive(&self.reporter, member.peer.meet(links))
            });
            let met = try_join_all(meetings).await?;

            let nobody_crashed = looked.iter().all(Option::is_some) && met.iter().all(Option::is_some);
            let is_settled = nobody_crashed && met.iter().flatten().all(Met::is_settled);
            fruitless = if met.iter().flatten().any(|met| met.steps > 0) { 0 } else { fruitless + 1 };
            // Only what the last round says counts: what failed before may have been done since.
            outcome.skipped.clear();
            for ((member, looked), met) in self.members.iter().zip(looked).zip(met) {
                let label = member.folder.label();
                outcome.add_look(label, looked);
                if let Some(met) = &met {
                    outcome.skipped.extend(met.absent.iter().cloned());
                }
                outcome.add_meeting(label, met);
            }
            if is_settled || fruitless >= FRUITLESS {
                break;
            }
            if outcome.rounds >= ROUNDS {
                return Err(Error::Unsettled(ROUNDS));
            }
        }
        outcome.took = begin.elapsed();
        let views = try_join_all(self.members.iter().map(|member| member.peer.view())).await;
        let views = views.map_err(|error| Error::Actor(error.to_string()))?;
        if outcome.skipped.is_empty() && views.windows(2).any(|pair| pair[0].entries != pair[1].entries) {
            return Err(Error::Unsettled(outcome.rounds));
        }
        if let Some(view) = views.first() {
            outcome.count(&view.entries);
        }
        Ok(outcome)
    }

    /// Stops all actors and lets go of the folders.
    pub(crate) async fn close(self) {
        let mut ends = Vec::new();
        self.supervisor.stop();
        ends.push(self.supervisor.stopped());
        for member in self.members {
            member.disk.stop();
            member.links.values().for_each(LinkHandle::stop);
            ends.push(member.disk.stopped());
            ends.extend(member.links.values().map(LinkHandle::stopped));
        }
        join_all(ends).await;
    }

    /// Says what happened in the folders since the last run, and what is left out on purpose.
    async fn mention(&self, looked: &[Option<Looked>]) {
        for (member, looked) in self.members.iter().zip(looked) {
            if let Some(looked) = looked {
                mention(&self.reporter, member.folder.label(), looked, true).await;
            }
        }
    }

    /// Says what was done and what was not.
    pub(crate) async fn report(&self, outcome: &Outcome) {
        for line in outcome.conflict_lines() {
            let _ = self.reporter.say(line).tell().await;
        }
        for line in &outcome.skipped {
            let _ = self.reporter.warn(line.clone()).tell().await;
        }
        let _ = self.reporter.say(self.summary(outcome)).tell().await;
    }

    fn summary(&self, outcome: &Outcome) -> String {
        let state = if outcome.skipped.is_empty() { "in sync" } else { "not fully in sync" };
        format!(
            "{state}: {} with {} and {}: {}, in {}",
            count(self.members.len(), "folder"),
            count(outcome.files, "file"),
            count(outcome.dirs, "directory"),
            outcome.work(),
            duration(outcome.took),
        )
    }
}

/// What went wrong in a peer is an error of the run, whether it says so itself or has gone down.
pub(crate) fn settle(error: CallError<Error>) -> Error {
    match error {
        CallError::Handler(error) => error,
        other => Error::Actor(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::actors::reporter::Reporter;
    use crate::progress::View;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_closed_session_has_let_go_of_its_folders() {
        let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        std::fs::write(dirs[0].path().join("x"), "1").unwrap();
        let reporter = Reporter::new(View::Lines { labels: Vec::new() }).spawn();
        let conditions = Conditions { patience: Duration::from_secs(20), latency: Duration::ZERO };
        for _ in 0..20 {
            let roots = dirs.iter().map(|dir| dir.path().to_owned()).collect();
            let labels = vec!["a".to_owned(), "b".to_owned()];
            let session = Session::open(roots, labels, conditions, reporter.clone()).await.unwrap();
            assert!(session.run().await.unwrap().skipped.is_empty());
            session.close().await;
        }
    }

    /// A session of folders with a file each, and one of its own in the first.
    async fn session(dirs: &[tempfile::TempDir]) -> Session {
        for (n, dir) in dirs.iter().enumerate() {
            std::fs::write(dir.path().join(n.to_string()), n.to_string()).unwrap();
        }
        let reporter = Reporter::new(View::Lines { labels: Vec::new() }).spawn();
        let conditions = Conditions { patience: Duration::from_secs(20), latency: Duration::ZERO };
        let roots = dirs.iter().map(|dir| dir.path().to_owned()).collect();
        let labels = (0..dirs.len()).map(|n| n.to_string()).collect();
        Session::open(roots, labels, conditions, reporter).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_peer_that_crashes_in_the_middle_is_made_anew_and_all_come_to_the_same() {
        let dirs: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
        let session = session(&dirs).await;
        let peer = session.members[1].peer.clone();
        session.members[1].trap.set(1);
        let outcome = session.run().await.unwrap();
        assert_eq!(outcome.skipped, BTreeSet::new());
        assert_eq!(outcome.conflicts.len(), 0, "what was put in place before the crash is no edit");
        assert!(peer.is_running(), "the same handle reaches the one that took its place");
        let hashes: BTreeSet<_> =
            dirs.iter().map(|dir| crate::tree::hash(dir.path()).unwrap().to_hex().to_string()).collect();
        assert_eq!(hashes.len(), 1);
        assert!(dirs[1].path().join("0").exists() && dirs[0].path().join("1").exists());
        assert!(outcome.rounds > 2, "one was lost to the crash");
        assert_eq!(session.run().await.unwrap().steps, 0);
        session.close().await;
    }

    #[tokio::test]
    async fn a_peer_says_what_it_is_at_while_a_transfer_is_held() {
        let dirs: Vec<_> = (0..2).map(|_| tempfile::tempdir().unwrap()).collect();
        let session = session(&dirs).await;
        for (n, dir) in dirs.iter().enumerate() {
            std::fs::write(dir.path().join("shared"), format!("as {n} has it")).unwrap();
        }
        let (peer, link) = (&session.members[0].peer, &session.members[0].links[&1]);
        for member in &session.members {
            member.peer.look().await.unwrap();
        }
        link.cut().await.unwrap();
        let meeting = peer.meet(vec![link.clone().into()]).start();
        let asks = peer.status().await.unwrap();
        assert_eq!((asks.wanted, asks.transfers.len()), (0, 0));

        // The question for the index waits at the link by now: it gets through, and what follows from it does not.
        link.mend().try_tell().unwrap();
        link.cut().try_tell().unwrap();
        let under_way = async {
            loop {
                let status = peer.status().await.unwrap();
                if !status.transfers.is_empty() {
                    return status;
                }
                tokio::task::yield_now().await;
            }
        };
        let takes = tokio::time::timeout(Duration::from_secs(10), under_way).await.unwrap();
        assert!(takes.wanted > 0 && takes.in_step == 0);
        let other = session.members[1].peer.status().await.unwrap();
        assert_eq!((other.wanted, other.transfers.len()), (0, 0));

        link.mend().await.unwrap();
        assert_eq!(meeting.await.unwrap().failed, [""; 0]);
        assert!(peer.status().await.unwrap().transfers.is_empty());
        session.close().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_peer_that_was_killed_is_not_made_anew_and_the_run_says_so() {
        let dirs: Vec<_> = (0..2).map(|_| tempfile::tempdir().unwrap()).collect();
        let session = session(&dirs).await;
        session.members[1].peer.kill();
        let error = session.run().await.unwrap_err();
        assert!(matches!(error, Error::Actor(_)), "{error}");
        session.close().await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_peer_that_is_cut_off_for_good_is_told_and_the_others_agree() {
        let dirs: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
        dirs.iter()
            .enumerate()
            .for_each(|(n, dir)| std::fs::write(dir.path().join(n.to_string()), "1").unwrap());
        let reporter = Reporter::new(View::Lines { labels: Vec::new() }).spawn();
        let conditions = Conditions { patience: Duration::from_millis(100), latency: Duration::ZERO };
        let roots = dirs.iter().map(|dir| dir.path().to_owned()).collect();
        let labels = ["a", "b", "c"].map(str::to_owned).to_vec();
        let session = Session::open(roots, labels, conditions, reporter).await.unwrap();
        for (from, to) in [(0, 2), (1, 2), (2, 0), (2, 1)] {
            session.members[from].links[&to].cut().await.unwrap();
        }
        let outcome = session.run().await.unwrap();
        assert_eq!(outcome.skipped.len(), 3, "{:?}", outcome.skipped);
        assert!(dirs[0].path().join("1").exists() && dirs[1].path().join("0").exists());
        assert!(!dirs[0].path().join("2").exists());
    }
}
