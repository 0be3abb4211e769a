//! Keeps folders the same: each folder is a peer, and peers speak through links that may be slow or cut.
//!
//! The actors are in [`actors`]; all else is plain code that they call. With `sync` all folders are in one process, and a run is a few
//! rounds ([`session`]). With `serve` and `join` each folder has a process of its own, here or on another machine, and speaks with the others through the
//! same handles ([`net`]); it has a round whenever its folder or another one has changed. In each round
//! every peer looks at its folder ([`scan`], [`index`]), asks the others for their indexes, works out on its own what all of
//! them come to ([`merge`]), and does what is missing in its folder ([`plan`], [`fetch`], [`store`]). A run of `sync` ends with the
//! first round that finds nothing to do; with `--watch` another one begins whenever a folder has changed, until Ctrl-C.
//!
//! What is synced: regular files with their permissions and mtimes, and directories with their permissions, empty ones
//! too. What is not: the folder's own permissions, owners, the set-id and sticky bits, hard links as such, symlinks and
//! special files. A name that is one of the latter in one folder is left alone there, whatever the others have under it.

mod actors;
mod changes;
mod chunk;
mod cli;
mod conflict;
mod demo;
mod error;
mod fetch;
mod folder;
mod generate;
mod index;
mod merge;
mod net;
mod outcome;
mod path;
mod plan;
mod progress;
mod scan;
mod serve;
mod session;
mod show;
#[cfg(test)]
mod simulation;
mod store;
#[cfg(test)]
mod testing;
mod tree;
mod version;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use actor_core::prelude::*;
use clap::Parser;

use actors::reporter::{Reporter, ReporterHandle};
use actors::watch::{Watch, WatchHandle};
use cli::{Cli, Command};
use error::Error;
use progress::View;
use session::{Conditions, Session, settle};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let result = match runtime {
        Ok(runtime) => runtime.block_on(run(&cli.command)),
        Err(error) => Err(Error::Actor(error.to_string())),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            error.exit_code()
        }
    }
}

async fn run(command: &Command) -> Result<(), Error> {
    match command {
        Command::Sync(options) => sync(options).await,
        Command::Serve(options) => {
            let cli::Serve { folder, place } = options;
            net::serve(place.clone().of(folder, None)).await
        }
        Command::Join(options) => {
            let cli::Join { ticket, folder, place } = options;
            let ticket = ticket.take(io::stdin().lock()).map_err(Error::Ticket)?;
            net::serve(place.clone().of(folder, Some(ticket))).await
        }
        Command::Status(options) => net::status::status(&options.folder, options.once).await,
        Command::Demo(options) => demo::run(options).await,
    }
}

async fn sync(options: &cli::Sync) -> Result<(), Error> {
    let roots = folder::check(&options.folders)?;
    let labels = folder::labels(&roots);
    let reporter = Reporter::new(View::new(&labels)).spawn();
    let conditions = Conditions {
        patience: Duration::from_millis(options.patience),
        latency: Duration::from_millis(options.latency),
    };
    let session = Session::open(roots.clone(), labels, conditions, reporter.clone()).await?;
    let result = if options.watch {
        let watch = Watch::new(reporter.clone()).spawn();
        tokio::select! {
            ended = keep_in_sync(&session, &roots, &watch, &reporter) => ended,
            pressed = tokio::signal::ctrl_c() => pressed.map_err(|error| Error::Actor(error.to_string())),
        }
    } else {
        once(&session, &reporter).await
    };
    // What a peer is at it may end; else it is cut off, and nothing half written has a real name.
    session.close().await;
    // The answer to one more request: all that was told before it has been shown.
    let _ = reporter.finish().await;
    result
}

async fn once(session: &Session, reporter: &ReporterHandle) -> Result<(), Error> {
    let outcome = session.run().await;
    let _ = reporter.finish().await;
    let outcome = outcome?;
    session.report(&outcome).await;
    match outcome.skipped.len() {
        0 => Ok(()),
        skipped => Err(Error::Incomplete(skipped)),
    }
}

/// Syncs at once and whenever something has changed; ends only by a failure that the next time would not put right.
async fn keep_in_sync(
    session: &Session,
    roots: &[PathBuf],
    watch: &WatchHandle,
    reporter: &ReporterHandle,
) -> Result<(), Error> {
    watch.begin(roots).await.map_err(settle)?;
    let mut is_first = true;
    loop {
        let outcome = session.run().await;
        let _ = reporter.finish().await;
        match outcome {
            // What a sync writes is a change too, and so sets off one more: nobody wants to read of that.
            Ok(outcome) if outcome.is_idle() && !is_first => {}
            Ok(outcome) => session.report(&outcome).await,
            Err(error @ Error::Unsettled(_)) => drop(reporter.warn(error.to_string()).tell().await),
            Err(error) => return Err(error),
        }
        is_first = false;
        let _ = watch.when_time().await.map_err(|error| settle(error.widen()))?;
    }
}
