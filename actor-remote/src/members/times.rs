//! How fast the membership protocol goes.

use foca::{Config, PeriodicParams};
use std::num::{NonZeroU8, NonZeroUsize};
use std::time::Duration;

/// How long somebody is remembered who has gone.
const FORGOTTEN: Duration = Duration::from_secs(3600);

/// How long one that did not answer has to be heard of, before it counts as gone.
pub(super) fn doubt(pace: Duration) -> Duration {
    pace * 2
}

/// All of it, from how often each asks another.
pub(super) fn config(pace: Duration) -> Config {
    const fn some(number: usize) -> NonZeroUsize {
        NonZeroUsize::MIN.saturating_add(number - 1)
    }
    let every = |times, members| Some(PeriodicParams { frequency: pace * times, num_members: some(members) });
    Config {
        probe_period: pace,
        probe_rtt: pace * 2 / 5,
        num_indirect_probes: some(3),
        max_transmissions: NonZeroU8::MIN.saturating_add(9),
        suspect_to_down_after: doubt(pace),
        remove_down_after: Some(FORGOTTEN),
        // What goes in one piece.
        max_packet_size: some(12 * 1024),
        notify_down_members: true,
        periodic_announce: every(20, 1),
        periodic_announce_to_down_members: every(10, 2),
        periodic_gossip: Some(PeriodicParams { frequency: pace / 2, num_members: some(3) }),
    }
}
