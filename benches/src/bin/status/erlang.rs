//! Erlang's `gen_server`, by a script that prints a line for each way: how it waits, and how many nanoseconds each answer took.

use std::process::Command;
use std::time::Duration;

use crate::times::Times;
use crate::{Options, Row};

/// None where there is no Erlang.
pub(crate) fn rows(options: Options) -> Vec<Row> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/erlang/status.escript");
    let numbers = [options.asks, options.deaf_asks].map(|n| n.to_string());
    let run = Command::new("escript").arg(script).args(numbers).arg(options.slow.to_string()).output();
    let Ok(output) = run else {
        eprintln!("no `escript`: Erlang does not take part");
        return Vec::new();
    };
    if !output.status.success() {
        eprintln!("Erlang failed: {}", String::from_utf8_lossy(&output.stderr));
    }
    let said = String::from_utf8_lossy(&output.stdout);
    let ways = [("deaf", "`gen_server:call`: deaf"), ("later", "`send_request`, `noreply`, `reply`")];
    let row = |(name, how)| {
        let times = said.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace();
        let times = times.filter_map(|time| time.parse().ok()).map(Duration::from_nanos).collect();
        Some(Row { who: "Erlang", how, times: Times::new(times) })
    };
    ways.into_iter().filter_map(row).collect()
}
