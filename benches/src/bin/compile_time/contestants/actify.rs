//! actify, whose actors can be cloned, and whose calls give the method's value and panic where there is no actor any more.

use super::{Contestant, drive, methods};
use crate::methods::{FIELDS, INITIAL};

pub(crate) const CONTESTANT: Contestant =
    Contestant { name: "actify", peer: true, dependencies: "actify = \"0.9\"\n", module };

fn module(actor: &str) -> String {
    let methods = methods("pub ");
    let spawn = format!("let actor = Handle::new({actor} {{ {INITIAL} }});");
    let drive = drive(&spawn, |method| {
        let call = format!("actor.{}({}).await", method.name, method.values());
        if method.error.is_some() { format!("{call}.unwrap_or_default()") } else { call }
    });
    format!(
        "use crate::Refused;
use actify::{{Handle, actify}};

#[derive(Clone, Debug)]
pub struct {actor} {{
{FIELDS}}}

#[actify]
impl {actor} {{
{methods}}}

{drive}"
    )
}
