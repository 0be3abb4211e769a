//! Real processes in network namespaces: what callers get when machines die, stand still, or do not hear each other.
//!
//! ```text
//! cargo run --release -p faults -- table
//! ```
//!
//! Two machines that have no way to each other but through a relay ([`net`], [`relay`]); a process that serves ([`site`]) and one that calls in
//! every way ([`caller`]); a fault ([`fault`]); and afterwards what the caller was told, against what the server has written down ([`scene`], [`histories`]).

#![allow(unreachable_pub, reason = "what `#[actor]` writes")]

mod caller;
mod crowd;
mod fault;
mod guests;
mod keeper;
mod neighbours;
mod net;
mod peer;
mod relay;
mod rounds;
mod scene;
mod site;
mod table;

use clap::{Parser, Subcommand};
use std::error::Error;
use std::process::ExitCode;

/// What may go wrong in the tests themselves.
pub(crate) type Fallible<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// What is done in a process of this program.
#[derive(Parser, Debug)]
#[command(about)]
struct Options {
    #[command(subcommand)]
    role: Role,
}

#[derive(Subcommand, Debug)]
enum Role {
    /// Faults, and what callers get: a table.
    Table(table::Table),
    /// A register and a bank over three machines, and whether what callers saw can have happened one after the other.
    Rounds(rounds::Rounds),
    /// Ten thousand connections, and limits that hold.
    Crowd(crowd::Crowd),
    /// Two machines of one network that find each other by multicast DNS.
    Neighbours,
    /// For the others: one of those.
    #[command(hide = true)]
    Neighbour(neighbours::Neighbour),
    /// For the others: a process with many connections.
    #[command(hide = true)]
    Guests(guests::Guests),
    /// For the others: one of those machines.
    #[command(hide = true)]
    Keep(keeper::Keep),
    /// For the others: a process that serves.
    #[command(hide = true)]
    Serve(site::Serve),
    /// For the others: a process that calls.
    #[command(hide = true)]
    Call(caller::Call),
    /// For the others: the network between machines.
    #[command(hide = true)]
    Relay,
}

fn main() -> ExitCode {
    let is_well = match Options::parse().role {
        Role::Table(options) => in_namespaces(|| table::run(&options)),
        Role::Rounds(options) => in_namespaces(|| rounds::run(&options)),
        Role::Crowd(options) => crowd::run(&options),
        Role::Neighbours => in_namespaces(neighbours::run),
        Role::Neighbour(options) => task(neighbours::be(options)),
        Role::Guests(options) => task(guests::run(options)),
        Role::Keep(options) => task(keeper::run(options)),
        Role::Serve(options) => task(site::run(options)),
        Role::Call(options) => task(caller::run(options)),
        Role::Relay => task(relay::run()),
    };
    match is_well {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// What is done in a process that another one of this program has started, and which does not outlive it.
fn task(task: impl Future<Output = Fallible>) -> Fallible<bool> {
    #[cfg(target_os = "linux")]
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    // A socket or more for each of many keys.
    let files = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let most = rustix::process::Rlimit { current: files.maximum, maximum: files.maximum };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, most)?;
    runtime.block_on(task).map(|()| true)
}

/// Runs it where machines can be made; where there are none says that it was skipped, which is well.
fn in_namespaces(run: impl FnOnce() -> Fallible<bool>) -> Fallible<bool> {
    if net::is_inside() {
        return run();
    }
    match net::again_inside() {
        Ok(status) => Ok(status.success()),
        Err(why) => {
            println!("skipped: no network namespaces can be made here: {why}");
            Ok(true)
        }
    }
}
