//! Type parameters: each must be mentioned in the enums (E0392), and generated code asks of them what an actor needs.

use crate::naming;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Generics, TypeParam, TypeParamBound, WherePredicate};

/// A place in an enum where a type stands.
pub(super) struct Slot {
    pub(super) ty: TokenStream,
    /// It may be compiled out.
    pub(super) conditional: bool,
}

/// How the parameters that no slot mentions are mentioned all the same.
pub(super) enum Carrier {
    /// All are mentioned.
    Nobody,
    /// The slot of this number mentions them through a projection that normalises away.
    Slot(usize, TokenStream),
    /// There is no slot, so a variant that cannot exist does.
    Variant(TokenStream),
}

pub(super) fn carrier(generics: &Generics, slots: &[Slot]) -> Carrier {
    let certain = || slots.iter().filter(|slot| !slot.conditional);
    let missing: Vec<&Ident> = generics
        .type_params()
        .map(|param| &param.ident)
        .filter(|param| !certain().any(|slot| mentions(&slot.ty, param)))
        .collect();
    if missing.is_empty() {
        return Carrier::Nobody;
    }
    let marks = quote!((#(::core::marker::PhantomData<#missing>,)*));
    let params: Vec<&Ident> = generics.type_params().map(|param| &param.ident).collect();
    let is_certain = |number: &usize| slots.get(*number).is_some_and(|slot| !slot.conditional);
    // One that mentions no parameter hinders no inference.
    let plain = |number: &usize| {
        slots.get(*number).is_some_and(|slot| !params.iter().any(|param| mentions(&slot.ty, param)))
    };
    let numbers: Vec<usize> = (0..slots.len()).filter(is_certain).collect();
    match numbers.iter().copied().find(plain).or(numbers.first().copied()) {
        Some(number) => Carrier::Slot(number, marks),
        None => Carrier::Variant(marks),
    }
}

impl Carrier {
    /// The type for the slot of this number.
    pub(super) fn ty(&self, number: usize, ty: &TokenStream, library: &TokenStream) -> TokenStream {
        match self {
            Carrier::Slot(slot, marks) if *slot == number => {
                quote!(<#ty as #library::macro_support::Carries<#marks>>::Itself)
            }
            _ => ty.clone(),
        }
    }

    /// The variant that cannot exist.
    pub(super) fn variant(&self) -> Option<TokenStream> {
        match self {
            Carrier::Variant(marks) => Some(quote! {
                #[doc(hidden)]
                __Never(::core::convert::Infallible, ::core::marker::PhantomData<fn() -> #marks>),
            }),
            _ => None,
        }
    }

    /// The arm of that variant.
    pub(super) fn no_arm(&self, enum_: &Ident) -> Option<TokenStream> {
        let never = naming::local("never");
        self.variant().map(|_| quote! { #enum_::__Never(#never, _) => match #never {}, })
    }
}

/// Whether the parameter occurs.
pub(super) fn mentions(tokens: &impl ToTokens, param: &Ident) -> bool {
    tokens.to_token_stream().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == *param,
        TokenTree::Group(group) => mentions(&group.stream(), param),
        _ => false,
    })
}

/// The predicates that `Send + 'static` types need and the user left out: they hold where the actor is used, or it is none.
pub(super) fn needed(generics: &Generics, types: &[TokenStream]) -> TokenStream {
    let mut needed = TokenStream::new();
    for param in generics.type_params().map(|param| &param.ident) {
        needed.extend(quote!(#param: 'static,));
    }
    if generics.type_params().any(|param| !says_send(param, generics)) {
        for ty in types {
            needed.extend(quote!(#ty: ::core::marker::Send,));
        }
    }
    needed
}

/// The where clause with more predicates.
pub(super) fn extend(clause: &TokenStream, predicates: &TokenStream) -> TokenStream {
    match (clause.is_empty(), predicates.is_empty()) {
        (_, true) => clause.clone(),
        (true, false) => quote!(where #predicates),
        (false, false) if ends_with_comma(clause) => quote!(#clause #predicates),
        (false, false) => quote!(#clause, #predicates),
    }
}

fn ends_with_comma(tokens: &TokenStream) -> bool {
    matches!(tokens.clone().into_iter().last(), Some(TokenTree::Punct(punct)) if punct.as_char() == ',')
}

fn says_send(param: &TypeParam, generics: &Generics) -> bool {
    let is_send = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => {
            bound.path.segments.last().is_some_and(|segment| segment.ident == "Send")
        }
        _ => false,
    };
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    param.bounds.iter().any(is_send)
        || predicates.into_iter().any(|predicate| match predicate {
            WherePredicate::Type(predicate) => {
                crate::types::is_named(&predicate.bounded_ty, &param.ident.to_string())
                    && predicate.bounds.iter().any(is_send)
            }
            _ => false,
        })
}
