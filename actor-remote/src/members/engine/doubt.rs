//! Whether one that is suspected is to count as gone now. Where all are slow answers come later than they should, and that is no death.

use super::Engine;
use crate::members::id::Id;
use crate::members::times::doubt;
use foca::Timer;
use std::time::Duration;
use tokio::time::Instant;

impl Engine {
    /// How much longer it is to be waited, if this is the verdict on one that spoke since it was suspected, or if this member stood still itself: it has heard nobody
    /// meanwhile, and what was said then is still to come.
    pub(super) fn too_early(&self, timer: &Timer<Id>, at: Instant) -> Option<Duration> {
        let Timer::ChangeSuspectToDown { member_id, .. } = timer else { return None };
        let patience = doubt(self.pace);
        if at.elapsed() >= self.pace {
            return Some(patience);
        }
        let peer = self.peers.get(&member_id.key()?).filter(|peer| peer.id == *member_id)?;
        patience.checked_sub(peer.heard.elapsed()).filter(|left| !left.is_zero())
    }
}
