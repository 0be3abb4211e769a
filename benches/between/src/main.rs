//! Side by side with others: calls between two processes on this machine.
//!
//! ```text
//! cd benches/between && cargo run --release
//! cargo run --release -- --only ours,tonic --rounds 5
//! cargo run --release -- --write     puts the table into docs/performance.md as well
//! ```
//!
//! Each contestant serves in a process of its own, which is this program again, and is called from this one: small calls one after the other, many of
//! them at once, large replies, and streams of which many are open at once. They take turns, and the median of the rounds counts. Erlang's two nodes
//! are started by a script and take part if `escript` is there.

mod contestants;
mod measure;
// Of the other programs, whose dependencies are not needed here.
#[path = "../../src/kit/pages.rs"]
#[allow(dead_code, reason = "there are no pictures")]
mod pages;
#[path = "../../src/kit/table.rs"]
#[allow(dead_code, reason = "it is never empty")]
mod table;

use clap::Parser;
use contestants::{ALL, Contestant, How};
use measure::{Figures, Load};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use table::Table;
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

    /// Write the table into `docs/performance.md` too
    #[arg(long)]
    write: bool,

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
        return match find(name)?.how {
            How::Here { serve, .. } => runtime()?.block_on(async { serve().await }),
            How::Elsewhere(_) => Err(format!("`{name}` serves by itself").into()),
        };
    }
    let chosen: Vec<_> = match options.only.is_empty() {
        true => ALL.iter().collect(),
        false => options.only.iter().map(|name| find(name)).collect::<Result<_, _>>()?,
    };
    let mut figures: Vec<Vec<Figures>> = chosen.iter().map(|_| Vec::new()).collect();
    for round in 1..=options.rounds {
        for (contestant, figures) in chosen.iter().zip(&mut figures) {
            eprintln!("round {round}: {}", contestant.name);
            figures.extend(measure(contestant, &options.load)?);
        }
    }
    let table = table(&options.load, &chosen, &figures).to_string();
    print!("{table}");
    if options.write {
        pages::write("between", &table)?;
    }
    Ok(())
}

fn measure(contestant: &Contestant, load: &Load) -> Result<Option<Figures>, BoxError> {
    match contestant.how {
        How::Here { connect, .. } => {
            let server = Server::start(contestant)?;
            // Each with a runtime of its own, so that nobody's tasks run in another's time.
            runtime()?.block_on(async {
                let peer = connect(server.address.clone()).await?;
                measure::all(peer, load).await.map(Some)
            })
        }
        How::Elsewhere(run) => run(load),
    }
}

fn table(load: &Load, chosen: &[&Contestant], figures: &[Vec<Figures>]) -> Table {
    let thousands = |number: f64| match number {
        _ if number >= 1e3 => format!("{:.0}k", number / 1e3),
        _ => format!("{number:.0}"),
    };
    let mut table = Table::new([
        String::new(),
        "encrypted".to_owned(),
        "one after the other, p50 µs".to_owned(),
        "p99 µs".to_owned(),
        format!("{} at once, calls/s", load.at_once),
        format!("{} KiB replies to {}, MB/s", load.bulk >> 10, load.readers),
        format!("{} streams at once, items/s", load.streams),
    ]);
    for (contestant, figures) in chosen.iter().zip(figures) {
        let Contestant { name, is_encrypted, .. } = contestant;
        let encrypted = if *is_encrypted { "yes" } else { "no" };
        if figures.is_empty() {
            table.push([name, "not installed"]);
            continue;
        }
        let Figures { p50, p99, per_second, megabytes, items } = Figures::median(figures);
        table.push([
            (*name).to_owned(),
            encrypted.to_owned(),
            format!("{p50:.0}"),
            format!("{p99:.0}"),
            thousands(per_second),
            format!("{megabytes:.0}"),
            items.map_or("-".to_owned(), thousands),
        ]);
    }
    table
}
