//! The handle's methods for generic methods: they send the call of the user's method as code, since no enum can have it as data.

use super::bounds::{self, mentions};
use super::conditional;
use super::dispatch::{self, Mode, answer, arguments, mode};
use super::handle::{at_borrowed, idle, parameter, request, result};
use super::lints;
use super::names::Names;
use crate::model::{Message, Param, Taken};
use crate::naming;
use crate::self_type::relocate;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Generics, TypeParam, parse_quote};

pub(super) fn method(message: &Message, generics: &Generics, names: &Names<'_>, sound: bool) -> TokenStream {
    let Names { library, actor, .. } = names;
    let Message { attrs, vis, .. } = message;
    // Called by nobody it is dead code, as the user's own is then: once said is enough.
    let name = naming::repeated(&message.name);
    let (cfg, docs, deprecated) = (&attrs.cfg, names.links.on_handle(&attrs.docs), &attrs.deprecated);
    let allow = lints::of_method(message);
    let params = message.params.iter().filter_map(|param| parameter(param, names));
    let params: TokenStream = params.collect();
    let body = if sound { body(message, generics, names) } else { idle(message) };
    let request = request(message, quote!(#library::Boxed<#actor>), names);
    let sent = sent(message, generics, names);
    let (declared, _, where_clause) = sent.split_for_impl();
    let (declared, where_clause) = (names.out(&declared), names.out(&where_clause));
    quote! {
        #docs
        #cfg
        #deprecated
        #allow
        #vis fn #name #declared (&self, #params) -> #request
        #where_clause
        {
            #body
        }
    }
}

/// The parameters with what they need: what is sent to an actor may be used on another thread, at any time.
fn sent(message: &Message, generics: &Generics, names: &Names<'_>) -> Generics {
    let mut sent = bounds::owned(generics);
    for param in generics.type_params() {
        bounds::ask(&mut sent, &param.ident, &parse_quote!(::core::marker::Send));
    }
    let reply = names.out(&message.reply.ty);
    let is_part = |param: &TypeParam| mentions(&reply, &param.ident) && param.ident != reply.to_string();
    if generics.type_params().any(is_part) {
        bounds::require(&mut sent, quote!(#reply: ::core::marker::Send + 'static));
    }
    // An actor of a generic type is one where its state can be sent.
    if !names.ty_generics.is_empty() {
        let actor = names.actor;
        bounds::require(&mut sent, quote!(#actor: ::core::marker::Send));
    }
    sent
}

fn body(message: &Message, generics: &Generics, names: &Names<'_>) -> TokenStream {
    let Names { library, actor, .. } = names;
    let (this, context) = (naming::local("actor"), naming::local("ctx"));
    let locals = message.params.iter().filter_map(|param| {
        let Param::Field(field) = param else { return None };
        let (cfg, name, local) = (field.cfg(), &field.name, naming::taken_out(&field.name));
        let value = match field.taken {
            Taken::AsStored | Taken::Opaque => name.to_token_stream(),
            Taken::Into => {
                let stored = names.stored(field);
                quote!(<_ as ::core::convert::Into<#stored>>::into(#name))
            }
        };
        Some(quote!(#cfg let #local = #value;))
    });
    let locals: TokenStream = locals.collect();
    let name = &message.name;
    // All are named: one that only the reply mentions could not be inferred.
    let (_, chosen, _) = generics.split_for_impl();
    let chosen = chosen.as_turbofish();
    let method = quote!(<#actor>::#name #chosen);
    let call = conditional::call(&method, &arguments(message, &this.to_token_stream(), Some(library)));
    // Where what it waits with is not `Send`, the method is to blame.
    let answered = answer(message, call, None, names);
    let (constructor, code) = match mode(message) {
        Mode::Plain => (quote!(Boxed::<#actor>::plain), answered),
        Mode::Exclusive => {
            (quote!(Boxed::<#actor>::exclusive), quote!(::std::boxed::Box::pin(async move { #answered })))
        }
        // By way of what says that an actor cannot be shared.
        Mode::Concurrent => (
            quote!(macro_support::Keeper::<#actor>::OF.boxed),
            quote!(::std::boxed::Box::pin(async move { #answered })),
        ),
        Mode::Last => {
            (quote!(Boxed::<#actor>::last), quote!(::std::boxed::Box::pin(async move { #answered })))
        }
    };
    let code = relocate(code, name.span());
    let policy = names.out(&dispatch::policy(message, library));
    let (reply, value) = (naming::local("reply"), naming::local("value"));
    let result = result(message, &value, library);
    let returned = names.out(&message.reply.ty);
    let boxed = relocate(quote!(#library::#constructor::<#returned>), name.span());
    let content = at_borrowed(message, quote!(#boxed(#policy, move |#this, #context| #code)));
    quote! {
        #locals
        #library::Request::by(#library::Handle::raw(self), #library::Boxed::<#actor>::ROUTE, #content, |#reply| {
            let #value = #library::macro_support::unboxed::<#returned>(#reply);
            ::core::option::Option::map(#value, |#value| #result)
        })
    }
}
