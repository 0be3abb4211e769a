//! Side by side with others: calls between two processes on this machine.
//!
//! ```text
//! cd benches/between && cargo run --release
//! cargo run --release -- --only ours,tonic --rounds 5
//! ```
//!
//! Each contestant serves in a process of its own, which is this program again, and is called from this one: small calls one after the other, many of
//! them at once, and large replies. They take turns, and the median of the rounds counts. Ours and plain iroh encrypt all that they send; the others
//! do not here.

mod contestants;
mod measure;

use clap::Parser;
use contestants::{ALL, Contestant};
use measure::{Figures, Load};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use tokio::runtime::{Builder, Runtime};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Measures calls between two processes.
#[derive(Debug, Parser)]
struct Options {
    /// Only these; all unless given
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,

    /// Rounds, of which the median counts
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,

    #[command(flatten)]
    load: Load,

    /// Serves as this contestant, for another process
    #[arg(long, hide = true)]
    serve: Option<String>,
}

fn runtime() -> std::io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

fn find(name: &str) -> Result<&'static Contestant, BoxError> {
    ALL.iter().find(|known| known.name == name).ok_or_else(|| format!("no contestant `{name}`").into())
}

/// The process that serves. It goes when this one does.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(contestant: &Contestant) -> Result<Self, BoxError> {
        let mut process = Command::new(std::env::current_exe()?)
            .args(["--serve", contestant.name])
            .stdout(Stdio::piped())
            .spawn()?;
        let lines = process.stdout.take().map(|out| BufReader::new(out).lines());
        let address = lines.into_iter().flatten().map_while(Result::ok).next();
        let address = address.ok_or_else(|| format!("{} did not say where it is", contestant.name))?;
        Ok(Server { process, address })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have gone by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn main() -> Result<(), BoxError> {
    let options = Options::parse();
    if let Some(name) = &options.serve {
        let contestant = find(name)?;
        return runtime()?.block_on(async { (contestant.serve)().await });
    }
    let chosen: Vec<_> = match options.only.is_empty() {
        true => ALL.iter().collect(),
        false => options.only.iter().map(|name| find(name)).collect::<Result<_, _>>()?,
    };
    let mut figures: Vec<Vec<Figures>> = chosen.iter().map(|_| Vec::new()).collect();
    for round in 1..=options.rounds {
        for (contestant, figures) in chosen.iter().zip(&mut figures) {
            eprintln!("round {round}: {}", contestant.name);
            let server = Server::start(contestant)?;
            // Each with a runtime of its own, so that nobody's tasks run in another's time.
            figures.push(runtime()?.block_on(async {
                let peer = (contestant.connect)(server.address.clone()).await?;
                measure::all(peer, &options.load).await
            })?);
        }
    }
    println!(
        "| | one after the other, p50 µs | p99 µs | {} at once, calls/s | {} KiB replies to {}, MB/s |",
        options.load.at_once,
        options.load.bulk >> 10,
        options.load.readers
    );
    println!("|---|---:|---:|---:|---:|");
    for (contestant, figures) in chosen.iter().zip(&figures) {
        println!("| {} | {} |", contestant.name, Figures::median(figures));
    }
    Ok(())
}
