//! Puts the user's item first, whatever was wrong with it.

use crate::errors::{self, Errors};
use crate::show::show;
use crate::types::{find_local, is_bare};
use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{ItemStruct, Lifetime, parse_quote_spanned};

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

/// A struct whose fields borrow for ever where nothing says for how long, which is an error already: rustc would say so again
/// of the field, and of whatever takes the actor.
pub(crate) fn without_borrows(item: TokenStream) -> TokenStream {
    let mut kept = TokenStream::new();
    let mut tokens = item.into_iter().peekable();
    let mut is_call = false;
    while let Some(token) = tokens.next() {
        let was_call = std::mem::replace(&mut is_call, is_function(&token));
        match token {
            // The borrows of `fn(&T)` are not its own.
            TokenTree::Group(group) if !was_call => {
                let mut changed = Group::new(group.delimiter(), without_borrows(group.stream()));
                changed.set_span(group.span());
                kept.extend([TokenTree::Group(changed)]);
            }
            TokenTree::Punct(sign) if sign.as_char() == '&' => {
                let is_named =
                    matches!(tokens.peek(), Some(TokenTree::Punct(tick)) if tick.as_char() == '\'');
                let lifetime = (!is_named).then(|| Lifetime::new("'static", sign.span()));
                kept.extend(quote!(#sign #lifetime));
            }
            TokenTree::Ident(name) if name == "_" => kept.extend([Ident::new("static", name.span())]),
            other => kept.extend([other]),
        }
    }
    kept
}

/// A struct with a box around each field that has no size, which is an error already: rustc would say so again of whatever takes the actor.
pub(crate) fn with_sizes(item: TokenStream) -> TokenStream {
    let Ok(mut sized) = syn::parse2::<ItemStruct>(item.clone()) else { return item };
    for field in sized.fields.iter_mut().filter(|field| is_bare(&field.ty)) {
        let ty = &field.ty;
        field.ty = parse_quote_spanned!(ty.span()=> ::std::boxed::Box<#ty>);
    }
    sized.into_token_stream()
}

/// A struct with an error in place of each field that stays on its thread: rustc would say so again of the actor, of its `async` handlers and of
/// whoever spawns it, and it holds nothing against a field that has an error in it. What the field mentions is mentioned all the same.
pub(crate) fn without_locals(item: TokenStream) -> TokenStream {
    let Ok(mut kept) = syn::parse2::<ItemStruct>(item.clone()) else { return item };
    let mut changed = false;
    for field in &mut kept.fields {
        let Some(local) = find_local(&field.ty) else { continue };
        let mut errors = Errors::new();
        errors.push(&local, errors::local_field(&show(&local), &local.sent_form()));
        let (said, ty) = (errors.last_as_type(), &field.ty);
        if let Ok(said) = syn::parse2(quote!((#said, ::core::marker::PhantomData<fn() -> #ty>))) {
            (field.ty, changed) = (said, true);
        }
    }
    if changed { kept.into_token_stream() } else { item }
}

fn is_function(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(word) if ["fn", "Fn", "FnMut", "FnOnce"].iter().any(|name| word == name))
}

/// What is no item, with what was wrong. Of an expression rustc says that no attribute of ours can stand there, and behind it nothing can.
pub(crate) fn no_item(kept: TokenStream, errors: Errors) -> TokenStream {
    if is_expression(&kept) {
        return kept;
    }
    let errors = errors.into_tokens();
    quote!(#kept #errors)
}

fn is_expression(tokens: &TokenStream) -> bool {
    const OTHERS: [&str; 19] = [
        "async",
        "const",
        "enum",
        "extern",
        "fn",
        "impl",
        "let",
        "macro",
        "macro_rules",
        "mod",
        "pub",
        "safe",
        "static",
        "struct",
        "trait",
        "type",
        "union",
        "unsafe",
        "use",
    ];
    let mut tokens = tokens.clone().into_iter();
    let begins = match tokens.next() {
        Some(TokenTree::Ident(word)) => OTHERS.iter().all(|other| word != other),
        Some(TokenTree::Punct(sign)) => sign.as_char() != '#',
        Some(TokenTree::Group(_) | TokenTree::Literal(_)) => true,
        None => false,
    };
    begins && !matches!(tokens.last(), Some(TokenTree::Punct(sign)) if sign.as_char() == ';')
}

/// The user's item, what was made of it, and what was wrong.
pub(crate) fn with_errors(kept: TokenStream, expansion: TokenStream, errors: Errors) -> TokenStream {
    let errors = errors.not_said_in(&expansion);
    quote! { #kept #expansion #errors }
}
