//! How combinations are written.

use super::{ACTORS, Actor, Combination};
use std::fmt::Write;

impl Combination {
    /// The method of this number.
    pub(crate) fn method(&self, number: usize) -> String {
        let Combination { argument, reply, choice, receiver, visibility, actor, .. } = self;
        // What is private is a message if it says so.
        let is_silent = !choice.written.contains("message");
        let asked = if visibility.is_empty() && is_silent { "#[message] " } else { "" };
        let written = choice.written.replace("Named", &format!("Named{number}"));
        let keyword = if self.is_async { "async fn" } else { "fn" };
        let parameters: Vec<&str> = [receiver.written, argument.declared, reply.param.unwrap_or_default()]
            .into_iter()
            .filter(|one| !one.is_empty())
            .collect();
        let generics = [argument.generics, reply.generics].concat();
        let declared = if generics.is_empty() { String::new() } else { format!("<{}>", generics.join(", ")) };
        let clause =
            if argument.clause.is_empty() { String::new() } else { format!("where {}", argument.clause) };
        // What names its captures names all types in sight.
        let own = actor.arguments.trim_matches(['<', '>']);
        let captures: Vec<&str> = own
            .split(", ")
            .chain(generics.iter().map(|param| name(param)))
            .filter(|one| !one.is_empty())
            .collect();
        let returned = reply.declared.replace("use<>", &format!("use<{}>", captures.join(", ")));
        let pause = if self.is_async { "tokio::task::yield_now().await; " } else { "" };
        format!(
            "{asked}{written} {visibility} {keyword} m{number}{declared}({}) {returned} {clause} {{ let n = self.add({}); {pause}let this = self.copy(n); let _ = &this; {} }}\n",
            parameters.join(", "),
            argument.sum,
            reply.end,
        )
    }

    /// The test's call of it in all ways.
    fn check(&self, number: usize) -> String {
        let Combination { argument, reply, choice, actor, .. } = self;
        let variant = if choice.name == "name" { format!("Named{number}") } else { format!("M{number}") };
        let fields =
            if argument.fields.is_empty() { String::new() } else { format!("{{ {} }}", argument.fields) };
        let (name, given, instance) = (actor.name, argument.given, actor.instance);
        let value = if reply.has_value { argument.value + 1 } else { 0 };
        let chosen: Vec<&str> =
            argument.generics.iter().map(|_| "_").chain(reply.generics.iter().map(|_| "u64")).collect();
        // What cannot be inferred is chosen by the caller.
        let chosen =
            if reply.generics.is_empty() { String::new() } else { format!("::<{}>", chosen.join(", ")) };
        let asked = if self.is_generic() {
            "None".to_owned()
        } else {
            format!(
                "match actors[5].ask({name}Message::{variant} {fields}).await {{
                    Ok({name}Reply::{variant}(reply)) => Some(reply.value()),
                    _ => Some(u64::MAX),
                }}"
            )
        };
        format!(
            "async fn check{number}() {{
                let (log, actors) = actors::<{name}{instance}>();
                let [a, b, c, d, e, _] = &actors;
                let requests = [a, b, c, d, e].map(|actor| actor.m{number}{chosen}({given}));
                let asked = {asked};
                check({:?}, &log, &actors, requests, asked, {value}, {}).await;
            }}\n",
            self.method(number),
            argument.value + 1,
        )
    }
}

/// `X` of `X: Send`, `L` of `const L: usize`.
fn name(param: &'static str) -> &'static str {
    param.trim_start_matches("const ").split(':').next().unwrap_or_default()
}

/// Actors with all these messages, and a function that calls them in all ways.
pub(crate) fn program(combinations: &[Combination]) -> String {
    let mut text = String::new();
    for actor in ACTORS {
        text += &declared(actor);
        let Actor { name, parameters, arguments, .. } = actor;
        let _ = writeln!(text, "#[actor(derive_reply(Debug))] impl{parameters} {name}{arguments} {{");
        for (number, combination) in of(actor, combinations) {
            text += &combination.method(number);
        }
        text += "}\n";
    }
    for actor in ACTORS {
        let _ = writeln!(text, "pub(super) async fn check_{}() -> usize {{", actor.name.to_lowercase());
        for (number, _) in of(actor, combinations) {
            let _ = writeln!(text, "check{number}().await;");
        }
        let _ = writeln!(text, "{} }}", of(actor, combinations).count());
    }
    for (number, combination) in combinations.iter().enumerate() {
        text += &combination.check(number);
    }
    text
}

fn of<'a>(actor: &Actor, all: &'a [Combination]) -> impl Iterator<Item = (usize, &'a Combination)> {
    all.iter().enumerate().filter(move |(_, combination)| combination.actor.name == actor.name)
}

fn declared(actor: &Actor) -> String {
    let Actor { name, options, parameters, arguments, instance, visibility } = actor;
    let mark = if arguments.is_empty() { "()".to_owned() } else { format!("{name}Mark{arguments}") };
    let marks = match *arguments {
        "" => String::new(),
        "<T>" => format!("type {name}Mark<T> = PhantomData<T>;"),
        _ => format!("type {name}Mark<T, U, const K: usize> = PhantomData<(T, U, [u8; K])>;"),
    };
    let filled = if arguments.is_empty() { "()" } else { "PhantomData" };
    format!(
        "{marks}
        #[actor{options}] {visibility} struct {name}{parameters} {{ n: u64, log: Log, mark: {mark} }}
        impl{parameters} {name}{arguments} {{
            #[allow(dead_code)] const N: usize = 2;
            const PATIENCE: Duration = Duration::from_secs(60);
            fn add(&self, n: u64) -> u64 {{ self.log.add(n + 1) }}
            fn copy(&self, n: u64) -> Self {{ let _ = Self::PATIENCE; {name} {{ n, log: self.log.clone(), mark: self.mark }} }}
        }}
        impl{parameters} Debug for {name}{arguments} {{
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {{ f.write_str(\"{name}\") }}
        }}
        impl{parameters} Value for {name}{arguments} {{ fn value(self) -> u64 {{ self.n }} }}
        impl Made for {name}{instance} {{ fn made(log: Log) -> Self {{ {name} {{ n: 0, log, mark: {filled} }} }} }}\n"
    )
}
