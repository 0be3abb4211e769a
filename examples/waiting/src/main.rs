//! Six small programs that wait, for the chapter on waiting (`docs/waiting.md`). Each is a page, with its tests.
//!
//! ```text
//! cargo run --bin waiting             all of them
//! cargo run --bin waiting -- crawler  one
//! ```
//!
//! | | what waits for what | how |
//! |---|---|---|
//! | [`bank`] | accounts that pay each other, for the one that is paid | `serving`, `interleave`, `never_ran` |
//! | [`philosophers`] | each for the fork of the next, in a circle | `Deadlock` |
//! | [`buffer`] | producers for room, consumers for items | `when` |
//! | [`barber`] | customers for their turn, on few chairs | `mailbox`, `overflow = reject`, `timeout` |
//! | [`search`] | somebody in a hurry, for the best of many answers | a reply that is a stream, `timeout`, `cancelled` |
//! | [`crawler`] | one actor, for many pages at once | `then`, `when`, `attach` |

mod bank;
mod barber;
mod buffer;
mod crawler;
mod philosophers;
mod search;

use std::error::Error;
use std::process::ExitCode;

const NAMES: [&str; 6] = ["bank", "philosophers", "buffer", "barber", "search", "crawler"];

#[tokio::main]
async fn main() -> ExitCode {
    let asked: Vec<_> = std::env::args().skip(1).collect();
    let all = NAMES.map(str::to_owned);
    for name in if asked.is_empty() { &all[..] } else { &asked } {
        println!("== {name}");
        if let Err(error) = run(name).await {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

async fn run(name: &str) -> Result<(), Box<dyn Error>> {
    match name {
        "bank" => bank::run().await?,
        "philosophers" => philosophers::run().await?,
        "buffer" => buffer::run().await?,
        "barber" => barber::run().await?,
        "search" => search::run().await?,
        "crawler" => crawler::run().await?,
        _ => {
            return Err(
                format!("no example is called `{name}`; give one or more of {}", NAMES.join(", ")).into()
            );
        }
    }
    Ok(())
}
