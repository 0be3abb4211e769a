//! The hooks: what the actor's life calls.

use super::futures;
use super::names::Names;
use crate::model::{ActorImpl, Hook, HookArgument, Moment};
use crate::self_type;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

pub(super) fn expand(block: &ActorImpl, names: &Names<'_>) -> TokenStream {
    block.hooks.iter().map(|hook| one(hook, names)).collect()
}

fn one(hook: &Hook, names: &Names<'_>) -> TokenStream {
    let library = names.library;
    let (present, function) = match hook.moment {
        Moment::Start => (quote!(ON_START), quote!(on_start)),
        Moment::Stop => (quote!(ON_STOP), quote!(on_stop)),
        Moment::Exit => (quote!(ON_EXIT), quote!(on_exit)),
    };
    let (cfg, method) = (&hook.attrs.cfg, &hook.method);
    let context = Ident::new("ctx", Span::mixed_site());
    let exit = Ident::new("exit", Span::mixed_site());
    let taken = (hook.moment == Moment::Exit).then(|| quote!(#exit: #library::Exit,));
    let arguments: Vec<&Ident> = hook
        .arguments
        .iter()
        .map(|argument| match argument {
            HookArgument::Context(_) => &context,
            HookArgument::Exit(_) => &exit,
        })
        .collect();
    let call = match hook.asyncness {
        Some(_) => {
            let future = futures::name(method);
            quote!(#future(self, #(#arguments),*).await)
        }
        None => quote!(Self::#method(self, #(#arguments),*)),
    };
    let function_of_future = futures::of_hook(hook, names);
    let outcome = quote!(#library::macro_support::HookOutcome::outcome(#call));
    let outcome = self_type::relocate(outcome, method.span());
    quote! {
        #cfg
        const #present: ::core::primitive::bool = true;
        #cfg
        fn #function(
            &mut self,
            #context: &mut #library::Context<Self>,
            #taken
        ) -> impl ::core::future::Future<Output = ::core::result::Result<(), #library::HookError>> + ::core::marker::Send
        {
            #function_of_future
            async move { #outcome }
        }
    }
}
