//! What stands for a message that could not be understood, so that code which uses it is not wrong as well.

use crate::recovery::Unreadable;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// A method of the handle that takes as many arguments, of any type. Its own error stands for its return type: whatever is done
/// with that, the compiler says nothing more.
pub(super) fn method(method: &Unreadable) -> TokenStream {
    let Unreadable { vis, name, params, error, .. } = method;
    let params = (0..params.unwrap_or_default()).map(|number| {
        let name = Ident::new(&format!("arg{number}"), name.span());
        quote!(#name: impl ::core::marker::Sized,)
    });
    quote! { #vis fn #name(&self, #(#params)*) -> #error { ::core::unreachable!() } }
}
