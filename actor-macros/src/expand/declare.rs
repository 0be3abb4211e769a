//! From the struct: the handle, and what the impl block needs to know of the struct.

use super::handle_type::HandleType;
use super::{bounds, lints, state};
use crate::model::ActorDef;
use crate::naming;
use crate::options::{Mailbox, StructOptions};
use crate::self_type::relocate;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{GenericParam, Generics, TypeParamBound};

pub(crate) fn actor_def(def: &ActorDef, sound: bool) -> TokenStream {
    let handle = naming::handle(&def.ident);
    let struct_ = handle_struct(def, &handle);
    if def.generics.lifetimes().next().is_some() {
        return struct_;
    }
    let generics = unbounded(&def.generics);
    // A handle is `'static`.
    let of_static = bounds::owned(&generics);
    let (params, arguments, _) = generics.split_for_impl();
    let (static_params, _, _) = of_static.split_for_impl();
    let marker = marker(&def.generics).map(|_| quote!(actor: ::core::marker::PhantomData,));
    let traits = HandleType {
        library: &def.options.library,
        handle: &handle,
        generics: &def.generics,
        params: params.to_token_stream(),
        static_params: static_params.to_token_stream(),
        arguments: arguments.to_token_stream(),
        where_clause: TokenStream::new(),
        has_base: false,
        fresh: marker.clone(),
        copied: marker,
        allow: lints::of_def(def),
    }
    .traits();
    let declared = declared(def, &handle, sound);
    let state = state::of_struct(def);
    quote! { #struct_ #traits #declared #state }
}

/// The struct has no bounds: it is a pointer, whatever its actor asks of its parameters.
fn handle_struct(def: &ActorDef, handle: &Ident) -> TokenStream {
    let ActorDef { vis, ident, options: StructOptions { library, .. }, .. } = def;
    let params = unbounded(&def.generics).params;
    let generics = (!params.is_empty()).then(|| quote!(<#params>));
    let marker = marker(&def.generics).map(|marker| quote!(actor: #marker,));
    let doc = format!("A handle of `{ident}`: one pointer, and a method a message.");
    let allow = lints::of_def(def);
    quote! {
        #[doc = #doc]
        #allow
        #vis struct #handle #generics { raw: #library::RawHandle, #marker }
    }
}

/// The type that mentions all parameters and says nothing of them.
fn marker(generics: &Generics) -> Option<TokenStream> {
    let marks = generics.params.iter().filter_map(|param| match param {
        GenericParam::Lifetime(param) => {
            let lifetime = &param.lifetime;
            Some(quote!(&#lifetime (),))
        }
        GenericParam::Type(param) => {
            let ident = &param.ident;
            Some(quote!(::core::marker::PhantomData<#ident>,))
        }
        GenericParam::Const(_) => None,
    });
    let marks: TokenStream = marks.collect();
    (!marks.is_empty()).then(|| quote!(::core::marker::PhantomData<fn() -> (#marks)>))
}

/// The parameters with nothing but `?Sized` and their defaults.
fn unbounded(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    generics.where_clause = None;
    for param in &mut generics.params {
        match param {
            GenericParam::Type(param) => {
                param.attrs.clear();
                param.bounds = std::mem::take(&mut param.bounds)
                    .into_iter()
                    .filter(|bound| matches!(bound, TypeParamBound::Trait(bound) if bound.maybe.is_some()))
                    .collect();
                if param.bounds.is_empty() {
                    param.colon_token = None;
                }
            }
            GenericParam::Const(param) => param.attrs.clear(),
            GenericParam::Lifetime(param) => param.attrs.clear(),
        }
    }
    generics
}

fn declared(def: &ActorDef, handle: &Ident, sound: bool) -> TokenStream {
    let ActorDef { ident, options, .. } = def;
    let library = &options.library;
    let generics = bounds::owned(&def.generics);
    let (params, arguments, where_clause) = generics.split_for_impl();
    // A forgotten impl block is said here, before whatever is called on what is no actor.
    let is_actor = (sound && def.generics.lt_token.is_none())
        .then(|| relocate(quote!(#ident: #library::macro_support::Runs,), ident.span()));
    let where_static = where_clause.to_token_stream();
    let where_clause = bounds::extend(&where_clause.to_token_stream(), &is_actor.unwrap_or_default());
    let mailbox = options.mailbox.as_ref().map(|mailbox| match mailbox {
        Mailbox::Bounded(capacity) => quote!(.mailbox(#capacity)),
        Mailbox::Unbounded => quote!(.unbounded()),
    });
    let overflow = options.overflow.as_ref().map(|overflow| quote!(.overflow(#library::Overflow::#overflow)));
    let timeout = options.timeout.as_ref().map(|timeout| quote!(.timeout(|| #timeout)));
    let direct = options.direct.as_ref().map(|direct| quote!(.direct(#direct)));
    let watchdog = options.watchdog.as_ref().map(|after| quote!(.watchdog(#after)));
    let allow = lints::of_def(def);
    quote! {
        #[automatically_derived]
        #allow
        impl #params #library::ConcreteHandle for #handle #arguments #where_static {
            type Actor = #ident #arguments;
        }

        #[automatically_derived]
        #allow
        impl #params #library::macro_support::Declared for #ident #arguments #where_clause {
            type Handle = #handle #arguments;
            fn config() -> #library::Config {
                #library::Config::new() #mailbox #overflow #timeout #direct #watchdog
            }
        }
    }
}
