//! The actors: for each folder a [`Disk`](disk::Disk) that answers and a [`Peer`](peer::Peer) that asks, between each
//! two of them a [`Link`](link::Link) in each direction, and one [`Reporter`](reporter::Reporter) for them all. The peers have a supervisor, since
//! they do what may go wrong: one that crashes is made anew, and the run goes on with the next round. With `--watch` there is a
//! [`Watch`](watch::Watch), who says when to run again.
//!
//! Who waits for whom is a line, so nobody can wait for himself: a peer for links, a link for a disk, a disk for nobody.

pub(crate) mod disk;
pub(crate) mod link;
pub(crate) mod peer;
pub(crate) mod reporter;
#[cfg(test)]
mod tests;
pub(crate) mod watch;
