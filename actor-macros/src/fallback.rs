//! Puts the user's item first, whatever was wrong with it.

use crate::errors::Errors;
use proc_macro2::{Delimiter, Punct, Spacing, TokenStream, TokenTree};
use quote::quote;

/// A struct with the semicolon that it lacks: the compiler has said so, and would say so again of what comes behind it.
pub(crate) fn closed(mut item: TokenStream) -> TokenStream {
    let Some(last) = item.clone().into_iter().last() else { return item };
    let is_open = match &last {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Parenthesis,
        TokenTree::Punct(sign) => sign.as_char() == '>',
        TokenTree::Ident(_) => true,
        TokenTree::Literal(_) => false,
    };
    if is_open {
        let mut end = Punct::new(';', Spacing::Alone);
        end.set_span(last.span());
        item.extend([TokenTree::Punct(end)]);
    }
    item
}

/// The user's item, what was made of it, and what was wrong.
pub(crate) fn with_errors(kept: TokenStream, expansion: TokenStream, errors: Errors) -> TokenStream {
    let errors = errors.not_said_in(&expansion);
    quote! { #kept #expansion #errors }
}
