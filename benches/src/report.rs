//! The tables.

use bench_kit::table::Table;

use crate::contestant::Threads;
use crate::round::{Entry, Kind, Row};
use crate::scenario::Scenario;
use crate::targets::{self, Target};

/// Nanoseconds, and how they compare. Empty if nothing was measured.
pub(crate) fn times(threads: Threads, entries: &[Entry], rows: &[Row]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let title = match threads {
        Threads::One => "ns an operation, one thread",
        Threads::Two => "ns an operation, two threads",
    };
    let mut table = table(title, entries, &["ours / best peer", "ours / by hand"]);
    for row in rows {
        let mut line = figures(row, 0);
        line.push(against(entries, row, Kind::Ours, Kind::Peer, targets::peers(row.scenario, threads)));
        line.push(against(entries, row, Kind::Ours, Kind::ByHand, targets::by_hand(row.scenario)));
        table.push(line);
        if let Some(target) = targets::mailbox_only(row.scenario) {
            let compared = against(entries, row, Kind::MailboxOnly, Kind::Peer, Some(target));
            if !compared.is_empty() {
                let mut line = vec![format!("{}, mailbox only", row.scenario)];
                line.resize(entries.len() + 1, String::new());
                line.push(compared);
                line.push(String::new());
                table.push(line);
            }
        }
    }
    format!("\n{table}")
}

/// Allocations, and the bytes of an idle actor. Empty if nothing was counted.
pub(crate) fn memory(entries: &[Entry], rows: &[Row]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut table = table("allocations an operation", entries, &["ours"]);
    for row in rows {
        let mut line = figures(row, if row.scenario == Scenario::Idle { 0 } else { 2 });
        let verdict = |(entry, figure): (&Entry, &f64)| {
            let target = targets::memory(row.scenario, entry.kind == Kind::Ours)?;
            // A queue that grows once in hundreds of messages is not an allocation of each.
            let figure = (figure - 0.05).max(0.0);
            matches!(entry.kind, Kind::Ours | Kind::MailboxOnly)
                .then(|| format!("≤ {} {}", target.goal, target.verdict(figure)))
        };
        let verdicts: Vec<_> = entries.iter().zip(&row.figures).filter_map(verdict).collect();
        line.push(verdicts.join("; "));
        table.push(line);
    }
    format!("\n{table}")
}

fn figures(row: &Row, digits: usize) -> Vec<String> {
    let figures = row.figures.iter().map(|figure| format!("{figure:.digits$}"));
    std::iter::once(row.scenario.to_string()).chain(figures).collect()
}

/// The figure of `ours` as a share of the best of `rivals`: the one beside which it is the largest. Empty if one of them does not take part.
fn against(entries: &[Entry], row: &Row, ours: Kind, rivals: Kind, target: Option<Target>) -> String {
    let of = |kind: Kind| entries.iter().enumerate().filter(move |(_, entry)| entry.kind == kind);
    let Some((ours, _)) = of(ours).next() else { return String::new() };
    let shares = of(rivals).map(|(rival, entry)| (row.share(ours, rival), entry.name));
    let largest = shares.max_by(|(one, _), (other, _)| one.total_cmp(other));
    let (Some((share, rival)), Some(target)) = (largest, target) else { return String::new() };
    format!("{share:.2} of {rival} (≤ {}: {})", target.goal, target.verdict(share))
}

/// A column for each contestant, and more.
fn table(title: &str, entries: &[Entry], more: &[&str]) -> Table {
    let names = entries.iter().map(|entry| entry.name);
    Table::new(std::iter::once(title).chain(names).chain(more.iter().copied()))
}
