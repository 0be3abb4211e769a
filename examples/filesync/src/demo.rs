//! `filesync demo`: all that makes syncing hard, in a few seconds and a temporary place, with three processes of this program.

mod process;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use futures::future::try_join_all;
use nix::sys::signal::Signal;
use tokio::time::sleep;

use crate::actors::desk::Report;
use crate::actors::group::Presence;
use crate::cli;
use crate::error::Error;
use crate::generate::{self, Generator};
use crate::net::status::Line;
use crate::net::stop_signal;
use crate::show::{bytes, count, duration, list};
use crate::tree;
use process::Process;

const NAMES: [&str; 3] = ["ann", "bob", "cai"];
/// New in each folder before the sync that is disturbed, so that there is something to disturb.
const LARGE: u64 = 4 << 20;
/// Nothing here takes so long on a machine that works.
const LONG: Duration = Duration::from_secs(120);
/// Between two looks at the processes.
const PAUSE: Duration = Duration::from_millis(50);

pub(crate) async fn run(options: &cli::Demo) -> Result<(), Error> {
    let stop = stop_signal()?;
    let place = tempfile::Builder::new().prefix("filesync-demo-").tempdir();
    let mut place = place.map_err(Error::io("make a folder in", &std::env::temp_dir()))?;
    place.disable_cleanup(options.keep);
    let at = place.path().to_owned();
    let now = Instant::now();
    let mut demo = Demo { roots: NAMES.map(|name| at.join(name)), begin: now, last: now };
    // Whoever presses Ctrl-C finds nothing left behind either: processes end, and the place goes.
    let result = tokio::select! {
        played = demo.play(options) => played,
        () = stop => Ok(()),
    };
    if options.keep {
        println!("the folders are in {}", at.display());
    }
    result
}

struct Demo {
    roots: [PathBuf; 3],
    begin: Instant,
    last: Instant,
}

impl Demo {
    async fn play(&mut self, options: &cli::Demo) -> Result<(), Error> {
        self.on_all(|n, root| generate::fill(root, NAMES[n], options.files, options.seed))?;
        self.step("made three folders, each with files of its own");

        let mut ann = Process::serve(&self.roots[0], NAMES[0], None)?;
        let ticket = ann.ticket().await?;
        self.step(&format!(
            "started a process for ann; it prints a ticket that begins with {}",
            &ticket[..8]
        ));
        let mut bob = Process::serve(&self.roots[1], NAMES[1], Some(&ticket))?;
        let mut cai = Process::serve(&self.roots[2], NAMES[2], Some(&ticket))?;
        bob.ticket().await?;
        cai.ticket().await?;
        self.step("started one for bob and one for cai, which join with it");
        let reports = self.agree().await?;
        self.step(&format!("they have brought the folders together: {}", held(&reports[0])));

        [&mut bob, &mut cai].into_iter().for_each(Process::forget);
        self.on_all(|n, root| edit(n, root, options.seed))?;
        self.step("edited all three at the same time");
        bob.says(": taking ").await?;
        bob.kill()?;
        self.step("killed the process of bob while it takes files (SIGKILL)");
        cai.says(": taking ").await?;
        cai.signal(Signal::SIGSTOP)?;
        self.step("stopped that of cai while it takes files (SIGSTOP): no link to it leads anywhere");
        let line = Line::open(&self.roots[0]).await?;
        let alone = |report: &Report| report.peers.iter().all(|peer| peer.presence != Presence::Here);
        let report = until("ann misses both", || line.report(), alone).await?;
        let missed = report.peers.iter().map(|peer| format!("{} ({})", peer.name, state(&peer.presence)));
        let missed: Vec<_> = missed.collect();
        self.step(&format!("ann's status misses {}", list(missed.iter().map(String::as_str))));
        for (n, text) in [(0, "by ann, alone"), (1, "by bob's user, while bob's process is dead")] {
            let file = self.roots[n].join("shared.txt");
            fs::write(&file, text).map_err(Error::io("write", &file))?;
        }
        self.step("edited one file in ann's folder and in bob's, where nobody looks");

        cai.signal(Signal::SIGCONT)?;
        self.step("let cai's process go on (SIGCONT)");
        let mut bob = Process::serve(&self.roots[1], NAMES[1], None)?;
        bob.ticket().await?;
        self.step("started bob's again");
        let reports = self.agree().await?;
        self.step(&format!("they agree again, in spite of it all: {}", held(&reports[0])));
        for copy in &reports[0].held.some_conflicts {
            println!("  kept beside the version that won: {copy}");
        }
        self.compare()?;

        let mut all = [ann, bob, cai];
        for process in &mut all {
            process.end().await?;
        }
        self.step("asked all three to end, and they did");
        Ok(())
    }

    /// Waits until all processes say that they agree, and the folders are the same for one who does not ask them.
    async fn agree(&self) -> Result<Vec<Report>, Error> {
        let lines = try_join_all(self.roots.iter().map(|root| Line::open(root))).await?;
        let ask = || try_join_all(lines.iter().map(Line::report));
        let in_step = |reports: &Vec<Report>| {
            reports.iter().all(|report| report.in_step == NAMES.len() - 1 && report.transfers.is_empty())
                // What was just edited they may not have seen.
                && self.hashes().is_ok_and(|hashes| hashes.windows(2).all(|pair| pair[0] == pair[1]))
        };
        until("all three agree", ask, in_step).await
    }

    fn hashes(&self) -> Result<Vec<blake3::Hash>, Error> {
        self.roots.iter().map(|root| tree::hash(root).map_err(Error::io("read", root))).collect()
    }

    /// The folders themselves have the last word.
    fn compare(&mut self) -> Result<(), Error> {
        let hashes = self.hashes()?;
        for (name, hash) in NAMES.iter().zip(&hashes) {
            println!("  {name}: {}", hash.to_hex());
        }
        if hashes.windows(2).any(|pair| pair[0] != pair[1]) {
            return Err(Error::Disagree);
        }
        self.step("hashed all three, without the help of an index: they are the same");
        Ok(())
    }

    /// A line with the time since the demo began and since the step before.
    fn step(&mut self, what: &str) {
        let now = Instant::now();
        let (at, took) = (duration(now - self.begin), duration(now - self.last));
        println!("[{at:>7}, +{took:>7}] {what}");
        self.last = now;
    }

    /// Does something with all folders, each on a thread of its own.
    fn on_all(&self, work: impl Fn(usize, &Path) -> io::Result<()> + Sync) -> Result<(), Error> {
        std::thread::scope(|scope| {
            let work = &work;
            let threads: Vec<_> =
                self.roots.iter().enumerate().map(|(n, root)| scope.spawn(move || work(n, root))).collect();
            threads.into_iter().zip(&self.roots).try_for_each(|(thread, root)| {
                let done = thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked")));
                done.map_err(Error::io("write in", root))
            })
        })
    }
}

/// Asks again and again until the answer is what is waited for. Who does not answer is asked again, too.
async fn until<T, F: Future<Output = Result<T, Error>>>(
    what: &str,
    ask: impl Fn() -> F,
    is_so: impl Fn(&T) -> bool,
) -> Result<T, Error> {
    let begin = Instant::now();
    while begin.elapsed() < LONG {
        match ask().await {
            Ok(answer) if is_so(&answer) => return Ok(answer),
            Ok(_) | Err(Error::NotServed(_) | Error::NoAnswer(_)) => sleep(PAUSE).await,
            Err(error) => return Err(error),
        }
    }
    Err(Error::TooLong(what.to_owned()))
}

fn held(report: &Report) -> String {
    let held = &report.held;
    let (files, dirs) = (count(held.files, "file"), count(held.dirs, "directory"));
    format!("{files} and {dirs}, {}, {}", bytes(held.bytes), count(held.conflicts, "conflict"))
}

fn state(presence: &Presence) -> &str {
    match presence {
        Presence::Here => "here",
        Presence::Away(why) => why,
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
