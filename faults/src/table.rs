//! The faults, one after the other, and the table of what callers got.

use crate::Fallible;
use crate::fault::{Event, FAULTS, Fault, Promise, SHORT};
use crate::net::Lab;
use crate::scene::{Outcome, Scene};
use histories::{Count, Told};
use std::path::Path;
use std::time::Duration;

/// Which of them.
#[derive(clap::Args, Debug)]
pub(crate) struct Table {
    /// Two of them, in a few seconds.
    #[arg(long)]
    short: bool,
    /// Those with this in their names.
    #[arg(long)]
    only: Option<String>,
}

/// Where systems have the library of `faketime`.
const CLOCKS: [&str; 3] = [
    "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
];

/// How long those last that are tried in every run of the tests.
const BRIEFLY: Duration = Duration::from_millis(1_500);

/// Plays them; whether all was as promised.
pub(crate) fn run(options: &Table) -> Fallible<bool> {
    let folder = tempfile::tempdir()?;
    let mut lab = Lab::build(2)?;
    let link = lab.link(1, 2)?;
    let clock = CLOCKS.map(Path::new).into_iter().find(|path| path.exists());
    println!("| fault | running | queued | streaming | watch | calls | tells | works again |");
    println!("|---|---|---|---|---|---|---|---|");
    let mut wrongs = Vec::new();
    for (number, fault) in FAULTS.iter().enumerate().filter(|(_, fault)| options.wants(fault)) {
        let lasts = if options.short { BRIEFLY } else { fault.lasts };
        let fault = &Fault { lasts, ..*fault };
        if matches!(fault.event, Event::Clock(_)) && clock.is_none() {
            println!("| {} | skipped: no `libfaketime` here | | | | | | |", fault.name);
            continue;
        }
        let play = |attempt: usize| {
            let folder = folder.path().join(format!("{number}-{attempt}"));
            Scene { lab: &mut lab, link: &link, folder, clock }
                .play(fault)
                .map_err(|error| format!("{}: {error}", fault.name))
        };
        let outcome = in_time(fault, play)?;
        println!("{}", row(fault, &outcome));
        wrongs.extend(outcome.wrongs.iter().map(|wrong| format!("{}: {wrong}", fault.name)));
    }
    wrongs.iter().for_each(|wrong| eprintln!("{wrong}"));
    Ok(wrongs.is_empty())
}

/// A cut that must not be noticed must not last longer than it should: on a machine that is too busy for that it is tried again.
fn in_time(fault: &Fault, mut play: impl FnMut(usize) -> Result<Outcome, String>) -> Result<Outcome, String> {
    let is_short = matches!((fault.event, fault.promise), (Event::Cut { .. }, Promise::GoesOn));
    let most = if is_short { fault.lasts + fault.lasts / 4 } else { Duration::MAX };
    for attempt in 1..ATTEMPTS {
        let outcome = play(attempt)?;
        if outcome.lasted <= most {
            return Ok(outcome);
        }
    }
    play(ATTEMPTS)
}

/// How often at most.
const ATTEMPTS: usize = 5;

impl Table {
    fn wants(&self, fault: &Fault) -> bool {
        let is_named = self.only.as_ref().is_none_or(|only| fault.name.contains(only.as_str()));
        is_named && (!self.short || SHORT.contains(&fault.name))
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

fn row(fault: &Fault, outcome: &Outcome) -> String {
    let one = |name: &str, well: &str| match (outcome.ones.get(name), fault.promise) {
        (None, _) => "nothing".to_owned(),
        (Some((Told::Ok, ..)), _) => well.to_owned(),
        (Some((Told::Never, when, _)), _) => format!("never ran, {}", seconds(*when)),
        (Some((Told::Unknown, when, _)), Promise::Lost(_) | Promise::Either(_)) => {
            format!("lost, {}", seconds(*when))
        }
        (Some((Told::Unknown, when, text)), Promise::GoesOn) => format!("{text}, {}", seconds(*when)),
    };
    let many = |kind| {
        let Count { ok, never, unknown, slowest } = outcome.ledger.count(kind);
        format!("{ok} / {never} / {unknown}, {}", seconds(slowest))
    };
    let (items, gap) = outcome.ledger.items();
    let streaming = one("streaming", &format!("goes on: {items}, gap {}", seconds(gap)));
    format!(
        "| {} | {} | {} | {streaming} | {} | {} | {} | {} |",
        fault.name,
        one("running", "reply"),
        one("queued", "reply"),
        one("watch", "goes on"),
        many("call"),
        many("tell"),
        outcome.again.map_or("no".to_owned(), seconds),
    )
}
