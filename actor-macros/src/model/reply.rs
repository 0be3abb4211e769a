//! What a message answers.

use super::Param;
use crate::errors::{self, Errors};
use crate::lifetimes::{find_borrow, mentions_any};
use crate::show::show;
use crate::types::{
    find_impl, is_named, is_placeholder, is_unit, last_segment, only_argument, peel, type_arguments,
};
use quote::{ToTokens, quote};
use syn::{Lifetime, ReturnType, Type};

pub(crate) struct Reply {
    /// What its variant holds.
    pub(crate) ty: Type,
    pub(crate) outcome: Outcome,
    /// Through a `ReplyTo`.
    pub(crate) later: bool,
    /// What it is cannot be told, which is an error already.
    pub(crate) broken: bool,
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
        result: Option<bool>,
        lifetimes: &[&Lifetime],
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
        let unit = Type::Tuple(syn::TypeTuple {
            attrs: Vec::new(),
            paren_token: syn::token::Paren::default(),
            elems: syn::punctuated::Punctuated::new(),
        });
        let ty = match (later, returned) {
            (Some(later), returned) => {
                if let Some(returned) = returned.filter(|ty| !is_unit(ty)) {
                    errors.push(returned, errors::reply_and_return(&show(later)));
                }
                later.clone()
            }
            (None, Some(returned)) => returned.clone(),
            (None, None) => unit.clone(),
        };
        if let Some((place, text)) = problem(&ty) {
            if mentions_any(&ty, lifetimes) || text.is_empty() {
                errors.leave_to_rustc();
            } else {
                errors.push(&place, text);
            }
            return Reply { ty: unit, outcome: Outcome::Value, later: later.is_some(), broken: true };
        }
        let outcome = outcome(&ty, result);
        Reply { ty, outcome, later: later.is_some(), broken: false }
    }

    /// Whether it is a `Result` is not known: an option could not be read, which is an error already.
    pub(super) fn doubt(&mut self) {
        if matches!(self.outcome, Outcome::Alias) {
            self.outcome = Outcome::Value;
            self.broken = true;
        }
    }
}

fn problem(ty: &Type) -> Option<(proc_macro2::TokenStream, String)> {
    if let Type::Never(never) = ty {
        return Some((quote!(#never), errors::reply_never()));
    }
    if let Some(found) = find_impl(ty) {
        let is = |name: &str| {
            found.bounds.iter().any(|bound| match bound {
                syn::TypeParamBound::Trait(bound) => {
                    bound.path.segments.last().is_some_and(|segment| segment.ident == name)
                }
                _ => false,
            })
        };
        let text = match () {
            () if is("Stream") => errors::reply_stream(),
            () if is("Future") => errors::reply_future(),
            () => errors::reply_impl(&show(found)),
        };
        return Some((quote!(#found), text));
    }
    if is_placeholder(ty) {
        return Some((ty.to_token_stream(), String::new()));
    }
    let borrow = find_borrow(ty)?;
    Some((borrow.to_token_stream(), errors::reply_borrows(&show(&borrow), &borrow.owned())))
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
