//! What can be stored of an argument: a message outlives its caller's borrows.

use crate::errors;
use crate::lifetimes::{Borrow, find_borrow, find_request, is_static, owned_of, pending_of};
use crate::self_type::relocate;
use crate::show::show;
use crate::types::{
    Local, arguments, find_impl, find_local, holds_unsized, is_bare, is_named, is_placeholder, last_segment,
    peel, type_arguments,
};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericArgument, Type, TypeImplTrait, TypeParamBound, TypeReference};

/// What the handle's parameter is.
pub(crate) enum Taken {
    /// What is stored.
    AsStored,
    /// `impl Into<T>` of what is stored.
    Into,
    /// `impl Trait`: it is not stored but kept by the code that is sent.
    Opaque,
}

/// How the method gets what is stored.
pub(crate) enum Passed {
    Value,
    /// `&T` of what is stored.
    Borrowed(TokenStream),
    /// `Cow::Owned` of what is stored, which is the owned form of this.
    Cow(TokenStream),
}

/// What can be stored of a type, or why nothing can.
pub(super) type Storing = Result<(TokenStream, Taken, Passed), (TokenStream, String)>;

/// What of a parameter's type travels.
pub(super) fn store(ty: &Type) -> Storing {
    match ty {
        // That is rustc's to say.
        _ if is_placeholder(ty) || is_bare(ty) || holds_unsized(ty) => {
            Err((ty.to_token_stream(), String::new()))
        }
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
        if let Some(owned) = into_what(found) {
            let text = errors::impl_into_inside(&show(found), &show(owned));
            return Err((found.to_token_stream(), text));
        }
        return Err((found.to_token_stream(), errors::impl_argument(&show(found))));
    }
    if let Some(request) = find_request(ty) {
        let name = request.path.segments.last().map(|last| &last.ident);
        return Err((quote!(#name), errors::request_inside(&show(request), &pending_of(request))));
    }
    match find_borrow(ty) {
        Some(borrow) => Err(borrowing(&borrow)),
        None => match find_local(ty) {
            Some(local) => Err(staying(&local)),
            None => Ok((ty.to_token_stream(), Taken::AsStored, Passed::Value)),
        },
    }
}

fn borrowing(borrow: &Borrow) -> (TokenStream, String) {
    let text = match borrow {
        Borrow::Reference(_) => errors::borrow_inside(&show(borrow), &borrow.owned()),
        Borrow::Lifetime(_) => errors::lifetime_inside(&show(borrow)),
    };
    (borrow.to_token_stream(), text)
}

fn staying(local: &Local<'_>) -> (TokenStream, String) {
    (local.to_token_stream(), errors::local_argument(&show(local), &local.sent_form()))
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
        return Err(borrowing(&borrow));
    }
    if let Some(local) = find_local(elem) {
        return Err(staying(&local));
    }
    let taken = if is_unsized(elem) { Taken::Into } else { Taken::AsStored };
    Ok((owned(elem), taken, Passed::Borrowed(elem.to_token_stream())))
}

fn store_impl_trait(bounds: &TypeImplTrait) -> Storing {
    match into_what(bounds) {
        Some(ty) => store_owned(ty).map(|(stored, _, passed)| (stored, Taken::Into, passed)),
        None => {
            if let Some(borrow) = find_borrow(&Type::ImplTrait(bounds.clone())) {
                return Err(borrowing(&borrow));
            }
            let mut bounds = bounds.clone();
            // The handle adds more bounds.
            bounds.bounds.pop_punct();
            Ok((bounds.to_token_stream(), Taken::Opaque, Passed::Value))
        }
    }
}

/// `T` of `impl Into<T>`.
fn into_what(bounds: &TypeImplTrait) -> Option<&Type> {
    let into = bounds.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().filter(|segment| segment.ident == "Into"),
        _ => None,
    });
    match into.map(type_arguments).as_deref() {
        Some([ty]) => Some(ty),
        _ => None,
    }
}

fn store_cow(inner: &Type) -> Storing {
    match find_borrow(inner) {
        Some(borrow) => Err(borrowing(&borrow)),
        None => Ok((owned(inner), Taken::Into, Passed::Cow(inner.to_token_stream()))),
    }
}

/// `T` of `Cow<'_, T>` or `Cow<T>`; `Cow<'static, T>` is data like any other.
fn cow(ty: &Type) -> Option<&Type> {
    let segment = last_segment(ty).filter(|segment| segment.ident == "Cow")?;
    let borrows = arguments(segment).all(|argument| match argument {
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
pub(super) fn is_unsized(ty: &Type) -> bool {
    matches!(ty, Type::Slice(_)) || ["str", "Path", "OsStr", "CStr"].iter().any(|name| is_named(ty, name))
}

/// `T::Owned`, spelt out where it is known, for whoever reads the documentation.
fn owned(ty: &Type) -> TokenStream {
    let span = ty.span();
    match ty {
        Type::Slice(slice) => {
            let elem = &slice.elem;
            quote_spanned!(span=> ::std::vec::Vec<#elem>)
        }
        Type::Path(path) if path.path.is_ident("str") => quote_spanned!(span=> ::std::string::String),
        other => {
            // `A + B as ..` would be read as it stands.
            let is_sum = matches!(other, Type::TraitObject(_));
            let other = if is_sum { quote!((#other)) } else { quote!(#other) };
            relocate(quote!(<#other as ::std::borrow::ToOwned>::Owned), span)
        }
    }
}
