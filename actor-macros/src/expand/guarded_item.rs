//! The user's item, as it is but for arguments that a guard alone reads: to rustc, which sees only the body, they are unused.

use super::guard::mentions;
use crate::model::{ActorImpl, Message};
use crate::naming;
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};

/// The item with the names of such arguments as words of the macro's, which lints look past.
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
            change(params, |inner| renamed(inner, message, &body));
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

/// The parameters, where those that the guard mentions and the body does not have names of the macro's.
fn renamed(params: TokenStream, message: &Message, body: &TokenStream) -> TokenStream {
    let Some(guard) =
        message.options.when.as_ref().map(|guard| quote::ToTokens::to_token_stream(&guard.holds))
    else {
        return params;
    };
    let is_for_the_guard =
        |name: &Ident| naming::is_free(name) && mentions(&guard, name) && !mentions(body, name);
    let tokens: Vec<TokenTree> = params.into_iter().collect();
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ':');
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ',');
    tokens
        .split_inclusive(is_comma)
        .flat_map(|param| {
            let colon = param.iter().position(is_colon).unwrap_or_default();
            let (pattern, rest) = param.split_at(colon);
            repeated(pattern.iter().cloned().collect(), &is_for_the_guard)
                .into_iter()
                .chain(rest.iter().cloned())
        })
        .collect()
}

/// A pattern with some of its words as the macro's.
fn repeated(pattern: TokenStream, which: &dyn Fn(&Ident) -> bool) -> TokenStream {
    pattern
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(name) if which(&name) => TokenTree::Ident(naming::repeated(&name)),
            TokenTree::Group(mut group) => {
                change(&mut group, |inner| repeated(inner, which));
                TokenTree::Group(group)
            }
            other => other,
        })
        .collect()
}
