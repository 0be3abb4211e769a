//! What a peer is at, for who asks in the middle of it.

use std::collections::BTreeSet;
use std::fmt;

use crate::path::RelPath;
use crate::show::count;

/// What a peer is at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Status {
    /// How many others it has reached in this round.
    pub(crate) peers: usize,
    /// The files that are on their way to it.
    pub(crate) transfers: BTreeSet<RelPath>,
    /// What was changed in two places, in all rounds until now.
    pub(crate) conflicts: BTreeSet<RelPath>,
}

impl Status {
    /// A round begins.
    pub(super) fn begin(&mut self) {
        self.peers = 0;
        // A round that failed in the middle has left them there.
        self.transfers.clear();
    }
}

/// `2 peers, 3 transfers, 1 conflict`
impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = [
            count(self.peers, "peer"),
            count(self.transfers.len(), "transfer"),
            count(self.conflicts.len(), "conflict"),
        ];
        f.write_str(&counts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::path;

    #[test]
    fn a_status_is_one_line_and_a_round_begins_without_transfers() {
        let files: BTreeSet<_> = [path("a"), path("b")].into();
        let mut status = Status { peers: 1, transfers: files.clone(), conflicts: files };
        assert_eq!(status.to_string(), "1 peer, 2 transfers, 2 conflicts");
        status.begin();
        assert_eq!(status.to_string(), "0 peers, 0 transfers, 2 conflicts");
    }
}
