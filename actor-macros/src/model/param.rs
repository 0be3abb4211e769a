//! A parameter of a message: what is stored, what the handle takes, how the method gets it.

use crate::errors::{self, Errors};
use crate::lifetimes::{find_borrow, is_static, mentions_any, owned_form, owned_of};
use crate::show::show;
use crate::types::{find_impl, is_named, last_segment, only_argument, peel, type_arguments};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;
use syn::{
    Attribute, GenericArgument, Ident, Lifetime, Pat, PatType, Type, TypeImplTrait, TypeParamBound,
    TypeReference,
};

pub(crate) enum Param {
    /// `ctx: &mut Context<Self>`
    Context(Type),
    /// `reply: ReplyTo<T>`
    ReplyTo(Type),
    Field(Field),
}

pub(crate) struct Field {
    /// Of the field and of the handle's parameter.
    pub(crate) name: Ident,
    /// The type as the user wrote it, for its place.
    pub(crate) written: Type,
    /// The type of the field.
    pub(crate) stored: TokenStream,
    pub(crate) taken: Taken,
    pub(crate) passed: Passed,
    /// What its `#[cfg]` says, if it has one.
    pub(crate) condition: Option<TokenStream>,
    /// It cannot be stored: an error already.
    pub(crate) broken: bool,
}

/// What the handle's parameter is.
pub(crate) enum Taken {
    /// What is stored.
    AsStored,
    /// `impl Into<T>` of what is stored.
    Into,
}

/// How the method gets what is stored.
pub(crate) enum Passed {
    Value,
    /// `&T` of what is stored.
    Borrowed(TokenStream),
    /// `Cow::Owned`
    Cow,
}

/// What can be stored of a type, or why nothing can.
type Storing = Result<(TokenStream, Taken, Passed), (TokenStream, String)>;

/// All `#[cfg]` of a parameter as one predicate.
fn condition(attrs: &[Attribute]) -> Option<TokenStream> {
    let predicates: Vec<&TokenStream> = attrs
        .iter()
        .filter(|attr| attr.path().is_ident("cfg"))
        .filter_map(|attr| attr.meta.require_list().ok())
        .map(|list| &list.tokens)
        .collect();
    (!predicates.is_empty()).then(|| quote!(all(#(#predicates),*)))
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
                .is_ok_and(|ty| matches!(ty, Type::Slice(_)) || is_named(&ty, "str"))
        };
        matches!(&self.passed, Passed::Borrowed(ty) if !known(ty))
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
        errors: &mut Errors,
    ) -> Self {
        let ty = peel(&argument.ty);
        let is_context =
            matches!(ty, Type::Reference(reference) if only_argument(&reference.elem, "Context").is_some());
        if is_context || only_argument(ty, "ReplyTo").is_some() {
            for attr in argument.attrs.iter().filter(|attr| attr.path().is_ident("cfg")) {
                errors.push(attr.path(), errors::cfg_on_context());
            }
        }
        if is_context {
            return Param::Context(ty.clone());
        }
        if only_argument(ty, "ReplyTo").is_some() {
            return Param::ReplyTo(ty.clone());
        }
        let mut field = Field {
            name: name(&argument.pat).cloned().unwrap_or_else(|| numbered(number, taken)),
            written: ty.clone(),
            stored: TokenStream::new(),
            taken: Taken::AsStored,
            passed: Passed::Value,
            condition: condition(&argument.attrs),
            broken: false,
        };
        match store(ty) {
            Ok((stored, taken, passed)) => {
                (field.stored, field.taken, field.passed) = (stored, taken, passed)
            }
            Err((place, text)) => {
                field.broken = true;
                // A lifetime is an error where it is declared, and rustc's if it is nowhere.
                if mentions_any(ty, lifetimes) || text.is_empty() {
                    errors.leave_to_rustc();
                } else {
                    errors.push(&place, text);
                }
            }
        }
        Param::Field(field)
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

/// The name that a pattern gives, if it gives one to the whole.
pub(super) fn name(pat: &Pat) -> Option<&Ident> {
    match pat {
        Pat::Ident(pat) => Some(&pat.ident),
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

fn store(ty: &Type) -> Storing {
    match ty {
        Type::Reference(reference) => store_reference(reference),
        Type::ImplTrait(bounds) => store_impl_trait(bounds),
        _ if last_segment(ty)
            .is_some_and(|segment| segment.ident == "Context" && !type_arguments(segment).is_empty()) =>
        {
            Err((ty.to_token_stream(), errors::context_by_value()))
        }
        _ => match cow(ty) {
            Some(inner) => store_cow(inner),
            None => store_owned(ty),
        },
    }
}

fn store_owned(ty: &Type) -> Storing {
    if let Some(found) = find_impl(ty) {
        return Err((found.to_token_stream(), errors::impl_argument(&show(found))));
    }
    match find_borrow(ty) {
        Some(borrow) => {
            Err((borrow.to_token_stream(), errors::borrow_inside(&show(&borrow), &owned_inside(&borrow))))
        }
        None => Ok((ty.to_token_stream(), Taken::AsStored, Passed::Value)),
    }
}

fn owned_inside(borrow: &crate::lifetimes::Borrow) -> String {
    match borrow {
        crate::lifetimes::Borrow::Reference(reference) => owned_of(&reference.elem),
        crate::lifetimes::Borrow::Lifetime(_) => "'static".to_owned(),
    }
}

fn store_reference(reference: &TypeReference) -> Storing {
    let elem = peel(&reference.elem);
    if let Some(mutability) = &reference.mutability {
        let text = if is_named(elem, "Context") {
            errors::context_without_self()
        } else {
            errors::mutable_argument(&show(reference), &owned_of(elem))
        };
        return Err((mutability.to_token_stream(), text));
    }
    match &reference.lifetime {
        lifetime if is_static(lifetime.as_ref()) => return store_owned(&Type::Reference(reference.clone())),
        Some(lifetime) if lifetime.ident != "_" => {
            return Err((lifetime.to_token_stream(), String::new()));
        }
        _ => {}
    }
    if let Type::TraitObject(_) = elem {
        return Err((
            reference.to_token_stream(),
            errors::borrowed_object(&show(reference), &owned_of(elem)),
        ));
    }
    if let Some(found) = find_impl(elem) {
        return Err((found.to_token_stream(), errors::impl_argument(&show(found))));
    }
    if let Some(borrow) = find_borrow(elem) {
        return Err((
            borrow.to_token_stream(),
            errors::borrow_inside(&show(&borrow), &owned_inside(&borrow)),
        ));
    }
    let taken = if is_unsized(elem) { Taken::Into } else { Taken::AsStored };
    Ok((owned(elem), taken, Passed::Borrowed(elem.to_token_stream())))
}

fn store_impl_trait(bounds: &TypeImplTrait) -> Storing {
    let into = bounds.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().filter(|segment| segment.ident == "Into"),
        _ => None,
    });
    match into.map(type_arguments).as_deref() {
        Some([ty]) => store_owned(ty).map(|(stored, _, passed)| (stored, Taken::Into, passed)),
        _ => Err((bounds.to_token_stream(), errors::impl_argument(&show(bounds)))),
    }
}

fn store_cow(inner: &Type) -> Storing {
    match find_borrow(inner) {
        Some(borrow) => {
            Err((borrow.to_token_stream(), errors::borrow_inside(&show(&borrow), &owned_form(inner))))
        }
        None => Ok((owned(inner), Taken::Into, Passed::Cow)),
    }
}

/// `T` of `Cow<'_, T>` or `Cow<T>`; `Cow<'static, T>` is data like any other.
fn cow(ty: &Type) -> Option<&Type> {
    let segment = last_segment(ty).filter(|segment| segment.ident == "Cow")?;
    let borrows = crate::types::arguments(segment).all(|argument| match argument {
        GenericArgument::Lifetime(lifetime) => lifetime.ident == "_",
        GenericArgument::Type(_) => true,
        _ => false,
    });
    match type_arguments(segment).as_slice() {
        [inner] if borrows => Some(inner),
        _ => None,
    }
}

/// What the handle converts into, because nobody has it by value.
fn is_unsized(ty: &Type) -> bool {
    matches!(ty, Type::Slice(_)) || ["str", "Path", "OsStr", "CStr"].iter().any(|name| is_named(ty, name))
}

/// `T::Owned`, spelt out where it is known, for whoever reads the documentation.
fn owned(ty: &Type) -> TokenStream {
    let span = ty.span();
    match ty {
        Type::Slice(slice) => {
            let elem = &slice.elem;
            quote::quote_spanned!(span=> ::std::vec::Vec<#elem>)
        }
        Type::Path(path) if path.path.is_ident("str") => quote::quote_spanned!(span=> ::std::string::String),
        other => {
            let to_owned = quote::quote_spanned!(span=> ::std::borrow::ToOwned);
            quote!(<#other as #to_owned>::Owned)
        }
    }
}
