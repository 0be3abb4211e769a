//! What of the contract is built. The rest is known by name, so that a message can say that it is not available yet, and is
//! suggested to nobody.

/// An attribute of a method, or an option of a message.
pub(crate) struct Feature {
    pub(crate) name: &'static str,
    pub(crate) built: bool,
}

const fn built(name: &'static str) -> Feature {
    Feature { name, built: true }
}

const fn planned(name: &'static str) -> Feature {
    Feature { name, built: false }
}

/// The methods that the actor's life calls.
pub(crate) const HOOKS: [Feature; 4] =
    [built("on_start"), built("on_stop"), built("on_exit"), planned("every")];

/// The options of a message that are not built yet.
pub(crate) const PLANNED_OPTIONS: [&str; 3] = ["urgent", "concurrent", "when"];

/// Whether an option does something.
pub(crate) fn has_option(name: &str) -> bool {
    !PLANNED_OPTIONS.contains(&name)
}

/// The hooks that there are, for messages.
pub(crate) fn hooks() -> String {
    let names: Vec<String> =
        HOOKS.iter().filter(|hook| hook.built).map(|hook| format!("`#[{}]`", hook.name)).collect();
    match names.split_last() {
        Some((last, others)) if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => names.concat(),
    }
}
