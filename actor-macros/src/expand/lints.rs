//! Which lints generated code is not held to. To allow one that the user forbids is an error, so only those are allowed that can
//! occur in this very code.

use crate::model::{ActorDef, ActorImpl, Message};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::Attribute;

/// For what a struct makes.
pub(super) fn of_def(def: &ActorDef) -> TokenStream {
    let deprecated = mentions_lints(&def.attrs).then(|| quote!(deprecated,));
    let (own, clippy, case) = (own(&def.attrs), clippy(), case(&def.ident));
    quote! { #own #[allow(#clippy #case #deprecated)] }
}

/// For what an impl block makes.
pub(super) fn of_impl(block: &ActorImpl) -> TokenStream {
    of_block(block, TokenStream::new())
}

/// For the handle's methods: a message that nobody sends through one may be sent by its variant.
pub(super) fn of_handle(block: &ActorImpl) -> TokenStream {
    of_block(block, quote!(dead_code,))
}

/// For its enums, which are `pub` whatever their actor is. Lints of what is private or never read look at where their fields lie, and those
/// lie in the macro.
pub(super) fn of_enums(block: &ActorImpl) -> TokenStream {
    let has_capital = |name: String| name.chars().any(char::is_uppercase);
    let fields = block.messages.iter().flat_map(Message::fields);
    let has_capital = fields.map(|field| field.name.to_string()).any(has_capital);
    of_block(block, if has_capital { quote!(non_snake_case,) } else { TokenStream::new() })
}

fn of_block(block: &ActorImpl, lints: TokenStream) -> TokenStream {
    let (own, clippy) = (own(&block.attrs), clippy());
    let deprecated = (mentions_lints(&block.attrs)
        || block
            .messages
            .iter()
            .any(|message| !message.attrs.deprecated.is_empty() || message.attrs.has_allow))
    .then(|| quote!(deprecated,));
    // The same links may lead elsewhere from the handle.
    let has_links = block.messages.iter().any(|message| message.attrs.docs.to_string().contains('['));
    let links = has_links.then(|| quote!(rustdoc::broken_intra_doc_links, rustdoc::private_intra_doc_links,));
    let case = block.name().and_then(case);
    quote! { #own #[allow(#clippy #case #deprecated #links #lints)] }
}

/// The names of what is generated begin as the actor's does.
fn case(actor: &Ident) -> Option<TokenStream> {
    let name = crate::naming::plain(actor);
    (name.starts_with(char::is_lowercase) || name.contains('_')).then(|| quote!(non_camel_case_types,))
}

/// All that is for people who write code, and those of its restrictions that generated code cannot keep.
fn clippy() -> TokenStream {
    quote! {
        clippy::all,
        clippy::exhaustive_enums,
        clippy::impl_trait_in_params,
        clippy::nursery,
        clippy::pedantic,
        clippy::same_name_method,
    }
}

/// What the user allows in the item holds for its copies.
fn own(attrs: &[Attribute]) -> TokenStream {
    attrs.iter().filter(|attr| attr.path().is_ident("allow")).map(ToTokens::to_token_stream).collect()
}

/// Whether the item says something of lints or is deprecated itself.
fn mentions_lints(attrs: &[Attribute]) -> bool {
    ["allow", "expect", "deprecated", "cfg_attr"]
        .iter()
        .any(|name| attrs.iter().any(|attr| attr.path().is_ident(name)))
}
