//! The actors: for each folder a [`Disk`](disk::Disk) that answers and a [`Peer`](peer::Peer) that asks, and one
//! [`Reporter`](reporter::Reporter) for them all. What a peer asks is a [`Source`](source::Source). Where all folders are in one process, that is a
//! [`Link`](link::Link) in each direction between each two of them; of a folder elsewhere it is a handle of its disk there. The peers have a
//! supervisor, since they do what may go wrong: one that crashes is made anew, and the run goes on with the next round. A
//! [`Watch`](watch::Watch) says when it is time for another one.
//!
//! With `serve` and `join` there is one folder in the process, and beside its peer a [`Group`](group::Group), who knows the others, a
//! [`Porter`](door::Porter), who lets somebody in, and a [`Clerk`](desk::Clerk), who says how it is going. Others call the disk and the
//! group, by the protocols [`Source`](source::Source) and [`Greeter`](group::Greeter); strangers the porter, and a console the clerk.
//!
//! Who waits for whom is a line, so nobody can wait for himself: a peer for links, a link for a disk, a porter for the group, a clerk for the
//! group and the peer; a disk and the group for nobody.

pub(crate) mod desk;
pub(crate) mod disk;
pub(crate) mod door;
pub(crate) mod group;
pub(crate) mod link;
pub(crate) mod peer;
pub(crate) mod reporter;
pub(crate) mod source;
#[cfg(test)]
mod tests;
pub(crate) mod watch;
