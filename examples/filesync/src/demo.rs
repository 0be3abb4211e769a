//! `filesync demo`: all that makes syncing hard, in a few seconds and a temporary place.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use actor_core::prelude::*;

use crate::actors::reporter::{Reporter, ReporterHandle};
use crate::cli;
use crate::error::Error;
use crate::generate::{self, Generator};
use crate::outcome::Outcome;
use crate::progress::View;
use crate::session::{Conditions, Session};
use crate::show::{bytes, count, duration};
use crate::tree;

const NAMES: [&str; 3] = ["ann", "bob", "cai"];
/// Short, since the demo's peers are made to be late; not so short that a machine with much to do is late too.
const CONDITIONS: Conditions =
    Conditions { patience: Duration::from_millis(500), latency: Duration::from_millis(2) };
/// New in each folder before the sync that is disturbed, so that there is something to disturb.
const LARGE: u64 = 6 << 20;

pub(crate) async fn run(options: &cli::Demo) -> Result<(), Error> {
    let place = tempfile::Builder::new().prefix("filesync-demo-").tempdir();
    let mut place = place.map_err(Error::io("make a folder in", &std::env::temp_dir()))?;
    place.disable_cleanup(options.keep);
    let at = place.path().to_owned();
    let demo = Demo {
        roots: NAMES.iter().map(|name| at.join(name)).collect(),
        reporter: Reporter::new(View::new(&NAMES.map(str::to_owned))).spawn(),
        begin: Instant::now(),
        last: Mutex::new(Instant::now()),
    };
    let result = demo.play(options).await;
    let _ = demo.reporter.finish().await;
    if options.keep {
        println!("the folders are in {}", at.display());
    }
    result
}

struct Demo {
    roots: Vec<PathBuf>,
    reporter: ReporterHandle,
    begin: Instant,
    last: Mutex<Instant>,
}

impl Demo {
    async fn play(&self, options: &cli::Demo) -> Result<(), Error> {
        self.on_all(|n, root| generate::fill(root, NAMES[n], options.files, options.seed))?;
        self.step("made three folders, each with files of its own").await;

        let session = self.open().await?;
        self.report(&session, session.run().await?, "synced").await?;

        self.on_all(|n, root| edit(n, root, options.seed))?;
        self.step("edited all three at the same time").await;
        session.members[1].trap.set(1);
        self.step(&format!("the peer of {} will crash as soon as it has put files in place", NAMES[1])).await;
        let (outcome, disturbed) = tokio::join!(session.run(), self.disturb(&session));
        disturbed?;
        self.report(&session, outcome?, "synced again in spite of it all").await?;
        session.close().await;

        self.compare().await?;
        let again = self.open().await?;
        self.report(&again, again.run().await?, "a run more").await?;
        again.close().await;
        Ok(())
    }

    async fn open(&self) -> Result<Session, Error> {
        let labels = NAMES.map(str::to_owned).to_vec();
        Session::open(self.roots.clone(), labels, CONDITIONS, self.reporter.clone()).await
    }

    /// In the middle of a sync: cuts a link, lets a peer fall silent, edits a file, and puts all right again.
    async fn disturb(&self, session: &Session) -> Result<(), Error> {
        let gone = |error: CallError| Error::Actor(error.to_string());
        let before = self.reporter.when_moved(0).await.map_err(gone)?;
        let moved = self.reporter.when_moved(before + LARGE).await.map_err(gone)? - before;
        self.step(&format!("after {}", bytes(moved))).await;
        let all = session.status().await?;
        let all = all.iter().map(|(name, status)| format!("{name}: {status}")).collect::<Vec<_>>();
        self.step(&format!("asked all three what they are at: {}", all.join("; "))).await;
        let file = self.roots[1].join("edited during the sync");
        fs::write(&file, "by bob").map_err(Error::io("write", &file))?;
        Ok(())
    }

    async fn compare(&self) -> Result<(), Error> {
        let mut hashes = Vec::new();
        for (name, root) in NAMES.iter().zip(&self.roots) {
            let hash = tree::hash(root).map_err(Error::io("read", root))?;
            self.say(&format!("  {name}: {}", hash.to_hex())).await;
            hashes.push(hash);
        }
        if hashes.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err(Error::Disagree);
        }
        self.step("hashed all three, without the help of an index: they agree").await;
        Ok(())
    }

    async fn report(&self, session: &Session, outcome: Outcome, what: &str) -> Result<(), Error> {
        session.report(&outcome).await;
        self.step(&format!("{what}, in {}", count(outcome.rounds, "round"))).await;
        match outcome.skipped.len() {
            0 => Ok(()),
            skipped => Err(Error::Incomplete(skipped)),
        }
    }

    /// A line with the time since the demo began and since the step before.
    async fn step(&self, what: &str) {
        let now = Instant::now();
        let last = self.last.lock().map_or(now, |mut last| std::mem::replace(&mut *last, now));
        let (at, took) = (duration(now - self.begin), duration(now - last));
        self.say(&format!("[{at:>7}, +{took:>7}] {what}")).await;
    }

    async fn say(&self, line: &str) {
        let _ = self.reporter.say(line).await;
    }

    /// Does something with all folders, each on a thread of its own.
    fn on_all(&self, work: impl Fn(usize, &Path) -> io::Result<()> + Sync) -> Result<(), Error> {
        std::thread::scope(|scope| {
            let threads: Vec<_> = self
                .roots
                .iter()
                .enumerate()
                .map(|(n, root)| {
                    (
                        root,
                        scope.spawn({
                            let work = &work;
                            move || work(n, root)
                        }),
                    )
                })
                .collect();
            threads.into_iter().try_for_each(|(root, thread)| {
                let done = thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked")));
                done.map_err(Error::io("write in", root))
            })
        })
    }
}

/// What the user of each folder does, without knowing of the others.
fn edit(n: usize, root: &Path, seed: u64) -> io::Result<()> {
    // All three change one file: one of them keeps the name, two copies are kept beside it.
    fs::write(root.join("shared.txt"), format!("as {} has it", NAMES[n]))?;
    // One edits what another deletes: the edit stays.
    let contested = root.join("photos/2026/contested.dat");
    match n {
        0 => fs::write(contested, "precious")?,
        1 => fs::remove_file(contested)?,
        _ => {}
    }
    // One puts a file where another makes a directory.
    match n {
        1 => fs::write(root.join("plans"), "a file")?,
        2 => {
            fs::create_dir(root.join("plans"))?;
            fs::write(root.join("plans/first"), "in a directory")?;
        }
        _ => {}
    }
    // Each tidies up, and brings something large.
    fs::rename(root.join("empty ann"), root.join(format!("renamed by {}", NAMES[n])))?;
    if n == 2 {
        fs::rename(root.join("photos/before.dat"), root.join("notes/after.dat"))?;
    }
    Generator::new(seed, &format!("large {}", NAMES[n]))
        .write(&root.join(format!("large {}", NAMES[n])), LARGE)
}
