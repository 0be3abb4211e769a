//! Erlang's distribution: two nodes, and `gen_server:call` from one to the other, in a script that prints its figures.

use crate::BoxError;
use crate::measure::{Figures, Load};
use std::io::ErrorKind;
use std::net::TcpListener;
use std::process::Command;

/// `None` where there is no Erlang.
pub fn run(load: &Load) -> Result<Option<Figures>, BoxError> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../erlang/between.escript");
    // The nodes know it from their flags: no daemon has to tell them.
    let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
    let flags = format!(
        "+S 2:2 -start_epmd false -erl_epmd_port {port} -kernel inet_dist_use_interface {{127,0,0,1}}"
    );
    let numbers = [load.calls, load.at_once, load.many, load.bulk as usize, load.readers, load.replies];
    let output = Command::new("escript")
        .arg(script)
        .args(numbers.map(|number| number.to_string()))
        .env("ERL_FLAGS", flags)
        .output();
    let output = match output {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        output => output?,
    };
    let said = String::from_utf8_lossy(&output.stdout);
    let figures: Vec<f64> = said.split_whitespace().filter_map(|figure| figure.parse().ok()).collect();
    match figures[..] {
        [p50, p99, per_second, megabytes] => {
            Ok(Some(Figures { p50, p99, per_second, megabytes, items: None }))
        }
        _ => Err(format!("Erlang failed: {said}{}", String::from_utf8_lossy(&output.stderr)).into()),
    }
}
