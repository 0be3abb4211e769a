//! This library.

use super::{Contestant, drive, methods};
use crate::methods::{FIELDS, INITIAL};

pub(crate) const CONTESTANT: Contestant = Contestant {
    name: "ours",
    peer: false,
    dependencies: concat!("actor-core = { path = \"", env!("CARGO_MANIFEST_DIR"), "/../actor-core\" }\n"),
    module,
};

fn module(actor: &str) -> String {
    let methods = methods("pub ");
    let spawn = format!("let actor = {actor} {{ {INITIAL} }}.spawn();");
    let drive = drive(&spawn, |method| {
        format!("actor.{}({}).await.unwrap_or_default()", method.name, method.values())
    });
    format!(
        "use crate::Refused;
use actor_core::prelude::*;

#[actor]
pub struct {actor} {{
{FIELDS}}}

#[actor]
impl {actor} {{
{methods}}}

{drive}"
    )
}
