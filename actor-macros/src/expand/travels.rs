//! A handle within messages that travel: whether they do is known to the library, which writes it.

use super::names::Names;
use super::{bounds, lints};
use crate::model::ActorImpl;
use crate::naming;
use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::{GenericParam, Lifetime};

pub(super) fn expand(block: &ActorImpl, names: &Names<'_>) -> TokenStream {
    let Names { library, message, handle, ty_generics, .. } = names;
    let name = naming::plain(names.name);
    let params = names.generics.params.iter().map(|param| {
        let mut param = param.clone();
        match &mut param {
            GenericParam::Type(param) => param.default = None,
            GenericParam::Const(param) => param.default = None,
            GenericParam::Lifetime(_) => {}
        }
        param
    });
    let place = Lifetime::new("'a", Span::mixed_site());
    // With a lifetime in it, so that of messages that do not travel nothing is asked before somebody sends a handle.
    let bound = quote!(for<#place> #message #ty_generics: #library::macro_support::Travels<#place>,);
    let where_clause = bounds::extend(&names.where_sent, &bound);
    let allow = lints::of_block(block);
    quote! {
        #library::macro_support::travels! {
            #name, { #[automatically_derived] #allow }, { #(#params),* }, #handle, { #where_clause }
        }
    }
}
