//! What every handle can, whatever leads to its actor besides the pointer: it is what is equal and hashed.

use crate::naming;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use syn::{GenericParam, Generics};

/// A handle's type: a struct with a field `raw`, or a protocol's handle as its `base`, and others.
pub(super) struct HandleType<'a> {
    pub(super) library: &'a TokenStream,
    pub(super) handle: &'a Ident,
    pub(super) generics: &'a Generics,
    /// `<T>`
    pub(super) params: TokenStream,
    /// `<T: 'static>`
    pub(super) static_params: TokenStream,
    /// `<T>`
    pub(super) arguments: TokenStream,
    pub(super) where_clause: TokenStream,
    pub(super) has_base: bool,
    /// The other fields of one that is made of a pointer alone.
    pub(super) fresh: Option<TokenStream>,
    /// Those of a copy.
    pub(super) copied: Option<TokenStream>,
    pub(super) allow: TokenStream,
}

impl HandleType<'_> {
    pub(super) fn traits(&self) -> TokenStream {
        let HandleType { library, handle, generics, params, static_params, .. } = self;
        let HandleType { arguments, where_clause, fresh, copied, allow, .. } = self;
        let name = handle.to_string();
        let [raw, f, other, state] = ["raw", "f", "other", "state"].map(naming::local);
        let hasher = unused("Hasher", generics);
        let (field, inside, wrapped) = if self.has_base {
            (
                quote!(base),
                quote!(#library::Handle::raw(&self.base)),
                quote!(#library::Handle::from_raw(#raw)),
            )
        } else {
            (quote!(raw), quote!(&self.raw), quote!(#raw))
        };
        quote! {
            #[automatically_derived]
            #allow
            impl #static_params #library::Handle for #handle #arguments #where_clause {
                fn raw(&self) -> &#library::RawHandle {
                    #inside
                }
                fn from_raw(#raw: #library::RawHandle) -> Self {
                    Self { #field: #wrapped, #fresh }
                }
            }

            #[automatically_derived]
            #allow
            impl #params ::core::clone::Clone for #handle #arguments #where_clause {
                fn clone(&self) -> Self {
                    Self { #field: ::core::clone::Clone::clone(&self.#field), #copied }
                }
            }

            #[automatically_derived]
            #allow
            impl #params ::core::fmt::Debug for #handle #arguments #where_clause {
                fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #library::RawHandle::fmt_as(#inside, #name, #f)
                }
            }

            #[automatically_derived]
            #allow
            impl #params ::core::cmp::PartialEq for #handle #arguments #where_clause {
                fn eq(&self, #other: &Self) -> ::core::primitive::bool {
                    ::core::cmp::PartialEq::eq(&self.#field, &#other.#field)
                }
            }

            #[automatically_derived]
            #allow
            impl #params ::core::cmp::Eq for #handle #arguments #where_clause {}

            #[automatically_derived]
            #allow
            impl #params ::core::hash::Hash for #handle #arguments #where_clause {
                fn hash<#hasher: ::core::hash::Hasher>(&self, #state: &mut #hasher) {
                    ::core::hash::Hash::hash(&self.#field, #state);
                }
            }
        }
    }
}

/// A name for a type parameter that there is none of.
pub(super) fn unused(name: &str, generics: &Generics) -> Ident {
    let mut name = Ident::new(name, Span::mixed_site());
    let is_used = |name: &Ident| {
        generics.params.iter().any(|param| match param {
            GenericParam::Type(param) => param.ident == *name,
            GenericParam::Const(param) => param.ident == *name,
            GenericParam::Lifetime(_) => false,
        })
    };
    while is_used(&name) {
        name = format_ident!("{name}_");
    }
    name
}
