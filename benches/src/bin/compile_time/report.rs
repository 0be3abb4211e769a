//! The tables.

use std::io;
use std::time::Duration;

use crate::build::{self, Kind, Sample};
use crate::contestants::Contestant;
use crate::workspace::Workspace;

/// Seconds of processor time, and how they compare.
pub(crate) fn times(entries: &[Contestant], kinds: &[Kind], samples: &[Sample]) {
    head("seconds of processor time", entries);
    for &kind in kinds {
        let row: Vec<Option<f64>> = entries.iter().map(|entry| median(entry, kind, samples)).collect();
        line(kind.title(), entries, &row, |seconds| format!("{seconds:.2}"));
    }
    println!();
}

/// Bytes of the programs, the optimised one stripped.
pub(crate) fn sizes(workspace: &Workspace, entries: &[Contestant], kinds: &[Kind]) -> io::Result<()> {
    head("kilobytes of program", entries);
    for &kind in kinds {
        let sizes = entries.iter().map(|entry| build::size(workspace, entry, kind).transpose());
        let sizes: Vec<Option<u64>> = sizes.collect::<io::Result<_>>()?;
        if sizes.iter().all(Option::is_none) {
            continue;
        }
        let row: Vec<Option<f64>> = sizes.into_iter().map(|size| size.map(|size| size as f64)).collect();
        line(kind.title(), entries, &row, |bytes| format!("{:.0}", bytes / 1024.0));
    }
    Ok(())
}

fn head(title: &str, entries: &[Contestant]) {
    let names: Vec<&str> = entries.iter().map(|entry| entry.name).collect();
    println!("| {title} | {} | ours / by hand | ours / best peer |", names.join(" | "));
    println!("|---{}|", "|---:".repeat(entries.len() + 2));
}

fn line(title: &str, entries: &[Contestant], row: &[Option<f64>], show: impl Fn(f64) -> String) {
    let of =
        |name: &str| entries.iter().zip(row).find(|(entry, _)| entry.name == name).and_then(|(_, it)| *it);
    let peers = entries.iter().zip(row).filter(|(entry, _)| entry.peer).filter_map(|(_, it)| *it);
    let best = peers.min_by(f64::total_cmp);
    let ratio = |to: Option<f64>| match (of("ours"), to) {
        (Some(ours), Some(other)) => format!("{:.2}", ours / other),
        _ => "-".to_owned(),
    };
    let cells: Vec<String> = row.iter().map(|it| it.map_or_else(|| "-".to_owned(), &show)).collect();
    println!("| {title} | {} | {} | {} |", cells.join(" | "), ratio(of("by-hand")), ratio(best));
}

fn median(entry: &Contestant, kind: Kind, samples: &[Sample]) -> Option<f64> {
    let own = samples.iter().filter(|sample| sample.contestant == entry.name && sample.kind == kind);
    let mut times: Vec<Duration> = own.map(|sample| sample.time).collect();
    times.sort();
    times.get(times.len() / 2).map(Duration::as_secs_f64)
}
