//! What a message answers.

use super::Param;
use crate::elided::spelt_out;
use crate::errors::{self, Errors};
use crate::lifetimes::{Borrow, find_borrow, find_request, mentions_any, pending_of};
use crate::options::MessageOptions;
use crate::self_type::relocate;
use crate::show::show;
use crate::types::{
    arguments, find_impl, find_local, holds_unsized, is_bare, is_named, is_placeholder, is_unit,
    last_segment, only_argument, peel, type_arguments,
};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{GenericArgument, Lifetime, ReturnType, Type, TypeParamBound, parse_quote_spanned};

pub(crate) struct Reply {
    /// What its variant holds.
    pub(crate) ty: Type,
    pub(crate) outcome: Outcome,
    /// Through a `ReplyTo`.
    pub(crate) later: bool,
    /// What it is cannot be told, which is an error already.
    pub(crate) broken: bool,
    /// That error, as a type.
    pub(crate) said: Option<TokenStream>,
    pub(crate) stream: Option<Stream>,
    /// It may be one that leaves out its lifetime, and borrows.
    pub(crate) elided: bool,
}

/// A reply that is sent item by item.
pub(crate) struct Stream {
    pub(crate) item: Type,
    /// It does not borrow the actor.
    pub(crate) beside: bool,
}

pub(crate) enum Outcome {
    /// The value itself.
    Value,
    /// `Result<T, E>` with both in sight.
    Result(Box<Type>, Box<Type>),
    /// An alias of `Result`: what it stands for is only known to rustc.
    Alias,
}

impl Reply {
    pub(crate) fn new(
        output: &ReturnType,
        params: &[Param],
        options: &MessageOptions,
        lifetimes: &[&Lifetime],
        library: &TokenStream,
        errors: &mut Errors,
    ) -> Self {
        let returned = match output {
            ReturnType::Default => None,
            ReturnType::Type(_, ty) => Some(peel(ty)),
        };
        let later = params.iter().find_map(|param| match param {
            Param::ReplyTo(ty) => only_argument(ty, "ReplyTo"),
            _ => None,
        });
        let ty = match (later, returned) {
            (Some(later), returned) => {
                if let Some(returned) = returned.filter(|ty| !is_unit(ty) && !is_said(ty)) {
                    errors.push(returned, errors::reply_and_return(&show(later)));
                }
                later.clone()
            }
            (None, Some(returned)) => returned.clone(),
            (None, None) => unit(),
        };
        // What is answered through a `ReplyTo` is data.
        let stream = stream(&ty).filter(|_| later.is_none());
        if let Some((place, text)) = problem(&ty, stream.as_ref()) {
            if mentions_any(&ty, lifetimes) || text.is_empty() {
                errors.leave_to_rustc();
            } else {
                errors.push(&place, text);
            }
            return Reply {
                ty: unit(),
                outcome: Outcome::Value,
                later: later.is_some(),
                broken: true,
                said: errors.last_as_type(),
                stream: None,
                elided: false,
            };
        }
        // In place of what could not be read.
        let said = is_said(&ty).then(|| ty.to_token_stream());
        let ty = if said.is_some() { unit() } else { ty };
        let ty = match &stream {
            Some(Stream { item, .. }) => {
                let place = ty.span();
                let library = relocate(library.clone(), place);
                parse_quote_spanned!(place=> #library::ReplyStream<#item>)
            }
            None => ty,
        };
        let mut ty = ty;
        let elided = spelt_out(&mut ty, library);
        let outcome = outcome(&ty, options.result);
        Reply { ty, outcome, later: later.is_some(), broken: said.is_some(), said, stream, elided }
    }

    /// What it is cannot be told, which is an error already.
    pub(super) fn give_up(&mut self, errors: &mut Errors) {
        (self.ty, self.outcome, self.stream, self.broken) = (unit(), Outcome::Value, None, true);
        self.said = self.said.take().or_else(|| errors.last_as_type());
    }

    /// Whether it is a `Result` is not known: an option could not be read, which is an error already.
    pub(super) fn doubt(&mut self, errors: &mut Errors) {
        if matches!(self.outcome, Outcome::Alias) {
            self.said = self.said.take().or_else(|| errors.last_as_type());
            self.outcome = Outcome::Value;
            self.broken = true;
        }
    }
}

/// `Errors::last_as_type`
fn is_said(ty: &Type) -> bool {
    matches!(ty, Type::Array(found) if found.len.to_token_stream().to_string().contains("compile_error"))
}

fn unit() -> Type {
    Type::Tuple(syn::TypeTuple {
        attrs: Vec::new(),
        paren_token: syn::token::Paren::default(),
        elems: syn::punctuated::Punctuated::new(),
    })
}

/// `impl Stream<Item = T>`
fn stream(ty: &Type) -> Option<Stream> {
    let Type::ImplTrait(found) = peel(ty) else { return None };
    let item = found.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().filter(|segment| segment.ident == "Stream")
        }
        _ => None,
    });
    let item = arguments(item?).find_map(|argument| match argument {
        GenericArgument::AssocType(assoc) if assoc.ident == "Item" => Some(assoc.ty.clone()),
        _ => None,
    })?;
    let beside = found.bounds.iter().any(|bound| match bound {
        TypeParamBound::Lifetime(lifetime) => lifetime.ident == "static",
        TypeParamBound::PreciseCapture(captures) => {
            !captures.params.iter().any(|param| matches!(param, syn::CapturedParam::Lifetime(_)))
        }
        _ => false,
    });
    Some(Stream { item, beside })
}

/// Why it cannot be a reply, or the items of a stream cannot.
fn problem(ty: &Type, stream: Option<&Stream>) -> Option<(TokenStream, String)> {
    let ty = stream.map_or(ty, |stream| &stream.item);
    if let Type::Never(never) = ty {
        return Some((quote!(#never), errors::reply_never()));
    }
    if let Some(found) = find_impl(ty) {
        let is = |name: &str| {
            found.bounds.iter().any(|bound| match bound {
                TypeParamBound::Trait(bound) => {
                    bound.path.segments.last().is_some_and(|segment| segment.ident == name)
                }
                _ => false,
            })
        };
        let text = match () {
            () if is("Stream") && self::stream(&Type::ImplTrait(found.clone())).is_none() => {
                errors::reply_stream(&show(found))
            }
            () if is("Stream") => errors::reply_stream_inside(&show(found)),
            () if is("Future") => errors::reply_future(),
            () => errors::reply_impl(&show(found)),
        };
        return Some((quote!(#found), text));
    }
    if let Some(local) = find_local(ty) {
        return Some((quote!(#local), errors::local_reply(&show(&local), &local.sent_form())));
    }
    // What has no size nobody can return: rustc says so at the user's method.
    if is_placeholder(ty) || is_bare(ty) || holds_unsized(ty) {
        return Some((ty.to_token_stream(), String::new()));
    }
    if let Some(request) = find_request(ty) {
        let name = request.path.segments.last().map(|last| &last.ident);
        return Some((quote!(#name), errors::reply_request(&show(request), &pending_of(request))));
    }
    let borrow = find_borrow(ty)?;
    let (found, owned) = (show(&borrow), borrow.owned());
    let text = match &borrow {
        Borrow::Lifetime(_) => errors::reply_lifetime(&found),
        _ if borrow.is_mutable() => errors::reply_borrows_mutably(&found, &owned),
        Borrow::Reference(_) => errors::reply_borrows(&found, &owned),
    };
    Some((borrow.to_token_stream(), text))
}

fn outcome(ty: &Type, result: Option<bool>) -> Outcome {
    if !result.unwrap_or_else(|| is_named(ty, "Result")) {
        return Outcome::Value;
    }
    match last_segment(ty).map(type_arguments).as_deref() {
        Some([value, error]) if is_named(ty, "Result") => {
            Outcome::Result(Box::new((*value).clone()), Box::new((*error).clone()))
        }
        _ => Outcome::Alias,
    }
}
