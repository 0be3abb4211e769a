//! ractor as its users write it: the enum and the match by hand, calls by its macro; without its spans.

use super::{Contestant, drive, methods};
use crate::methods::{FIELDS, INITIAL, METHODS};

pub(crate) const CONTESTANT: Contestant = Contestant {
    name: "ractor",
    peer: true,
    dependencies: "ractor = { version = \"0.16\", default-features = false, features = [\"tokio_runtime\"] }\n",
    module,
};

fn module(actor: &str) -> String {
    let variants: String = METHODS
        .iter()
        .map(|method| {
            let types: String = method.params.iter().map(|(_, ty)| format!("{ty}, ")).collect();
            format!("    {}({types}RpcReplyPort<{}>),\n", method.camel, method.output())
        })
        .collect();
    let arms: String = METHODS
        .iter()
        .map(|method| {
            let names: String = method.params.iter().map(|(name, _)| format!("{name}, ")).collect();
            let wait = if method.asyncness { ".await" } else { "" };
            format!(
                "            {actor}Message::{}({names}reply) => {{
                let _ = reply.send(state.{}({}){wait});
            }}\n",
                method.camel,
                method.name,
                method.names()
            )
        })
        .collect();
    let methods = methods("pub ");
    let spawn = format!(
        "let Ok((actor, _)) = Actor::spawn(None, {actor}, {actor}State {{ {INITIAL} }}).await else {{ return 0 }};"
    );
    let drive = drive(&spawn, |method| {
        let values: String = method.arguments.iter().map(|value| format!(", {value}")).collect();
        let call = format!("call!(actor, {actor}Message::{}{values})", method.camel);
        match method.error {
            Some(_) => format!("{call}.ok().and_then(Result::ok).unwrap_or_default()"),
            None => format!("{call}.unwrap_or_default()"),
        }
    });
    format!(
        "use crate::Refused;
use ractor::{{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, call}};

pub struct {actor};

pub struct {actor}State {{
{FIELDS}}}

pub enum {actor}Message {{
{variants}}}

impl {actor}State {{
{methods}}}

impl Actor for {actor} {{
    type Msg = {actor}Message;
    type State = {actor}State;
    type Arguments = {actor}State;

    async fn pre_start(
        &self,
        _: ActorRef<{actor}Message>,
        state: {actor}State,
    ) -> Result<{actor}State, ActorProcessingErr> {{
        Ok(state)
    }}

    async fn handle(
        &self,
        _: ActorRef<{actor}Message>,
        message: {actor}Message,
        state: &mut {actor}State,
    ) -> Result<(), ActorProcessingErr> {{
        match message {{
{arms}        }}
        Ok(())
    }}
}}

{drive}"
    )
}
