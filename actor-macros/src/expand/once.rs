//! An actor has one annotated block. What a second one writes would be at odds with all that the first has written, so it writes nothing.
//!
//! All of a block stands in the call of a macro, which lets pass what its own block says. The macro gets a name after the actor: in the
//! second block that is taken, and what it calls is the macro of the first.

use crate::errors;
use crate::model::ActorImpl;
use crate::naming;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::path::Path;

/// What the block generates, if it is the first of its actor.
pub(crate) fn once(block: &ActorImpl, generated: TokenStream) -> TokenStream {
    let Some(actor) = block.name().filter(|_| !generated.is_empty()) else { return generated };
    let place = Span::call_site().located_at(actor.span());
    let start = actor.span().start();
    let own = format_ident!("__block_{}_{}", start.line, start.column, span = place);
    let of_actor = name(actor, column(block, actor), place);
    let second =
        if block.is_absent { errors::block_without_messages(actor) } else { errors::second_block(actor) };
    let second = quote_spanned!(place=> ::core::compile_error!(#second););
    // What a struct says of its block, it says also where the block comes second.
    let said = if block.is_absent { second.clone() } else { quote!($($second)*) };
    let named = quote_spanned!(place=> use #own as #of_actor;);
    quote! {
        macro_rules! #own {
            (#own $second:tt $($item:tt)*) => { $($item)* };
            ($other:ident { $($second:tt)* } $($item:tt)*) => { #said };
        }
        #named
        #of_actor! { #own { #second } #generated }
    }
}

/// Where the name stands; for a block that is absent, or on one line with its attribute, where it most likely would: `impl Account`, as far
/// to the right as the attribute.
fn column(block: &ActorImpl, actor: &Ident) -> usize {
    let (attribute, name) = (Span::call_site().start(), actor.span().start());
    if block.is_absent || attribute.line == name.line {
        attribute.column + "impl ".len()
    } else {
        name.column
    }
}

/// The same for the blocks of an actor. A module below may have an actor of that name as well and see this one by `use super::*`, which
/// would be ambiguous: it lies in another file, or more to the right.
fn name(actor: &Ident, column: usize, place: Span) -> Ident {
    let file = actor.span().file();
    // Not the folder, which is another on each machine.
    let file = Path::new(&file).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let at = (file, column);
    let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(at) % 0x1_0000;
    format_ident!("actor_impl_of_{}_{hash:04x}", naming::plain(actor), span = place)
}
