//! The table.

use bench_kit::table::Table;
use std::io;
use std::iter;
use std::time::Duration;

use crate::build::{self, Kind, Sample};
use crate::contestants::Contestant;
use crate::workspace::Workspace;

/// Seconds of processor time, bytes of the programs, and how they compare.
pub(crate) fn table(
    workspace: &Workspace,
    entries: &[Contestant],
    kinds: &[Kind],
    samples: &[Sample],
) -> io::Result<Table> {
    let names = entries.iter().map(|entry| if entry.name == "ours" { "here" } else { entry.name });
    let ratios = ["here / by hand", "here / best of the others"];
    let mut table = Table::new(iter::once("").chain(names).chain(ratios));
    for &kind in kinds {
        let row: Vec<Option<f64>> = entries.iter().map(|entry| median(entry, kind, samples)).collect();
        table.push(line(kind.title(), entries, &row, |seconds| format!("{seconds:.1} s")));
    }
    for &kind in kinds {
        let Some(title) = kind.program() else { continue };
        let sizes = entries.iter().map(|entry| build::size(workspace, entry, kind).transpose());
        let sizes: Vec<Option<u64>> = sizes.collect::<io::Result<_>>()?;
        let row: Vec<Option<f64>> = sizes.into_iter().map(|size| size.map(|size| size as f64)).collect();
        table.push(line(title, entries, &row, |bytes| format!("{:.1} MB", bytes / 1e6)));
    }
    Ok(table)
}

fn line(
    title: &str,
    entries: &[Contestant],
    row: &[Option<f64>],
    show: impl Fn(f64) -> String,
) -> Vec<String> {
    let of =
        |name: &str| entries.iter().zip(row).find(|(entry, _)| entry.name == name).and_then(|(_, it)| *it);
    let peers = entries.iter().zip(row).filter(|(entry, _)| entry.peer).filter_map(|(_, it)| *it);
    let best = peers.min_by(f64::total_cmp);
    let ratio = |to: Option<f64>| match (of("ours"), to) {
        (Some(ours), Some(other)) => format!("{:.2}", ours / other),
        _ => "-".to_owned(),
    };
    let cells = row.iter().map(|it| it.map_or_else(|| "-".to_owned(), &show));
    iter::once(title.to_owned()).chain(cells).chain([ratio(of("by-hand")), ratio(best)]).collect()
}

fn median(entry: &Contestant, kind: Kind, samples: &[Sample]) -> Option<f64> {
    let own = samples.iter().filter(|sample| sample.contestant == entry.name && sample.kind == kind);
    let mut times: Vec<Duration> = own.map(|sample| sample.time).collect();
    times.sort();
    times.get(times.len() / 2).map(Duration::as_secs_f64)
}
