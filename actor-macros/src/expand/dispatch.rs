//! The implementation of `Actor`: from a message to a call of the user's method.

use super::conditional::{self, Argument};
use super::handle::{self, at_borrowed};
use super::message::{any, blamed, message_carrier};
use super::names::Names;
use super::{bounds, futures, guard, hooks, lints, state};
use crate::model::{ActorImpl, Field, Message, Param, Passed, Receiver};
use crate::naming;
use crate::self_type::relocate;
use crate::types::is_plain_data;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Lifetime;
use syn::spanned::Spanned;

pub(super) fn expand(block: &ActorImpl, names: &Names<'_>, sound: bool) -> TokenStream {
    let Names { library, actor, handle, message, impl_generics, ty_generics, .. } = names;
    let where_actor = assuming(&names.where_actor, block, names);
    // What an actor's timeout is, its handle asks the actor.
    let where_handle = match sound && block.generics.params.is_empty() {
        true => state::assuming(&names.where_sent, block, &names.handle),
        false => names.where_sent.clone(),
    };
    let where_handle = assuming(&where_handle, block, names);
    let policy = if sound { policies(block, names) } else { quote!(const { &#library::Policy::plain("") }) };
    let handlers = sound.then(|| {
        let handlers = [Mode::Plain, Mode::Exclusive, Mode::Concurrent, Mode::Last]
            .map(|mode| handler(mode, block, names));
        let (guards, hooks) = (guard::expand(block, names), hooks::expand(block, names));
        quote! { #guards #(#handlers)* #hooks }
    });
    let allow = lints::of_block(block);
    let content = naming::local("message");
    let urgent = block.distinct().any(|message| message.options.urgent.is_some());
    let urgent = urgent.then(|| {
        quote!(
            const URGENT: ::core::primitive::bool = true;
        )
    });
    // Of a generic actor a handle knows not enough for that.
    let timeout = (sound && block.generics.params.is_empty())
        .then(|| timeout_of(names, &quote!(#library::macro_support::timeout_of::<#actor>(#content))));
    let mentions = sound.then(|| handle::mentions(block, names));
    let reads = block.distinct().any(|message| mode(message) == Mode::Concurrent);
    let reads = (sound && reads).then(|| {
        quote!(
            const READS: ::core::primitive::bool = true;
        )
    });
    let last = block.distinct().any(|message| mode(message) == Mode::Last);
    let last = (sound && last).then(|| {
        quote!(
            const LAST: ::core::primitive::bool = true;
        )
    });
    let state = state::of_block(block, names);
    quote_spanned! {names.place=>
        #state

        #[automatically_derived]
        #allow
        impl #impl_generics #library::ActorHandle for #handle #where_handle {
            type Message = #message #ty_generics;
            #timeout
            #mentions
        }

        #[automatically_derived]
        #allow
        impl #impl_generics #library::Actor for #actor #where_actor {
            type Message = #message #ty_generics;
            type Handle = #handle;

            fn config() -> #library::Config {
                <#actor as #library::macro_support::Declared>::config()
            }

            #urgent
            #reads
            #last
            fn policy(#content: &#message #ty_generics) -> &'static #library::Policy {
                #policy
            }

            #handlers
        }
    }
}

/// What mocks keep of the actor that they stand for.
pub(super) fn timeout_of(names: &Names<'_>, body: &TokenStream) -> TokenStream {
    let Names { message, ty_generics, .. } = names;
    let content = naming::local("message");
    quote! {
        fn timeout_of(
            #content: &#message #ty_generics,
        ) -> ::core::option::Option<fn() -> ::core::time::Duration> {
            #body
        }
    }
}

/// The clause with what the implementation of `Message` has been asked already, so that what is wrong with a field is not said of
/// the actor and its handle as well. With a lifetime in it, or rustc would ask it once more.
pub(super) fn assuming(clause: &TokenStream, block: &ActorImpl, names: &Names<'_>) -> TokenStream {
    let Names { library, message, ty_generics, .. } = names;
    let is_plain = block.distinct().flat_map(Message::fields).all(|field| is_plain_data(&field.written));
    if is_plain {
        return clause.clone();
    }
    // Of a message with parameters rustc would know its reply by this bound alone, and so no reply at all.
    let asked = if block.generics.params.is_empty() { quote!(Asked) } else { quote!(AskedWith) };
    let place = Lifetime::new("'a", Span::mixed_site());
    let bound = quote!(for<#place> #message #ty_generics: #library::macro_support::#asked<#place>,);
    bounds::extend(clause, &relocate(bound, blamed(block, names)))
}

/// Which method of `Actor` handles a message.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Mode {
    Plain,
    Exclusive,
    Concurrent,
    Last,
}

pub(super) fn mode(message: &Message) -> Mode {
    let waits = message.asyncness.is_some() || occupies(message);
    match message.receiver {
        Receiver::Value => Mode::Last,
        _ if message.options.concurrent.is_some() => Mode::Concurrent,
        _ if waits => Mode::Exclusive,
        _ => Mode::Plain,
    }
}

/// Whether it replies with a stream that borrows the actor.
pub(super) fn occupies(message: &Message) -> bool {
    message.reply.stream.as_ref().is_some_and(|stream| !stream.beside)
}

/// How it is handled, as a constant.
pub(super) fn policy(message: &Message, library: &TokenStream) -> TokenStream {
    let name = naming::plain(&message.name);
    let constructor = match mode(message) {
        Mode::Plain => quote!(plain),
        Mode::Exclusive => quote!(exclusive),
        Mode::Concurrent => quote!(concurrent),
        Mode::Last => quote!(last),
    };
    let later = (message.reply.later || occupies(message)).then(|| quote!(.replies_later()));
    let fatal = message.options.fatal.as_ref().map(|_| quote!(.fatal()));
    let interleave = message.options.interleave.as_ref().map(|_| quote!(.interleave()));
    let urgent = message.options.urgent.as_ref().map(|_| quote!(.urgent()));
    let guarded = message.options.when.as_ref().map(|_| match guard::looks_at_arguments(message) {
        true => quote!(.guarded_by_arguments()),
        false => quote!(.guarded()),
    });
    let timeout = message.options.timeout.as_ref().map(|timeout| quote!(.timeout(|| #timeout)));
    quote!(const { &#library::Policy::#constructor(#name) #later #fatal #interleave #urgent #guarded #timeout })
}

fn policies(block: &ActorImpl, names: &Names<'_>) -> TokenStream {
    let Names { library, message: enum_, .. } = names;
    let arms = block.distinct().map(|message| {
        let policy = policy(message, library);
        let (cfg, pattern) = (&message.attrs.cfg, any(message, enum_));
        quote! { #cfg #pattern => #policy, }
    });
    let arms: TokenStream = arms.collect();
    let never = message_carrier(block, names).no_arm(enum_);
    let content = naming::local("message");
    quote! { match *#content { #arms #never } }
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
    let context = naming::local("ctx");
    let content = naming::local("message");
    let params = quote!(#context: &mut #library::Context<Self>, #content: #enum_ #ty_generics);
    let answer = quote!(::core::option::Option<#reply #ty_generics>);
    let body = quote! { match #content { #arms #rest } };
    let future = quote!(impl ::core::future::Future<Output = #answer> + ::core::marker::Send);
    Some(match of {
        Mode::Plain => quote! { fn handle(&mut self, #params) -> #answer { #body } },
        Mode::Exclusive => {
            quote! { fn handle_exclusive(&mut self, #params) -> #future { #futures async move { #body } } }
        }
        Mode::Concurrent => {
            let readers = naming::local("readers");
            let this = this(of);
            // An actor that cannot be shared is wrong for these methods.
            let place = here().next().map_or(names.place, |message| message.name.span());
            let place = Span::call_site().located_at(place);
            let library = relocate(quote!(#library), place);
            quote_spanned! {place=>
                fn handle_concurrent<'readers>(
                    &'readers self,
                    #readers: #library::Readers<'readers, Self>,
                ) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send + 'readers {
                    #futures
                    #library::macro_support::Keeper::<Self>::OF.run(#readers, self, |#this: &Self, #params| {
                        ::std::boxed::Box::pin(async move { #body })
                    })
                }
            }
        }
        Mode::Last => quote! { fn handle_last(self, #params) -> #future { #futures async move { #body } } },
    })
}

/// The actor, where its method is called.
fn this(mode: Mode) -> TokenStream {
    match mode {
        // A closure has no `self` of its own.
        Mode::Concurrent => naming::local("this").into_token_stream(),
        Mode::Plain | Mode::Exclusive | Mode::Last => quote!(self),
    }
}

fn arm(message: &Message, names: &Names<'_>) -> TokenStream {
    let wraps = futures::wraps(message);
    let arguments = arguments(message, &this(mode(message)), (!wraps).then_some(names.library));
    let call = match wraps {
        true => {
            let future = futures::name(&message.name);
            conditional::call(&quote!(#future), &arguments)
        }
        // By its path: a trait's method of the same name would win over one with `&self`.
        false => {
            let name = &message.name;
            conditional::call(&quote!(Self::#name), &arguments)
        }
    };
    arm_with(message, call, names)
}

/// From a message to its reply by way of `call`.
pub(super) fn arm_with(message: &Message, call: TokenStream, names: &Names<'_>) -> TokenStream {
    let Names { message: enum_, reply: reply_enum, ty_generics, .. } = names;
    let Message { variant, attrs, .. } = message;
    // Said, so that a reply of no known type leaves the others known.
    let arguments = (!ty_generics.is_empty()).then(|| quote!(::#ty_generics));
    let cfg = &attrs.cfg;
    let bindings = message.params.iter().filter_map(|param| match param {
        Param::Field(field) => {
            let (cfg, local) = (field.cfg(), naming::taken_out(&field.name));
            Some(quote!(#cfg #local,))
        }
        Param::Context(_) | Param::ReplyTo(_) => None,
    });
    let bindings: TokenStream = bindings.collect();
    let body = answer(message, call, Some(&quote!(#reply_enum #arguments::#variant)), names);
    let bindings = (!bindings.is_empty()).then(|| quote!({ #bindings }));
    let pattern = at_borrowed(message, quote!(#enum_::#variant #bindings));
    quote! { #cfg #pattern => #body, }
}

/// What the user's method gets, from the locals and the context; without `library`, what the function around it does.
pub(super) fn arguments(
    message: &Message,
    this: &TokenStream,
    library: Option<&TokenStream>,
) -> Vec<Argument> {
    let mut arguments = vec![Argument { condition: None, value: this.clone() }];
    for param in &message.params {
        let (condition, value) = match param {
            Param::Context(ty) => {
                // The context of another actor is wrong where it was written.
                let context = naming::local_at("ctx", ty.span());
                (None, quote!(#context))
            }
            Param::ReplyTo(_) => (None, naming::reply_to().to_token_stream()),
            Param::Field(field) => {
                let local = naming::taken_out(&field.name);
                let value = match &field.passed {
                    Passed::Value => match library {
                        Some(library) => given(field, &local, library),
                        None => quote!(#local),
                    },
                    Passed::Borrowed(ty) => {
                        relocate(quote!(<_ as ::core::borrow::Borrow<#ty>>::borrow(&#local)), ty.span())
                    }
                    Passed::Cow(ty) => relocate(quote!(::std::borrow::Cow::Owned(#local)), ty.span()),
                };
                (field.condition.clone(), value)
            }
        };
        arguments.push(Argument { condition, value });
    }
    arguments
}

/// What is stored, as the user's method takes it.
pub(super) fn given(field: &Field, local: &Ident, library: &TokenStream) -> TokenStream {
    let ty = &field.written;
    match field.may_be_bare() {
        true => relocate(quote!(<#ty as #library::macro_support::Kept>::given(#local)), ty.span()),
        false => quote!(#local),
    }
}

/// From the call of the method to the reply, in its variant or in a box: `None` where a `ReplyTo` answers.
pub(super) fn answer(
    message: &Message,
    call: TokenStream,
    variant: Option<&TokenStream>,
    names: &Names<'_>,
) -> TokenStream {
    let Names { library, message: enum_, ty_generics, .. } = names;
    let context = naming::local("ctx");
    let call = match message.asyncness {
        Some(_) => quote!(#call.await),
        None => call,
    };
    let call = if message.reply.elided { relocate(call, message.reply.ty.span()) } else { call };
    if occupies(message) {
        let source = naming::local("source");
        let open = match variant {
            Some(variant) => quote!(open::<#enum_ #ty_generics, _, _>(#context, #variant)),
            None => quote!(open_boxed(#context)),
        };
        return quote! {{
            let #source = #library::macro_support::#open;
            #library::macro_support::Source::run(#source, #call).await;
            ::core::option::Option::None
        }};
    }
    let call = match message.reply.stream {
        Some(_) => {
            let stream = naming::local("stream");
            quote!({
                let #stream = #call;
                #library::macro_support::beside(#context, #stream)
            })
        }
        None => call,
    };
    if let Some(place) = message.fatal() {
        let told = naming::local("told");
        let returned = naming::local("returned");
        let answered = relocate(quote!(#library::macro_support::fatal(#context, #told, #returned)), place);
        let answered = match variant {
            Some(variant) => quote!(::core::option::Option::map(#answered, #variant)),
            None => answered,
        };
        return quote! {{
            let #told = #library::macro_support::is_told(#context);
            let #returned = #call;
            #answered
        }};
    }
    let is_later = message.params.iter().any(|param| matches!(param, Param::ReplyTo(_)));
    let local = naming::reply_to();
    match (is_later, variant) {
        (true, variant) => {
            let reply_to = match variant {
                Some(variant) if names.is_protocol() => {
                    quote!(macro_support::reply_to::<#enum_ #ty_generics, _, _>(#context, #variant))
                }
                Some(variant) => quote!(Context::reply_to(#context, #variant)),
                None => quote!(Context::reply_to_boxed(#context)),
            };
            quote! {{
                let #local = #library::#reply_to;
                #call;
                ::core::option::Option::None
            }}
        }
        (false, Some(variant)) => quote! { ::core::option::Option::Some(#variant(#call)) },
        (false, None) => quote! { ::core::option::Option::Some(#call) },
    }
}
