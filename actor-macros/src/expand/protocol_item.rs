//! The user's trait, as it is but for its `async fn`s and streams: whoever is asked through the protocol may run on any thread, so their
//! futures are `Send`. Implementations stay `async fn`.

use super::guard::mentions;
use crate::input::parse_function;
use crate::types::find_self;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::visit_mut::{VisitMut, visit_type_impl_trait_mut};
use syn::{
    FnArg, ReceiverKind, ReturnType, Signature, Token, TypeImplTrait, TypeParamBound, WherePredicate,
    parse_quote, token,
};

/// Whether the trait may speak of its actor's context.
pub(crate) fn mentions_self(item: &TokenStream) -> bool {
    mentions(item, &Ident::new("Self", Span::call_site()))
}

/// The trait with what its methods return made `Send`.
pub(crate) fn with_send(item: TokenStream, library: &TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = item.into_iter().collect();
    if let Some(TokenTree::Group(body)) = tokens.last_mut()
        && body.delimiter() == Delimiter::Brace
    {
        let members = (|input: ParseStream<'_>| Ok(members(input, library))).parse2(body.stream());
        let mut changed = Group::new(Delimiter::Brace, members.unwrap_or_else(|_| body.stream()));
        changed.set_span(body.span());
        *body = changed;
    }
    tokens.into_iter().collect()
}

fn members(input: ParseStream<'_>, library: &TokenStream) -> TokenStream {
    let mut all = TokenStream::new();
    while !input.is_empty() {
        let ahead = input.fork();
        if let Some((attrs, vis, sig)) = parse_function(&ahead)
            && (ahead.peek(token::Brace) || ahead.peek(Token![;]))
        {
            all.extend(quote!(#(#attrs)* #vis));
            syn::parse::discouraged::Speculative::advance_to(input, &ahead);
            let body = if input.peek(token::Brace) { input.parse::<TokenTree>().ok() } else { None };
            all.extend(function(sig, body, library));
            continue;
        }
        // Whatever else it is stays.
        while let Ok(token) = input.parse::<TokenTree>() {
            let ends = match &token {
                TokenTree::Punct(punct) => punct.as_char() == ';',
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                _ => false,
            };
            all.extend([token]);
            if ends {
                break;
            }
        }
    }
    all
}

/// A method up to its body, and that if it has one.
fn function(mut sig: Signature, body: Option<TokenTree>, library: &TokenStream) -> TokenStream {
    let place = Span::mixed_site().located_at(sig.ident.span());
    if speaks_of_self(&sig) {
        // Of its context: whoever is asked is an actor.
        require(&mut sig, quote_spanned!(place=> #library::Actor));
    }
    if let ReturnType::Type(_, ty) = &mut sig.output {
        Streams(place).visit_type_mut(ty);
    }
    let Some(asyncness) = sig.asyncness.take() else { return quote!(#sig #body) };
    let output = match &sig.output {
        ReturnType::Default => quote!(()),
        ReturnType::Type(_, ty) => ty.to_token_stream(),
    };
    let future = quote_spanned!(place=> impl ::core::future::Future<Output = #output> + ::core::marker::Send);
    sig.output = parse_quote!(-> #future);
    let Some(body) = body else { return quote!(#sig) };
    // It keeps the actor, and is `Send` where that is: one that is shared, where the trait says that it is `Sync`.
    let is_shared = sig.receiver().is_some_and(
        |receiver| matches!(&receiver.kind, ReceiverKind::Reference(_, _, mutable) if mutable.is_none()),
    );
    let needed = if is_shared { quote!(Sync) } else { quote!(Send + ::core::marker::Sized) };
    require(&mut sig, quote_spanned!(place=> ::core::marker::#needed));
    let waits = quote_spanned!(asyncness.span=> async move);
    quote!(#sig { #waits #body })
}

/// Whether an argument or the reply does.
fn speaks_of_self(sig: &Signature) -> bool {
    let output = match &sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => find_self(ty),
    };
    let is_own = |input: &FnArg| matches!(input, FnArg::Typed(argument) if find_self(&argument.ty).is_some());
    output.is_some() || sig.inputs.iter().any(is_own)
}

/// Asks `Self` to be more; every actor is.
fn require(sig: &mut Signature, bound: TokenStream) {
    let predicate: WherePredicate = parse_quote!(Self: #bound);
    sig.generics.make_where_clause().predicates.push(predicate);
}

/// Makes streams `Send`.
struct Streams(Span);

impl VisitMut for Streams {
    fn visit_type_impl_trait_mut(&mut self, found: &mut TypeImplTrait) {
        let is_stream = found.bounds.iter().any(|bound| match bound {
            TypeParamBound::Trait(bound) => {
                bound.path.segments.last().is_some_and(|segment| segment.ident == "Stream")
            }
            _ => false,
        });
        if is_stream {
            let send = quote_spanned!(self.0=> ::core::marker::Send);
            found.bounds.push(parse_quote!(#send));
        }
        visit_type_impl_trait_mut(self, found);
    }
}
