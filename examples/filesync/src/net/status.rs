//! `filesync status`: what a folder that is served says of itself.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use actor_remote::{Node, Remote};

use super::home::Home;
use super::{DESK, stop_signal};
use crate::actors::desk::{DeskHandle, Neighbour, Report};
use crate::actors::group::Presence;
use crate::error::Error;
use crate::folder;
use crate::show::{bytes, count};

/// How long the answer may take: it is on this machine, and never busy with something else, but the machine may be.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(500);

/// To somebody who serves a folder.
pub(crate) struct Line {
    desk: DeskHandle,
    root: PathBuf,
    node: Node,
}

impl Line {
    /// To who serves the folder at `root`.
    pub(crate) async fn open(root: &Path) -> Result<Self, Error> {
        if !folder::is_in_use(root)? {
            return Err(Error::NotServed(root.to_owned()));
        }
        let home = Home::of(root);
        // It has just begun, or does something else with its folder.
        let Some(here) = home.here()? else { return Err(Error::NoAnswer(root.to_owned())) };
        let node = Node::builder().identity(home.console()).connect_within(PATIENCE).start().await?;
        node.learn(&here.peer);
        let desk = DeskHandle::at(&node, here.peer.key(), DESK);
        Ok(Self { desk, root: root.to_owned(), node })
    }

    /// Hangs up. Without that the other end would keep the line until it misses this one, and has few for each.
    async fn close(self) {
        self.node.close().await;
    }

    pub(crate) async fn report(&self) -> Result<Report, Error> {
        match self.desk.report().timeout(PATIENCE).await {
            Ok(report) => Ok(report),
            Err(_) if folder::is_in_use(&self.root)? => Err(Error::NoAnswer(self.root.clone())),
            Err(_) => Err(Error::NotServed(self.root.clone())),
        }
    }
}

/// Shows how a folder is: once, or, where somebody watches, again and again until Ctrl-C.
pub(crate) async fn status(folder: &Path, once: bool) -> Result<(), Error> {
    let root = folder::check(&[folder.to_owned()])?.remove(0);
    let line = Line::open(&root).await?;
    let shown = if once || !io::stdout().is_terminal() {
        line.report().await.map(|report| print(&table(&report)))
    } else {
        watch(&line).await
    };
    line.close().await;
    shown
}

/// Shows it again and again, until Ctrl-C.
async fn watch(line: &Line) -> Result<(), Error> {
    let mut stop = std::pin::pin!(stop_signal()?);
    print("\x1b[2J");
    loop {
        // Line by line over what was there: a screen that is cleared first flickers.
        let shown = table(&line.report().await?).replace('\n', "\x1b[K\n");
        print(&format!("\x1b[H{shown}\x1b[J"));
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = &mut stop => return Ok(()),
        }
    }
}

/// A reader that has gone away is no failure.
fn print(text: &str) {
    let mut out = io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// What is shown.
fn table(report: &Report) -> String {
    let held = &report.held;
    let here = report.peers.iter().filter(|peer| peer.presence == Presence::Here).count();
    let mut text = format!(
        "{}: {}, {} and {} ({}), in step with {} of {} here\n\n",
        report.name,
        report.folder,
        count(held.files, "file"),
        count(held.dirs, "directory"),
        bytes(held.bytes),
        report.in_step.min(here),
        count(here, "peer"),
    );
    let peers = report.peers.iter().map(|Neighbour { name, address, presence }| {
        let state = match presence {
            Presence::Here => "here".to_owned(),
            Presence::Away(why) => format!("away: {why}"),
        };
        [name.clone(), address.clone(), state]
    });
    rows(&mut text, ["PEER", "ADDRESS", "STATE"], peers.collect(), "no other peers");

    let transfers = report.transfers.iter().map(|transfer| {
        let share = (transfer.done * 100).checked_div(transfer.size).unwrap_or(100);
        [transfer.path.to_string(), bytes(transfer.size), format!("{share} %")]
    });
    rows(&mut text, ["TRANSFER", "SIZE", "HERE"], transfers.collect(), "no transfers");
    if report.got < report.wanted {
        let _ = writeln!(text, "{} of {} taken\n", report.got, count(report.wanted, "file"));
    }

    let conflicts = held.some_conflicts.iter().map(|path| [path.to_string(), String::new(), String::new()]);
    rows(&mut text, ["CONFLICT", "", ""], conflicts.collect(), "no conflicts");
    if held.some_conflicts.len() < held.conflicts {
        let _ = writeln!(text, "and {} more\n", held.conflicts - held.some_conflicts.len());
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Columns as wide as what is in them.
fn rows(text: &mut String, head: [&str; 3], rows: Vec<[String; 3]>, none: &str) {
    if rows.is_empty() {
        let _ = writeln!(text, "{none}\n");
        return;
    }
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].len()]).max().unwrap_or(0)
    };
    let (first, second) = (width(0), width(1));
    let all = std::iter::once(head.map(str::to_owned)).chain(rows);
    for [one, two, three] in all {
        let line = format!("{one:first$}  {two:second$}  {three}");
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actors::desk::Held;
    use crate::actors::peer::Transfer;
    use crate::testing::path;

    #[test]
    fn a_table() {
        let peer = |name: &str, presence| Neighbour {
            name: name.to_owned(),
            address: "127.0.0.1:4000".to_owned(),
            presence,
        };
        let mut report = Report {
            name: "ann".into(),
            folder: "/x".into(),
            held: Held { files: 2, dirs: 1, bytes: 2048, conflicts: 2, some_conflicts: vec![path("c")] },
            peers: vec![peer("bob", Presence::Here), peer("carla", Presence::Away("it sleeps".into()))],
            in_step: 1,
            wanted: 3,
            got: 1,
            transfers: vec![Transfer { path: path("large"), size: 1 << 20, done: 1 << 19 }],
        };
        assert_eq!(
            table(&report),
            "\
ann: /x, 2 files and 1 directory (2.0 KiB), in step with 1 of 1 peer here

PEER   ADDRESS         STATE
bob    127.0.0.1:4000  here
carla  127.0.0.1:4000  away: it sleeps

TRANSFER  SIZE     HERE
large     1.0 MiB  50 %

1 of 3 files taken

CONFLICT
c

and 1 more
"
        );
        (report.peers, report.transfers, report.wanted) = (Vec::new(), Vec::new(), 0);
        report.held = Held::default();
        assert!(table(&report).ends_with("no other peers\n\nno transfers\n\nno conflicts\n"));
    }
}
