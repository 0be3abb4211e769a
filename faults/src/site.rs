//! The actor that is called, in a process of its own, which writes down what it does.

use crate::Fallible;
use actor_core::prelude::*;
use actor_remote::{Limits, Node};
use futures::{Stream, StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Those that one process serves.
pub(crate) const NAMES: [&str; 4] = ["worker", "feed", "ledger", "watched"];

/// Each line is one write, which is with the kernel when it returns: it survives the process.
#[derive(Clone)]
pub(crate) struct Log(Arc<File>);

impl Log {
    pub(crate) fn open(path: &Path) -> Fallible<Self> {
        Ok(Log(Arc::new(OpenOptions::new().create(true).append(true).open(path)?)))
    }

    fn write(&self, what: &str, id: u64) {
        // Without it nothing can be checked.
        if let Err(error) = (&*self.0).write_all(format!("{what} {id}\n").as_bytes()) {
            eprintln!("the log: {error}");
            std::process::exit(1);
        }
    }
}

#[actor(mailbox = 4096)]
pub(crate) struct Site {
    pub(crate) log: Log,
}

#[actor(derive(Serialize, Deserialize))]
impl Site {
    /// Takes its time.
    pub(crate) async fn work(&mut self, id: u64, millis: u64) -> u64 {
        self.log.write("begin", id);
        tokio::time::sleep(Duration::from_millis(millis)).await;
        self.log.write("work", id);
        id
    }
    pub(crate) fn add(&mut self, id: u64) -> u64 {
        self.log.write("call", id);
        id
    }
    /// With a body that goes in a stream of its own.
    pub(crate) fn load(&mut self, id: u64, body: Vec<u8>) -> u64 {
        drop(body);
        self.add(id)
    }
    pub(crate) fn note(&mut self, id: u64) {
        self.log.write("tell", id);
    }
    /// Endless: from 0, one after each pause; without pauses as fast as they are read.
    pub(crate) fn numbers(&self, pause: u64) -> impl Stream<Item = u64> + use<> {
        stream::iter(0..).then(move |number| async move {
            match pause {
                0 => tokio::task::yield_now().await,
                pause => tokio::time::sleep(Duration::from_millis(pause)).await,
            }
            number
        })
    }
}

/// How the process is set up.
#[derive(clap::Args, Debug)]
pub(crate) struct Serve {
    /// After how many milliseconds of silence the other one counts as gone.
    #[arg(long, default_value_t = 1_000)]
    lost_after: u64,
    /// Where it is reached.
    #[arg(long, default_value = "0.0.0.0:4000")]
    bind: SocketAddr,
    /// The file with its identity.
    #[arg(long)]
    key: PathBuf,
    /// How many connections there may be, and how many of one.
    #[arg(long, default_value_t = Limits::default().connections)]
    connections: u32,
    #[arg(long, default_value_t = Limits::default().connections_of_one)]
    of_one: u32,
    /// Where it writes down what it does.
    #[arg(long)]
    log: PathBuf,
}

pub(crate) async fn run(options: Serve) -> Fallible {
    let log = Log::open(&options.log)?;
    let Serve { connections, of_one: connections_of_one, .. } = options;
    let limits = Limits { connections, connections_of_one, ..Limits::default() };
    let node = Node::builder()
        .limits(limits)
        .lost_after(Duration::from_millis(options.lost_after))
        .bind(options.bind)
        .identity(&options.key)
        .start()
        .await?;
    node.allow_everybody();
    for name in NAMES {
        node.serve(name, &Site { log: log.clone() }.spawn())?;
    }
    println!("ticket {}", node.ticket());
    println!("key {}", node.key());
    std::future::pending().await
}
