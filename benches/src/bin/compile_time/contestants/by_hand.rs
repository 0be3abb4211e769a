//! By hand, as one writes actors with tokio alone: an enum with a oneshot in each variant, a loop, a handle.

use super::{Contestant, drive, methods};
use crate::methods::{FIELDS, INITIAL, METHODS};

pub(crate) const CONTESTANT: Contestant =
    Contestant { name: "by-hand", peer: false, dependencies: "", module };

fn module(actor: &str) -> String {
    let variants: String = METHODS
        .iter()
        .map(|method| {
            let fields: String = method.params.iter().map(|(name, ty)| format!("{name}: {ty}, ")).collect();
            format!("    {} {{ {fields}reply: oneshot::Sender<{}> }},\n", method.camel, method.output())
        })
        .collect();
    let arms: String = METHODS
        .iter()
        .map(|method| {
            let fields: String = method.params.iter().map(|(name, _)| format!("{name}, ")).collect();
            let wait = if method.asyncness { ".await" } else { "" };
            format!(
                "                {actor}Message::{} {{ {fields}reply }} => {{
                    let _ = reply.send(self.{}({}){wait});
                }}\n",
                method.camel,
                method.name,
                method.names()
            )
        })
        .collect();
    let handle: String = METHODS
        .iter()
        .map(|method| {
            let (params, camel) = (method.declared(), method.camel);
            let fields: String = method.params.iter().map(|(name, _)| format!("{name}, ")).collect();
            let (reply, gone) = match method.error {
                Some(error) => (method.reply, format!("CallError<{error}>")),
                None => (method.reply, "CallError".to_owned()),
            };
            let end = match method.error {
                Some(_) => "answer.await.map_err(|_| CallError::Gone)?.map_err(CallError::Handler)",
                None => "answer.await.map_err(|_| CallError::Gone)",
            };
            format!(
                "    pub async fn {}(&self{params}) -> Result<{reply}, {gone}> {{
        let (reply, answer) = oneshot::channel();
        let message = {actor}Message::{camel} {{ {fields}reply }};
        self.sender.send(message).await.map_err(|_| CallError::Gone)?;
        {end}
    }}\n",
                method.name
            )
        })
        .collect();
    let methods = methods("pub ");
    let spawn = format!("let actor = {actor} {{ {INITIAL} }}.spawn();");
    let drive = drive(&spawn, |method| {
        format!("actor.{}({}).await.unwrap_or_default()", method.name, method.values())
    });
    format!(
        "use crate::Refused;
use std::convert::Infallible;
use tokio::sync::{{mpsc, oneshot}};

#[derive(Debug)]
pub enum CallError<E = Infallible> {{
    Handler(E),
    Gone,
}}

pub struct {actor} {{
{FIELDS}}}

impl {actor} {{
{methods}
    pub fn spawn(self) -> {actor}Handle {{
        let (sender, receiver) = mpsc::channel(1024);
        tokio::spawn(self.run(receiver));
        {actor}Handle {{ sender }}
    }}

    async fn run(mut self, mut receiver: mpsc::Receiver<{actor}Message>) {{
        while let Some(message) = receiver.recv().await {{
            match message {{
{arms}            }}
        }}
    }}
}}

pub enum {actor}Message {{
{variants}}}

#[derive(Clone)]
pub struct {actor}Handle {{
    sender: mpsc::Sender<{actor}Message>,
}}

impl {actor}Handle {{
{handle}}}

{drive}"
    )
}
