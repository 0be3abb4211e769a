//! What of the contract is built. The rest is known by name, so that a message can say that it is not available yet, and is
//! suggested to nobody.

/// The methods that the actor's life calls.
pub(crate) const HOOKS: [&str; 4] = ["on_start", "on_stop", "on_exit", "every"];
