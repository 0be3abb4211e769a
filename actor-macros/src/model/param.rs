//! A parameter of a message: what is stored, what the handle takes, how the method gets it.

use super::receiver::Home;
use super::storing::{Passed, Taken, is_unsized, store};
use crate::attrs;
use crate::elided::spelt_out;
use crate::errors::{self, Errors};
use crate::generics::is_sized_parameter;
use crate::lifetimes::mentions_any;
use crate::naming;
use crate::show::show;
use crate::types::{
    borrowed_reply_to, is_context, is_named, is_plain_data, is_wrong_context, may_be_bare, only_argument,
    peel,
};
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::{Attribute, Generics, Ident, Lifetime, Meta, Pat, PatType, Type};

pub(crate) enum Param {
    /// `ctx: &mut Context<Self>`
    Context(Type),
    /// `reply: ReplyTo<T>`
    ReplyTo(Type),
    Field(Box<Field>),
}

pub(crate) struct Field {
    /// Of the field and of the handle's parameter.
    pub(crate) name: Ident,
    /// What it is taken apart by, where that is no name alone.
    pub(crate) pattern: Option<Pat>,
    /// The type as the user wrote it, for its place.
    pub(crate) written: Type,
    /// The type of the field.
    pub(crate) stored: TokenStream,
    pub(crate) taken: Taken,
    pub(crate) passed: Passed,
    /// What is borrowed is stored as it is.
    pub(crate) itself: bool,
    /// What its `#[cfg]` says, if it has one.
    pub(crate) condition: Option<TokenStream>,
    /// It cannot be stored: an error already.
    pub(crate) broken: bool,
}

/// All `#[cfg]` of a parameter as one predicate.
fn condition(attrs: &[Attribute]) -> Option<TokenStream> {
    let predicates: Vec<TokenStream> = attrs.iter().filter_map(|attr| predicate(&attr.meta)).collect();
    (!predicates.is_empty()).then(|| quote!(all(#(#predicates),*)))
}

/// Whether an attribute may take what it stands on away.
pub(super) fn is_condition(attr: &Attribute) -> bool {
    predicate(&attr.meta).is_some()
}

/// What an attribute asks for its parameter to be there: `cfg`, also in a `cfg_attr`.
fn predicate(meta: &Meta) -> Option<TokenStream> {
    let list = meta.require_list().ok()?;
    if list.path.is_ident("cfg") {
        return Some(list.tokens.clone());
    }
    let mut parts = attrs::conditional(meta)?.into_iter();
    let condition = parts.next()?;
    let inner: Vec<TokenStream> = parts.filter_map(|part| predicate(&part)).collect();
    (!inner.is_empty()).then(|| quote!(any(not(#condition), all(#(#inner),*))))
}

impl Field {
    /// The attribute for what stands for it.
    pub(crate) fn cfg(&self) -> Option<TokenStream> {
        self.condition.as_ref().map(|condition| quote!(#[cfg(#condition)]))
    }

    /// Whether what is stored is only known to rustc.
    pub(crate) fn is_projected(&self) -> bool {
        let known = |ty: &TokenStream| {
            syn::parse2::<Type>(ty.clone())
                .is_ok_and(|ty| matches!(ty, Type::Slice(_)) || is_named(&ty, "str") || is_plain_data(&ty))
        };
        !self.itself && matches!(&self.passed, Passed::Borrowed(ty) if !known(ty))
    }

    /// What it is the owned form of, where that may have none: nothing in its name says what it is.
    pub(crate) fn borrowed(&self) -> Option<&TokenStream> {
        let (Passed::Borrowed(ty) | Passed::Cow(ty)) = &self.passed else { return None };
        let is_open = |ty: &Type| !is_plain_data(ty) && !is_unsized(ty);
        syn::parse2(ty.clone()).is_ok_and(|ty| is_open(&ty)).then_some(ty)
    }

    /// Whether it may be of a type without a size.
    pub(crate) fn may_be_bare(&self) -> bool {
        matches!(self.taken, Taken::AsStored) && may_be_bare(&self.written)
    }

    /// Whether it is an `impl Trait` that is stored as it comes.
    pub(crate) fn is_opaque(&self) -> bool {
        matches!(self.taken, Taken::Opaque)
    }

    /// Whether it is `impl Into<T>` in the user's method.
    pub(crate) fn is_impl(&self) -> bool {
        matches!(self.written, Type::ImplTrait(_))
    }
}

impl Param {
    pub(crate) fn new(
        number: usize,
        argument: &PatType,
        taken: &[&Ident],
        lifetimes: &[&Lifetime],
        home: Home<'_>,
        errors: &mut Errors,
    ) -> Self {
        let ty = peel(&argument.ty);
        if is_context(ty) || only_argument(ty, "ReplyTo").is_some() {
            for attr in argument.attrs.iter().filter(|attr| is_condition(attr)) {
                errors.push(attr.path(), errors::cfg_on_context());
            }
        }
        if is_context(ty) || is_wrong_context(ty) {
            return Param::Context(ty.clone());
        }
        if let Some((sign, owned)) = borrowed_reply_to(ty) {
            errors.push(sign, errors::reply_to_borrowed(&show(ty), &show(owned)));
            return Param::ReplyTo(owned.clone());
        }
        if only_argument(ty, "ReplyTo").is_some() {
            return Param::ReplyTo(ty.clone());
        }
        let mut field = Field {
            name: name(&argument.pat).cloned().unwrap_or_else(|| numbered(number, taken)),
            pattern: name(&argument.pat).is_none().then(|| (*argument.pat).clone()),
            written: ty.clone(),
            stored: TokenStream::new(),
            taken: Taken::AsStored,
            passed: Passed::Value,
            itself: false,
            condition: condition(&argument.attrs),
            broken: false,
        };
        if field.condition.is_some() && !argument.attrs.iter().all(attrs::is_sound_cfg) {
            field.condition = None;
            errors.leave_to_rustc();
        }
        match store(ty) {
            Ok((stored, taken, passed)) => {
                (field.stored, field.taken, field.passed) = (stored, taken, passed);
            }
            Err((place, text)) => {
                field.broken = true;
                // A lifetime is an error where it is declared, and rustc's if it is nowhere.
                if mentions_any(ty, lifetimes) || text.is_empty() {
                    errors.leave_to_rustc();
                } else {
                    errors.push(&place, another_actor(ty, home).unwrap_or(text));
                }
            }
        }
        Param::Field(Box::new(field))
    }

    /// Of a borrowed parameter that is its own owned form, that is stored, as of the items of a slice: nothing needs to be cloned for it.
    pub(super) fn store_itself(&mut self, generics: &Generics) {
        let Param::Field(field) = self else { return };
        let Passed::Borrowed(ty) = &field.passed else { return };
        if syn::parse2::<Type>(ty.clone()).is_ok_and(|ty| is_sized_parameter(&ty, generics)) {
            (field.stored, field.itself) = (ty.clone(), true);
        }
    }

    /// What is stored of it, with what may be left out in a signature.
    pub(crate) fn spell_out(&mut self, library: &TokenStream) {
        let Param::Field(field) = self else { return };
        // Most have nothing of the kind.
        if spelt_out(&mut field.written.clone(), library)
            && let Ok(mut stored) = syn::parse2::<Type>(field.stored.clone())
            && spelt_out(&mut stored, library)
        {
            field.stored = quote!(#stored);
        }
    }

    /// There is one context, one reply, and one field of a name.
    pub(crate) fn check_single(&mut self, earlier: &[Param], errors: &mut Errors) {
        match self {
            Param::Field(field) => {
                let same = |param: &Param| matches!(param, Param::Field(other) if other.name == field.name);
                if earlier.iter().any(same) {
                    field.broken = true;
                    errors.leave_to_rustc();
                }
            }
            Param::Context(ty) if earlier.iter().any(|param| matches!(param, Param::Context(_))) => {
                errors.push(ty, errors::second_context());
            }
            Param::ReplyTo(ty) if earlier.iter().any(|param| matches!(param, Param::ReplyTo(_))) => {
                errors.push(ty, errors::second_reply_to());
            }
            _ => {}
        }
    }
}

/// Of `&mut Account`, as objects are given to each other, that there is a handle for it.
fn another_actor(ty: &Type, home: Home<'_>) -> Option<String> {
    match (ty, home) {
        (Type::Reference(borrow), Home::Actor(Some(name))) if home.is_self(&borrow.elem) => {
            Some(errors::another_actor(&show(borrow), &naming::handle(name)))
        }
        _ => None,
    }
}

/// The name that a pattern gives, if it gives one to the whole.
pub(super) fn name(pat: &Pat) -> Option<&Ident> {
    match pat {
        Pat::Ident(pat) => Some(&pat.ident).filter(|name| naming::is_free(name)),
        Pat::Paren(paren) => name(&paren.pat),
        _ => None,
    }
}

/// A name for what has none.
fn numbered(number: usize, taken: &[&Ident]) -> Ident {
    let mut name = format_ident!("arg{number}", span = Span::call_site());
    while taken.contains(&&name) {
        name = format_ident!("{name}_");
    }
    name
}
