//! `Self` in code that is repeated where it would mean another type.

use proc_macro2::{Group, Ident, Spacing, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use std::iter;

/// The tokens with `Self` replaced by the actor's type. By tokens, so that it also works inside of macros and constants.
pub(crate) fn substitute(tokens: &impl ToTokens, actor: &impl ToTokens) -> TokenStream {
    replace(tokens.to_token_stream(), &actor.to_token_stream())
}

fn replace(tokens: TokenStream, actor: &TokenStream) -> TokenStream {
    let mut replaced = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            // `'Self` is no lifetime, which rustc says of it, and no type either.
            TokenTree::Punct(tick) if tick.as_char() == '\'' => {
                replaced.extend(iter::once(tick.into()).chain(tokens.next()));
            }
            // `Self<T>` is an error of the user's own, and stays one.
            TokenTree::Ident(ident) if ident == "Self" && !opens_arguments(tokens.peek()) => {
                let actor = located(actor.clone(), &ident);
                // `Self::N` of a generic actor needs the brackets, which `Self: Bound` cannot have.
                let is_path = matches!(tokens.peek(), Some(TokenTree::Punct(punct))
                    if punct.as_char() == ':' && punct.spacing() == Spacing::Joint);
                if is_path {
                    replaced.extend(quote!(<#actor>));
                } else {
                    replaced.extend(actor);
                }
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), replace(group.stream(), actor));
                inner.set_span(group.span());
                replaced.extend([TokenTree::Group(inner)]);
            }
            other => replaced.extend([other]),
        }
    }
    replaced
}

fn opens_arguments(next: Option<&TokenTree>) -> bool {
    matches!(next, Some(TokenTree::Punct(punct)) if punct.as_char() == '<')
}

/// Errors in the copy belong to where the user wrote `Self`.
fn located(tokens: TokenStream, at: &Ident) -> TokenStream {
    relocate(tokens, at.span())
}

/// The same tokens with another place, resolved as before.
pub(crate) fn relocate(tokens: TokenStream, place: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                token = TokenTree::Group(Group::new(group.delimiter(), relocate(group.stream(), place)));
            }
            token.set_span(token.span().located_at(place));
            token
        })
        .collect()
}

/// The same tokens as code of the macro's at the same place, which is what lints go by.
pub(crate) fn generated(tokens: TokenStream) -> TokenStream {
    // An attribute in it is an error, which the compiler says once of the same tokens.
    if has_attribute(tokens.clone()) {
        return tokens;
    }
    tokens
        .into_iter()
        .map(|mut token| {
            let place = token.span();
            if let TokenTree::Group(group) = &token {
                token = TokenTree::Group(Group::new(group.delimiter(), generated(group.stream())));
            }
            // `$crate` is a name of the place where it was written.
            if !matches!(&token, TokenTree::Ident(ident) if ident == "$crate") {
                token.set_span(Span::call_site().located_at(place));
            }
            token
        })
        .collect()
}

fn has_attribute(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Punct(sign) => sign.as_char() == '#',
        TokenTree::Group(group) => has_attribute(group.stream()),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::substitute;
    use crate::show::show;
    use quote::quote;

    #[test]
    fn everywhere_but_in_words() {
        let actor = quote!(Ring<T, N>);
        let replaced = substitute(&quote!(Option<[Self; Self::SIZE]>), &actor);
        assert_eq!(show(&replaced), "Option<[Ring<T, N>; <Ring<T, N>>::SIZE]>");
        assert_eq!(show(&substitute(&quote!(Selfish), &actor)), "Selfish");
        assert_eq!(show(&substitute(&quote!(Send + 'Self), &actor)), "Send + 'Self");
        assert_eq!(show(&substitute(&quote!(Self<T>), &actor)), "Self<T>");
        let bounds = substitute(&quote!(Self: Sized, Self::Of: Sized), &actor).to_string();
        assert_eq!(bounds, quote!(Ring<T, N>: Sized, <Ring<T, N> >::Of: Sized).to_string());
    }
}
