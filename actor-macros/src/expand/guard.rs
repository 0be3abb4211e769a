//! The guards: whether a message makes sense now.

use super::names::Names;
use crate::model::{ActorImpl, Field, Message, Passed};
use crate::naming;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::visit_mut::{VisitMut, visit_pat_ident_mut};
use syn::{Pat, PatIdent};

/// One arm a message that has a guard; all others make sense at any time.
pub(super) fn expand(block: &ActorImpl, names: &Names<'_>) -> Option<TokenStream> {
    let guarded = || block.distinct().filter(|message| message.options.when.is_some());
    let first = guarded().next()?;
    let arms: TokenStream = guarded().filter_map(|message| arm(message, names)).collect();
    let Names { message: enum_, ty_generics, .. } = names;
    // The user's own `self`, which the guards mention.
    let this = &first.this;
    let message = naming::local("message");
    Some(quote! {
        fn guard(&#this, #message: &#enum_ #ty_generics) -> ::core::primitive::bool {
            match #message { #arms _ => true }
        }
    })
}

fn arm(message: &Message, names: &Names<'_>) -> Option<TokenStream> {
    let holds = &message.options.when.as_ref()?.holds;
    let (enum_, variant, cfg) = (&names.message, &message.variant, &message.attrs.cfg);
    // Those with a name are all there, so that a mistyped one is told which was meant.
    let is_there = |field: &&Field| field.pattern.is_none() || is_looked_at(field, holds);
    let looked_at: Vec<&Field> = message.fields().filter(is_there).collect();
    let bindings: TokenStream = looked_at
        .iter()
        .map(|field| {
            let (cfg, name, local) = (field.cfg(), naming::taken_out(&field.name), local(field));
            quote!(#cfg #name: #local,)
        })
        .collect();
    let lent: TokenStream = looked_at.iter().map(|field| lent(field)).collect();
    let used: TokenStream = looked_at.iter().map(|field| used(field)).collect();
    let rest = message.fields().next().map(|_| quote!({ #bindings .. }));
    // Nothing behind it, which a guard that never comes to an end would leave unreachable.
    Some(quote! { #cfg #enum_::#variant #rest => { #lent #used (#holds) } })
}

/// A name that a guard can mention, in the user's own scope, and that has no place of its own.
fn local(field: &Field) -> Ident {
    let mut local = field.name.clone();
    local.set_span(Span::call_site().resolved_at(field.name.span()));
    local
}

/// An argument as the guard sees it: by reference.
fn lent(field: &Field) -> TokenStream {
    let (cfg, local) = (field.cfg(), local(field));
    let borrow = match &field.passed {
        Passed::Borrowed(ty) => {
            let borrow = quote!(let #local = <_ as ::core::borrow::Borrow<#ty>>::borrow(#local););
            Some(quote!(#cfg #borrow))
        }
        Passed::Value | Passed::Cow(_) => None,
    };
    let apart = field.pattern.as_ref().map(|pattern| {
        let (pattern, _) = shared(pattern);
        quote!(#cfg let #pattern = #local;)
    });
    quote!(#borrow #apart)
}

/// What a guard does not look at is no mistake of the user's.
fn used(field: &Field) -> TokenStream {
    let cfg = field.cfg();
    let bound = match &field.pattern {
        None => vec![local(field)],
        Some(pattern) => shared(pattern).1,
    };
    quote!(#(#cfg let _ = &#bound;)*)
}

/// The pattern for what is lent, which binds by reference whatever it says, and the names that it binds.
fn shared(pattern: &Pat) -> (Pat, Vec<Ident>) {
    let (mut pattern, mut bindings) = (pattern.clone(), Bindings(Vec::new()));
    bindings.visit_pat_mut(&mut pattern);
    (pattern, bindings.0)
}

struct Bindings(Vec<Ident>);

impl VisitMut for Bindings {
    fn visit_pat_ident_mut(&mut self, found: &mut PatIdent) {
        (found.by_ref, found.mutability) = (None, None);
        self.0.push(found.ident.clone());
        visit_pat_ident_mut(self, found);
    }
}

/// Whether a guard mentions any argument.
pub(super) fn looks_at_arguments(message: &Message) -> bool {
    let guard = message.options.when.as_ref();
    guard.is_some_and(|guard| message.fields().any(|field| is_looked_at(field, &guard.holds)))
}

fn is_looked_at(field: &Field, guard: &impl ToTokens) -> bool {
    match &field.pattern {
        None => mentions(&guard.to_token_stream(), &field.name),
        Some(pattern) => {
            let mut names = Vec::new();
            words(pattern.to_token_stream(), &mut names);
            names.iter().any(|name| mentions(&guard.to_token_stream(), name))
        }
    }
}

fn words(tokens: TokenStream, found: &mut Vec<Ident>) {
    for token in tokens {
        match token {
            TokenTree::Ident(word) => found.push(word),
            TokenTree::Group(group) => words(group.stream(), found),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}

/// Whether tokens mention a variable, also in a text to be formatted. What follows a dot is a field or a method.
pub(super) fn mentions(tokens: &TokenStream, name: &Ident) -> bool {
    let mut dots = 0;
    tokens.clone().into_iter().any(|token| {
        let follows_dot = dots == 1;
        dots = match &token {
            TokenTree::Punct(punct) if punct.as_char() == '.' => dots + 1,
            _ => 0,
        };
        match token {
            TokenTree::Ident(word) => word == *name && !follows_dot,
            TokenTree::Group(group) => mentions(&group.stream(), name),
            TokenTree::Literal(text) => text.to_string().contains(&format!("{{{}", naming::plain(name))),
            TokenTree::Punct(_) => false,
        }
    })
}
