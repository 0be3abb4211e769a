//! Folders on several machines: `filesync serve` and `filesync join`.
//!
//! Each process has one folder and is a peer with a key of its own, which it keeps in the folder's state ([`home`]). Everybody in a group
//! speaks with everybody: the [`Group`](crate::actors::group::Group) of each process knows all the others, by their [`card`]s. A peer asks
//! those that can be reached through the same handles as it asks a folder in its own process, and does what follows for its own folder.
//! None of them decides for others, and none is needed by others.
//!
//! Who is in the group may read what its folders hold, and nothing else. Somebody else comes in with a ticket: there is a second node,
//! open to strangers, on which there is nothing but the [`door`](crate::actors::door).

pub(crate) mod card;
pub(crate) mod home;
mod host;
pub(crate) mod status;

use std::net::IpAddr;
use std::path::PathBuf;

use actor_core::prelude::*;
use tokio::signal::unix::{SignalKind, signal};

use crate::actors::reporter::Reporter;
use crate::error::Error;
use crate::folder;
use crate::progress::View;
use card::Invitation;
use host::Host;

/// The names by which a peer's actors are known to the others.
pub(crate) const FOLDER: &str = "folder";
pub(crate) const GROUP: &str = "group";
pub(crate) const DOOR: &str = "door";
pub(crate) const DESK: &str = "desk";

/// How a folder is to be served.
#[derive(Debug)]
pub(crate) struct Serve {
    pub(crate) folder: PathBuf,
    pub(crate) name: Option<String>,
    /// Where it is reached; nothing: at all addresses of this machine.
    pub(crate) bind: Vec<IpAddr>,
    /// The group to join.
    pub(crate) ticket: Option<Invitation>,
}

/// Keeps a folder in step with its group until Ctrl-C.
pub(crate) async fn serve(options: Serve) -> Result<(), Error> {
    let mut roots = folder::check(std::slice::from_ref(&options.folder))?;
    let root = roots.remove(0);
    let label = folder::labels(std::slice::from_ref(&root)).remove(0);
    let name = options.name.unwrap_or_else(|| match nix::unistd::gethostname() {
        Ok(machine) => format!("{label} on {}", machine.to_string_lossy()),
        Err(_) => label.clone(),
    });
    // Listened to from now on, so that none is missed.
    let stop = stop_signal()?;
    let reporter = Reporter::new(View::new(std::slice::from_ref(&label))).spawn();
    let host = Host::open(root, &label, &name, &options.bind, reporter.clone()).await?;
    let result = tokio::select! {
        ended = host.run(options.ticket.as_ref()) => ended,
        () = stop => Ok(()),
    };
    host.close().await;
    let _ = reporter.finish().await;
    result
}

/// Resolves when the program is asked to end.
pub(crate) fn stop_signal() -> Result<impl Future<Output = ()>, Error> {
    let listen = |kind| signal(kind).map_err(|error| Error::Actor(error.to_string()));
    let (mut pressed, mut asked) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = pressed.recv() => {}
            _ = asked.recv() => {}
        }
    })
}
