//! kameo with its macros, which write a struct a message, and without its spans.

use super::{Contestant, drive};
use crate::methods::{FIELDS, INITIAL, METHODS};

pub(crate) const CONTESTANT: Contestant = Contestant {
    name: "kameo",
    peer: true,
    dependencies: "kameo = { version = \"0.22\", default-features = false, features = [\"macros\"] }\n",
    module,
};

fn module(actor: &str) -> String {
    let methods: String =
        METHODS.iter().map(|method| format!("    #[message]\n{}", method.text("pub "))).collect();
    let spawn = format!("let actor = {actor}::spawn({actor} {{ {INITIAL} }});");
    let drive = drive(&spawn, |method| {
        let fields: Vec<String> = method
            .params
            .iter()
            .zip(method.arguments)
            .map(|((name, _), value)| format!("{name}: {value}"))
            .collect();
        let fields = if fields.is_empty() { String::new() } else { format!(" {{ {} }}", fields.join(", ")) };
        format!("actor.ask({}{fields}).await.unwrap_or_default()", method.camel)
    });
    format!(
        "use crate::Refused;
use kameo::actor::Spawn;
use kameo::{{Actor, messages}};

#[derive(Actor)]
pub struct {actor} {{
{FIELDS}}}

#[messages]
impl {actor} {{
{methods}}}

{drive}"
    )
}
