//! Puts the user's item first, whatever was wrong with it.

use crate::errors::Errors;
use proc_macro2::TokenStream;
use quote::quote;

/// The user's item, what was made of it, and what was wrong.
pub(crate) fn with_errors(kept: TokenStream, expansion: TokenStream, errors: Errors) -> TokenStream {
    let errors = errors.into_tokens();
    quote! { #kept #expansion #errors }
}
