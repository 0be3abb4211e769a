//! The hooks: what the actor's life calls.

use super::futures;
use super::names::Names;
use crate::model::{ActorImpl, Hook, HookArgument, Moment};
use crate::naming;
use crate::self_type;
use crate::types::peel;
use proc_macro2::TokenStream;
use quote::quote;
use syn::Type;
use syn::spanned::Spanned;

pub(super) fn expand(block: &ActorImpl, names: &Names<'_>) -> TokenStream {
    let (ticks, others): (Vec<&Hook>, Vec<&Hook>) =
        block.hooks.iter().partition(|hook| hook.moment == Moment::Tick);
    let others = others.into_iter().map(|hook| one(hook, names));
    others.chain(every(&ticks, names)).collect()
}

/// Those that are called from time to time, together: armed when the actor starts.
fn every(hooks: &[&Hook], names: &Names<'_>) -> Option<TokenStream> {
    let first = hooks.first()?;
    let library = names.library;
    // The user's own `self`, which a period may mention.
    let this = &first.this;
    let context = naming::local("ctx");
    let ticks = hooks.iter().enumerate().map(|(number, hook)| tick(number, hook, names));
    let ticks: TokenStream = ticks.collect();
    Some(quote! {
        const EVERY: ::core::primitive::bool = true;
        fn every(&mut #this, #context: &mut #library::Context<Self>) { #ticks }
    })
}

fn tick(number: usize, hook: &Hook, names: &Names<'_>) -> TokenStream {
    let library = names.library;
    let (cfg, method) = (&hook.attrs.cfg, &hook.method);
    let [context, this, period, ended] = ["ctx", "this", "period", "outcome"].map(naming::local);
    let arguments = hook.arguments.iter().map(|_| &context);
    let how = self_type::relocate(quote!(let #period: ::core::time::Duration = ), hook.period.span());
    let value = &hook.period;
    let call = match hook.asyncness {
        Some(_) => {
            let future = futures::name(method);
            quote!(#future(#this, #(#arguments),*).await)
        }
        None => quote!(Self::#method(#this, #(#arguments),*)),
    };
    let outcome = quote!(#library::macro_support::HookOutcome::outcome(#call));
    let outcome = self_type::relocate(outcome, method.span());
    let body = quote! {{
        let #ended = #outcome;
        #library::macro_support::ticked(#context, #ended)
    }};
    let (constructor, policy, body) = match futures::of_hook(hook, names) {
        Some(future) => {
            let body = quote! {{ #future ::std::boxed::Box::pin(async move #body) }};
            (quote!(exclusive), quote!(ASYNC_HOOK), body)
        }
        None => (quote!(plain), quote!(HOOK), body),
    };
    let arm = self_type::relocate(quote!(#library::macro_support::every), hook.period.span());
    quote! {
        #cfg
        {
            #how #value;
            #arm(#context, #number, #period, || {
                #library::Boxed::#constructor(#library::macro_support::#policy, |#this: &mut Self, #context| #body)
            });
        }
    }
}

fn one(hook: &Hook, names: &Names<'_>) -> TokenStream {
    let library = names.library;
    let (present, function) = match hook.moment {
        Moment::Start => (quote!(ON_START), quote!(on_start)),
        Moment::Stop => (quote!(ON_STOP), quote!(on_stop)),
        Moment::Exit => (quote!(ON_EXIT), quote!(on_exit)),
        Moment::Tick => return TokenStream::new(),
    };
    let (cfg, method) = (&hook.attrs.cfg, &hook.method);
    let context = naming::local("ctx");
    let exit = naming::local("exit");
    let taken = (hook.moment == Moment::Exit).then(|| quote!(#exit: #library::Exit,));
    let arguments: Vec<TokenStream> = hook
        .arguments
        .iter()
        .map(|argument| match argument {
            HookArgument::Context(_) => quote!(#context),
            HookArgument::Exit(ty) if matches!(peel(ty), Type::Reference(_)) => quote!(&#exit),
            HookArgument::Exit(_) => quote!(#exit),
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
