//! Machines of one network that find each other by multicast DNS: by their keys alone.

use crate::Fallible;
use crate::net::{role, two_in_one_network};
use crate::peer::Peer;
use crate::site::{Log, Site, SiteHandle};
use actor_core::prelude::*;
use actor_remote::{Key, Node, Remote};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Whether they found each other, one that came back elsewhere was found again, and one that says nothing was not.
pub(crate) fn run() -> Fallible<bool> {
    let folder = tempfile::tempdir()?;
    let machines = two_in_one_network()?;
    let start = |machine: usize, name: &str, says: bool| -> Fallible<(Peer, String)> {
        let file = folder.path().join(name);
        let mut args: Vec<&OsStr> = vec!["--key".as_ref(), file.as_ref()];
        args.extend(says.then_some(OsStr::new("--mdns")));
        let peer = Peer::start(name, role(&machines[machine], "neighbour", &args)?)?;
        let key = peer.wait_for("key ", PATIENCE)?;
        Ok((peer, key))
    };
    let (mut first, key) = start(0, "first", true)?;
    let (mut second, other) = start(1, "second", true)?;
    println!("the second one finds the first in {}", calls(&mut second, &key)?);
    println!("the first one finds the second in {}", calls(&mut first, &other)?);

    first.kill()?;
    let (mut first, again) = start(0, "first", true)?;
    if again != key {
        return Err("it has another key".into());
    }
    println!("killed, and back at another port, it is found again in {}", calls(&mut second, &key)?);
    println!("and finds the other in {}", calls(&mut first, &other)?);

    let (_silent, silent) = start(0, "silent", false)?;
    second.say(&format!("once {silent}"))?;
    let said = second.wait_for("failed ", PATIENCE)?;
    println!("one that does not say where it is: {said}");
    Ok(said.contains("cannot be reached"))
}

/// How long that took.
fn calls(peer: &mut Peer, key: &str) -> Fallible<String> {
    peer.say(&format!("call {key}"))?;
    peer.wait_for("answered ", PATIENCE)
}

/// How one of them is set up.
#[derive(clap::Args, Debug)]
pub(crate) struct Neighbour {
    /// The file with its identity.
    #[arg(long)]
    key: PathBuf,
    /// It says where it is, and listens to others who do.
    #[arg(long)]
    mdns: bool,
}

pub(crate) async fn be(options: Neighbour) -> Fallible {
    let builder = Node::builder().identity(&options.key);
    let node = if options.mdns { builder.mdns() } else { builder }.start().await?;
    node.allow_everybody();
    node.serve("site", &Site { log: Log::open(Path::new("/dev/null"))? }.spawn())?;
    println!("key {}", node.key());
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while let Some(line) = lines.next_line().await? {
        let (word, key) = line.split_once(' ').ok_or("a line without a key")?;
        let key: Key = key.parse()?;
        let site = SiteHandle::at(&node, key, "site");
        let began = Instant::now();
        loop {
            match site.add(1).await {
                Ok(_) => println!("answered {:.2?}", began.elapsed()),
                Err(error) if word == "once" => println!("failed {error}"),
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    continue;
                }
            }
            break;
        }
    }
    Ok(())
}
