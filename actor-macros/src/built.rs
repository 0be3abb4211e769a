//! What of the contract is built. The rest is known by name, so that a message can say that it is not available yet, and is
//! suggested to nobody.

/// `#[actor]` on a trait.
pub(crate) const PROTOCOLS: bool = false;

/// The methods that the actor's life calls.
pub(crate) const HOOKS: [&str; 4] = ["on_start", "on_stop", "on_exit", "every"];

/// The options of a message that are not built yet.
pub(crate) const PLANNED_OPTIONS: [&str; 1] = ["concurrent"];

/// Whether an option does something.
pub(crate) fn has_option(name: &str) -> bool {
    !PLANNED_OPTIONS.contains(&name)
}
