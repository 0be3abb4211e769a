//! The implementation of `Actor`: from a message to a call of the user's method.

use super::conditional::{self, Argument};
use super::handle::at_borrowed;
use super::message::{blamed, message_carrier};
use super::names::Names;
use super::{bounds, futures, hooks, lints};
use crate::model::{ActorImpl, Message, Param, Passed, Receiver};
use crate::naming;
use crate::self_type::relocate;
use crate::types::is_plain_data;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

pub(super) fn expand(block: &ActorImpl, names: &Names<'_>, sound: bool) -> TokenStream {
    let Names { library, actor, handle, message, impl_generics, ty_generics, .. } = names;
    let (where_sent, where_actor) =
        (assuming(&names.where_sent, block, names), assuming(&names.where_actor, block, names));
    let policy = if sound { policies(block, names) } else { quote!(const { &#library::Policy::plain("") }) };
    let handlers = sound.then(|| {
        let handlers = [Mode::Plain, Mode::Exclusive, Mode::Last].map(|mode| handler(mode, block, names));
        let hooks = hooks::expand(block, names);
        quote! { #(#handlers)* #hooks }
    });
    let allow = lints::of_impl(block);
    quote_spanned! {names.place=>
        #[automatically_derived]
        #allow
        impl #impl_generics #library::ActorHandle for #handle #where_sent {
            type Message = #message #ty_generics;
        }

        #[automatically_derived]
        #allow
        impl #impl_generics #library::Actor for #actor #where_actor {
            type Message = #message #ty_generics;
            type Handle = #handle;

            fn config() -> #library::Config {
                <#actor as #library::macro_support::Declared>::config()
            }

            fn policy(message: &#message #ty_generics) -> &'static #library::Policy {
                #policy
            }

            #handlers
        }
    }
}

/// The clause with what the implementation of `Message` has been asked already, so that what is wrong with a field is not said of
/// the actor and its handle as well.
fn assuming(clause: &TokenStream, block: &ActorImpl, names: &Names<'_>) -> TokenStream {
    let Names { library, message, ty_generics, .. } = names;
    let is_plain = block.distinct().flat_map(Message::fields).all(|field| is_plain_data(&field.written));
    if is_plain || !block.generics.params.is_empty() {
        return clause.clone();
    }
    let bound = quote!(#message #ty_generics: #library::Message,);
    bounds::extend(clause, &relocate(bound, blamed(block, names)))
}

/// Which method of `Actor` handles a message.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Plain,
    Exclusive,
    Last,
}

fn mode(message: &Message) -> Mode {
    match (message.receiver, message.asyncness) {
        (Receiver::Value, _) => Mode::Last,
        (_, Some(_)) => Mode::Exclusive,
        (_, None) => Mode::Plain,
    }
}

fn policies(block: &ActorImpl, names: &Names<'_>) -> TokenStream {
    let Names { library, message: enum_, .. } = names;
    let arms = block.distinct().map(|message| {
        let name = naming::plain(&message.name);
        let constructor = match mode(message) {
            Mode::Plain => quote!(plain),
            Mode::Exclusive => quote!(exclusive),
            Mode::Last => quote!(last),
        };
        let later = message.reply.later.then(|| quote!(.replies_later()));
        let interleave = message.options.interleave.as_ref().map(|_| quote!(.interleave()));
        let timeout = message.options.timeout.as_ref().map(|timeout| quote!(.timeout(|| #timeout)));
        let (cfg, variant) = (&message.attrs.cfg, &message.variant);
        quote! {
            #cfg
            #enum_::#variant { .. } => const { &#library::Policy::#constructor(#name) #later #interleave #timeout },
        }
    });
    let arms: TokenStream = arms.collect();
    let never = message_carrier(block, names).no_arm(enum_);
    quote! { match *message { #arms #never } }
}

/// One of the `handle` methods, if any message needs it.
fn handler(of: Mode, block: &ActorImpl, names: &Names<'_>) -> Option<TokenStream> {
    let Names { library, message: enum_, reply, ty_generics, .. } = names;
    let here = || block.distinct().filter(|message| mode(message) == of);
    let futures: TokenStream = here().filter_map(|message| futures::of_message(message, names)).collect();
    let arms: TokenStream = here().map(|message| arm(message, names)).collect();
    if arms.is_empty() {
        return None;
    }
    let others = block.distinct().any(|message| mode(message) != of);
    let rest = others.then(|| quote!(_ => ::core::option::Option::None,));
    let context = Ident::new("ctx", Span::mixed_site());
    let params = quote!(#context: &mut #library::Context<Self>, message: #enum_ #ty_generics);
    let answer = quote!(::core::option::Option<#reply #ty_generics>);
    let body = quote! { match message { #arms #rest } };
    let future = quote!(impl ::core::future::Future<Output = #answer> + ::core::marker::Send);
    Some(match of {
        Mode::Plain => quote! { fn handle(&mut self, #params) -> #answer { #body } },
        Mode::Exclusive => {
            quote! { fn handle_exclusive(&mut self, #params) -> #future { #futures async move { #body } } }
        }
        Mode::Last => quote! { fn handle_last(self, #params) -> #future { #futures async move { #body } } },
    })
}

fn arm(message: &Message, names: &Names<'_>) -> TokenStream {
    let Names { library, message: enum_, reply: reply_enum, .. } = names;
    let Message { name, variant, attrs, .. } = message;
    let cfg = &attrs.cfg;
    let mut bindings = TokenStream::new();
    let mut arguments = vec![Argument { condition: None, value: quote!(self) }];
    for (number, param) in message.params.iter().enumerate() {
        let local = naming::local(number);
        let (condition, value) = match param {
            Param::Context(ty) => {
                // The context of another actor is wrong where it was written.
                let context = Ident::new("ctx", Span::mixed_site().located_at(ty.span()));
                (None, quote!(#context))
            }
            Param::ReplyTo(_) => (None, quote!(#local)),
            Param::Field(field) => {
                let (cfg, name) = (field.cfg(), &field.name);
                bindings.extend(quote!(#cfg #name: #local,));
                let value = match &field.passed {
                    Passed::Value => quote!(#local),
                    Passed::Borrowed(ty) => {
                        relocate(quote!(<_ as ::core::borrow::Borrow<#ty>>::borrow(&#local)), ty.span())
                    }
                    Passed::Cow => quote!(::std::borrow::Cow::Owned(#local)),
                };
                (field.condition.clone(), value)
            }
        };
        arguments.push(Argument { condition, value });
    }
    let call = match message.asyncness {
        Some(_) => {
            let future = futures::name(name);
            let future = conditional::call(&quote!(#future), &arguments);
            quote!(#future.await)
        }
        // By its path: a trait's method of the same name would win over one with `&self`.
        None => conditional::call(&quote!(Self::#name), &arguments),
    };
    let reply_to =
        message.params.iter().position(|param| matches!(param, Param::ReplyTo(_))).map(naming::local);
    let context = Ident::new("ctx", Span::mixed_site());
    let body = match reply_to {
        Some(local) => quote! {{
            let #local = #library::Context::reply_to(#context, #reply_enum::#variant);
            #call;
            ::core::option::Option::None
        }},
        None => quote! { ::core::option::Option::Some(#reply_enum::#variant(#call)) },
    };
    let pattern = at_borrowed(message, quote!(#enum_::#variant { #bindings .. }));
    quote! { #cfg #pattern => #body, }
}
