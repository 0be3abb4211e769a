//! The user's item, as it is but for arguments that a guard alone reads: to rustc, which sees only the body, they are unused.

use super::guard::{mentions, words};
use crate::model::{ActorImpl, Message};
use crate::naming;
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::quote;

/// The item with such arguments allowed.
pub(crate) fn with_guards(item: TokenStream, block: &ActorImpl) -> TokenStream {
    let guarded: Vec<&Message> =
        block.messages.iter().filter(|message| message.options.when.is_some()).collect();
    if guarded.is_empty() {
        return item;
    }
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    if let Some(TokenTree::Group(members)) = tokens.last_mut() {
        change(members, |inner| methods(inner, &guarded));
    }
    tokens.into_iter().collect()
}

fn change(group: &mut Group, by: impl FnOnce(TokenStream) -> TokenStream) {
    let mut changed = Group::new(group.delimiter(), by(group.stream()));
    changed.set_span(group.span());
    *group = changed;
}

fn methods(members: TokenStream, guarded: &[&Message]) -> TokenStream {
    let mut tokens: Vec<TokenTree> = members.into_iter().collect();
    let names: Vec<(usize, Ident)> = tokens
        .windows(2)
        .enumerate()
        .filter_map(|(at, pair)| match pair {
            [TokenTree::Ident(word), TokenTree::Ident(name)] if word == "fn" => Some((at + 2, name.clone())),
            _ => None,
        })
        .collect();
    for (start, name) in names {
        let Some((params, body)) = tokens.get_mut(start..).and_then(params_and_body) else { continue };
        for message in guarded.iter().filter(|message| message.name == name) {
            change(params, |inner| allowed(inner, message, &body));
        }
    }
    tokens.into_iter().collect()
}

/// The two groups of the method whose name stands before the tokens.
fn params_and_body(tokens: &mut [TokenTree]) -> Option<(&mut Group, TokenStream)> {
    let mut groups = tokens.iter_mut().filter_map(|token| match token {
        TokenTree::Group(group) => Some(group),
        _ => None,
    });
    let params = groups.find(|group| group.delimiter() == Delimiter::Parenthesis)?;
    let body = groups.find(|group| group.delimiter() == Delimiter::Brace)?;
    Some((params, body.stream()))
}

/// The parameters, with an attribute on those that the guard mentions and the body does not.
fn allowed(params: TokenStream, message: &Message, body: &TokenStream) -> TokenStream {
    let Some(guard) =
        message.options.when.as_ref().map(|guard| quote::ToTokens::to_token_stream(&guard.holds))
    else {
        return params;
    };
    let is_for_the_guard =
        |name: &Ident| naming::is_free(name) && mentions(&guard, name) && !mentions(body, name);
    let tokens: Vec<TokenTree> = params.into_iter().collect();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ',');
    tokens
        .split_inclusive(is_comma)
        .map(|param| {
            let attr = bound(param).iter().any(is_for_the_guard).then(|| quote!(#[allow(unused_variables)]));
            quote!(#attr #(#param)*)
        })
        .collect()
}

/// The words before the colon of a parameter.
fn bound(param: &[TokenTree]) -> Vec<Ident> {
    let mut found = Vec::new();
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ':');
    if let Some(colon) = param.iter().position(is_colon) {
        words(param.iter().take(colon).cloned().collect(), &mut found);
    }
    found
}
