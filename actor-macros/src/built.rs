//! The names of hooks.

/// The methods that the actor's life calls.
pub(crate) const HOOKS: [&str; 4] = ["on_start", "on_stop", "on_exit", "every"];
