//! Words of ours where no `#[actor]` reads them, and those that users of other libraries look for: each says what to write.

use crate::attrs;
use crate::errors::{self, Errors};
use crate::input;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::quote;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, MacroDelimiter};

/// `#[message]` or a hook outside of a block with `#[actor]`, which would have taken it away. On a block, it is that one which is
/// meant: `actor` makes it one, so that only this is wrong.
pub(crate) fn attribute(
    name: &str,
    place: Span,
    item: TokenStream,
    actor: impl FnOnce(TokenStream) -> TokenStream,
) -> TokenStream {
    if is_expression(&item) {
        // The compiler takes no attribute of any macro there, and what comes behind an expression is an error more.
        return item;
    }
    let (text, item) = match () {
        () if is_method(item.clone()) => (errors::outside_of_block(name), item),
        () if has_actor(&item) => (errors::no_method(name), item),
        () if is_block(&item) => (errors::outside_of_block(name), actor(item)),
        () => (errors::no_method(name), item),
    };
    let error = said(place, text);
    quote!(#item #error)
}

/// Whether it is none but an expression: the call of a macro with braces may also be an item.
pub(crate) fn is_expression(item: &TokenStream) -> bool {
    let expression = syn::parse2::<Expr>(item.clone());
    expression.is_ok_and(
        |expression| !matches!(expression, Expr::Macro(call) if matches!(call.mac.delimiter, MacroDelimiter::Brace(_))),
    )
}

fn is_block(item: &TokenStream) -> bool {
    item.clone().into_iter().any(|token| matches!(token, TokenTree::Ident(word) if word == "impl"))
}

/// Whether `#[actor]` stands below.
fn has_actor(item: &TokenStream) -> bool {
    let parser = |input: ParseStream<'_>| {
        let attributes = Attribute::parse_outer(input)?;
        input
            .parse::<TokenStream>()
            .map(|_| attributes.iter().any(|attribute| attrs::is_actor(attribute.path())))
    };
    parser.parse2(item.clone()).unwrap_or_default()
}

fn is_method(item: TokenStream) -> bool {
    let parser = |input: ParseStream<'_>| {
        let is_method = input::parse_function(input).is_some();
        input.parse::<TokenStream>().map(|_| is_method)
    };
    parser.parse2(item).unwrap_or_default()
}

/// `#[derive(Actor)]`
pub(crate) fn derived_actor(place: Span) -> TokenStream {
    said(place, errors::derived_actor())
}

/// `#[derive(Message)]`
pub(crate) fn derived_message(place: Span) -> TokenStream {
    said(place, errors::derived_message())
}

fn said(place: Span, text: String) -> TokenStream {
    let mut errors = Errors::new();
    errors.push(&Ident::new("it", place), text);
    errors.into_tokens()
}
