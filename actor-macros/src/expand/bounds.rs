//! Type parameters: each must be mentioned in the enums (E0392), and generated code asks of them what an actor needs.

use crate::generics::{last, says};
use crate::naming;
use crate::types::is_named;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{GenericParam, Generics, Token, TypeParamBound, WherePredicate, parse_quote};

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

/// The parameters where each type lives as long as it likes, as all that an actor has does.
pub(super) fn owned(generics: &Generics) -> Generics {
    let mut owned = generics.clone();
    for param in generics.type_params() {
        ask(&mut owned, &param.ident, &parse_quote!('static));
    }
    owned
}

/// The parameters where the types are `Send` that the user says nothing of: they are where the actor is used, or it is none.
pub(super) fn sent(generics: &Generics, types: &[TokenStream]) -> Generics {
    let mut sent = generics.clone();
    if generics.type_params().all(|param| says(generics, &param.ident, "Send")) {
        return sent;
    }
    for ty in types {
        let param = generics.type_params().find(|param| param.ident == ty.to_string());
        match param {
            Some(param) => ask(&mut sent, &param.ident, &parse_quote!(::core::marker::Send)),
            None => require(&mut sent, quote!(#ty: ::core::marker::Send)),
        }
    }
    sent
}

/// Asks for what is no parameter's alone. What is half-typed asks nothing.
pub(super) fn require(generics: &mut Generics, predicate: TokenStream) {
    if let Ok(predicate) = syn::parse2(predicate) {
        generics.make_where_clause().predicates.push(predicate);
    }
}

/// Asks a parameter to be more, unless the user does, and where the user asks: twice in one place, or in two places, is bad style.
pub(super) fn ask(generics: &mut Generics, param: &Ident, bound: &TypeParamBound) {
    let name = match bound {
        TypeParamBound::Trait(bound) => last(bound),
        other => other.to_token_stream().to_string(),
    };
    if says(generics, param, &name) {
        return;
    }
    let Some(declared) = generics.params.iter_mut().find_map(|declared| match declared {
        GenericParam::Type(declared) if declared.ident == *param => Some(declared),
        _ => None,
    }) else {
        return;
    };
    let clause = generics.where_clause.iter_mut().flat_map(|clause| &mut clause.predicates);
    let said = clause.into_iter().find_map(|predicate| bounds_of(predicate, param));
    match said.filter(|_| declared.bounds.is_empty()) {
        Some(bounds) => bounds.push(bound.clone()),
        None => {
            declared.colon_token.get_or_insert_default();
            declared.bounds.push(bound.clone());
        }
    }
}

type Bounds = Punctuated<TypeParamBound, Token![+]>;

fn bounds_of<'a>(predicate: &'a mut WherePredicate, param: &Ident) -> Option<&'a mut Bounds> {
    match predicate {
        WherePredicate::Type(predicate) if is_named(&predicate.bounded_ty, &param.to_string()) => {
            Some(&mut predicate.bounds)
        }
        _ => None,
    }
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
