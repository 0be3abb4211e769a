//! What is generated. Nothing here can fail: what was not understood was left out of the model.

mod bounds;
mod boxed;
mod conditional;
mod declare;
mod dispatch;
mod futures;
mod guard;
mod guarded_item;
mod handle;
mod handle_type;
mod hooks;
mod links;
mod lints;
mod message;
mod names;
mod once;
mod protocol;
mod protocol_item;
mod reply;
mod state;
mod travels;

pub(crate) use declare::actor_def;
pub(crate) use guarded_item::with_guards;
pub(crate) use once::once;
pub(crate) use protocol::protocol;
pub(crate) use protocol_item::{mentions_self, with_send};

use crate::model::ActorImpl;
use names::Names;
use proc_macro2::TokenStream;
use quote::quote;

/// The enums, the handle's methods and the dispatch. With errors in the block, `sound` is false: then all of it is there but
/// does nothing, so that code which uses the actor is not wrong as well.
pub(crate) fn actor_impl(block: &ActorImpl, sound: bool) -> TokenStream {
    let Some(names) = Names::new(block) else { return TokenStream::new() };
    let message = message::expand(block, &names);
    let reply = reply::expand(block, &names);
    let actor = dispatch::expand(block, &names, sound);
    let handle = handle::expand(block, &names, sound);
    let travels = travels::expand(block, &names);
    quote! { #message #reply #actor #handle #travels }
}
