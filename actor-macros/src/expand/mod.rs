//! What is generated. Nothing here can fail: what was not understood was left out of the model.

mod bounds;
mod conditional;
mod declare;
mod dispatch;
mod futures;
mod handle;
mod hooks;
mod message;
mod names;
mod reply;

pub(crate) use declare::actor_def;

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
    quote! { #message #reply #actor #handle }
}

/// The lints that the user's own code answers for, or that a generated enum cannot keep.
fn allow() -> TokenStream {
    quote! {
        #[allow(
            clippy::all,
            clippy::nursery,
            clippy::pedantic,
            dead_code,
            deprecated,
            missing_copy_implementations,
            missing_debug_implementations,
            missing_docs,
            non_camel_case_types,
            non_snake_case,
            private_bounds,
            private_interfaces,
            rustdoc::broken_intra_doc_links,
            rustdoc::private_intra_doc_links,
            unnameable_types,
            unreachable_code,
            unreachable_patterns,
            unreachable_pub,
            unused_qualifications,
            unused_variables,
            variant_size_differences
        )]
    }
}
