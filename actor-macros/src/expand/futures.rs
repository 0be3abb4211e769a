//! The future of each `async` handler, with a function of its own that says `Send`.
//!
//! Where such a future is not `Send`, this function is the one place that is wrong, and it lies at the name of the user's method:
//! what awaits it sees only that it is `Send`. It takes what the method takes, so it adds nothing to the future.

use super::conditional::{self, Argument};
use super::dispatch::given;
use super::lints;
use super::names::Names;
use crate::model::{Field, Hook, HookArgument, Message, Param, Receiver, Stream};
use crate::types::{loose_object, peel};
use crate::{naming, self_type};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;

/// For a message.
pub(super) fn of_message(message: &Message, names: &Names<'_>) -> Option<TokenStream> {
    if !wraps(message) {
        return None;
    }
    let library = names.library;
    let params = message.params.iter().enumerate().map(|(number, param)| match param {
        Param::Context(ty) => as_it_is(context(), names.out(ty)),
        Param::ReplyTo(ty) => as_it_is(naming::reply_to(), names.out(ty)),
        Param::Field(field) => {
            let is_as_stored = field.is_impl() || field.may_be_bare();
            let ty = if is_as_stored { names.stored(field) } else { names.out(&field.written) };
            let local = local(number, field);
            let value = given(field, &local, library);
            (Argument { condition: field.condition.clone(), value }, local, ty)
        }
    });
    let output = match &message.reply.stream {
        Some(Stream { item, beside: false }) => {
            let item = names.out(item);
            let place = Span::mixed_site().located_at(message.name.span());
            quote_spanned!(place=> impl #library::macro_support::SentStream<Item = #item>)
        }
        _ if message.reply.later => quote!(()),
        _ => names.out(&message.reply.ty),
    };
    let kind = match message.asyncness {
        Some(_) if message.options.concurrent.is_some() => Kind::Reader,
        Some(_) => Kind::Future,
        None => Kind::Value,
    };
    let (cfg, allow) = (&message.attrs.cfg, lints::of_copy(message));
    let (name, attrs) = (&message.name, quote!(#cfg #allow));
    // What is wrong with those is said of the message.
    let objects = message.fields().filter(|field| !field.is_impl() && loose_object(&field.written).is_some());
    let objects: Vec<TokenStream> = objects.map(|field| names.stored(field)).collect();
    let signature = Signature { params: params.collect(), output: &output, objects };
    Some(function(name, message.receiver, kind, signature, &attrs, names))
}

/// Whether there is a function of its own that says `Send`: of an `async fn`, but for a stream that runs beside the actor; and of a
/// method whose stream runs in the handler.
pub(super) fn wraps(message: &Message) -> bool {
    match &message.reply.stream {
        Some(stream) => !stream.beside,
        None => message.asyncness.is_some(),
    }
}

/// What such a function gives.
enum Kind {
    Future,
    /// That of one that is `concurrent`.
    Reader,
    Value,
}

/// What such a function takes and gives.
struct Signature<'a> {
    params: Vec<(Argument, Ident, TokenStream)>,
    output: &'a TokenStream,
    /// The types of arguments which may not be `Send`, which is an error already.
    objects: Vec<TokenStream>,
}

/// For a hook.
pub(super) fn of_hook(hook: &Hook, names: &Names<'_>) -> Option<TokenStream> {
    hook.asyncness?;
    let params = hook.arguments.iter().map(|argument| match argument {
        HookArgument::Context(ty) => as_it_is(context(), names.out(ty)),
        HookArgument::Exit(ty) => as_it_is(naming::local("exit"), names.out(ty)),
    });
    let params = params.collect();
    let output = match &hook.output {
        syn::ReturnType::Default => quote!(()),
        syn::ReturnType::Type(_, ty) => names.out(ty),
    };
    let signature = Signature { params, output: &output, objects: Vec::new() };
    Some(function(&hook.method, hook.receiver, Kind::Future, signature, &hook.attrs.allows, names))
}

/// The name of the function, for the call of it.
pub(super) fn name(method: &Ident) -> Ident {
    Ident::new(&format!("future_of_{}", naming::plain(method)), Span::mixed_site().located_at(method.span()))
}

/// A name that is no other parameter's, and no matter of style.
fn local(number: usize, field: &Field) -> Ident {
    let name = naming::taken_out(&field.name);
    if name.to_string().chars().any(char::is_uppercase) {
        return naming::local(&format!("arg{number}"));
    }
    name
}

/// An argument that is passed on.
fn as_it_is(local: Ident, ty: TokenStream) -> (Argument, Ident, TokenStream) {
    (Argument { condition: None, value: quote!(#local) }, local, ty)
}

fn context() -> Ident {
    naming::local("ctx")
}

fn function(
    method: &Ident,
    receiver: Receiver,
    kind: Kind,
    Signature { params, output, objects }: Signature<'_>,
    attrs: &TokenStream,
    names: &Names<'_>,
) -> TokenStream {
    let Names { library, actor, impl_generics, where_state, .. } = names;
    let place = method.span();
    let name = name(method);
    let this = naming::local("actor");
    let mut declared = TokenStream::new();
    let mut arguments = vec![Argument { condition: None, value: quote!(#this) }];
    for (argument, local, ty) in params {
        let cfg = argument.condition.as_ref().map(|condition| quote!(#[cfg(#condition)]));
        declared.extend(quote!(#cfg #local: #ty,));
        arguments.push(argument);
    }
    // With the edition of this crate it captures the lifetimes of what it borrows, whatever the user's is.
    let span = Span::mixed_site().located_at(place);
    let taken = match receiver {
        Receiver::Exclusive => quote!(&mut #actor),
        Receiver::Shared => quote!(&#actor),
        Receiver::Value => actor.to_token_stream(),
    };
    let future = match kind {
        Kind::Value => output.clone(),
        Kind::Future | Kind::Reader => {
            quote_spanned!(span=> impl ::core::future::Future<Output = #output> + ::core::marker::Send)
        }
    };
    let owner = match peel(actor) {
        Type::Path(path) if path.path.segments.iter().all(|segment| segment.arguments.is_none()) => {
            quote!(#path)
        }
        generic => quote!(<#generic>),
    };
    let keeps = match kind {
        Kind::Future if receiver == Receiver::Shared => Some(quote!(kept)),
        Kind::Reader => Some(quote!(read)),
        Kind::Future | Kind::Value => None,
    };
    let call = self_type::relocate(conditional::call(&quote!(#owner::#method), &arguments), place);
    let call = match keeps {
        Some(keeps) => {
            let keeper = quote!(#library::macro_support::Keeper::<#actor>::OF);
            self_type::relocate(quote!(#keeper.#keeps(#call)), place)
        }
        None => call,
    };
    // One that is shared has been asked for `Sync`.
    let state = (receiver != Receiver::Shared).then(|| taken.clone());
    let carried: Vec<TokenStream> = state.into_iter().chain(objects).collect();
    let call = match kind {
        Kind::Future | Kind::Reader if !carried.is_empty() => {
            quote!(#library::macro_support::Carrier::<(#(#carried,)*)>::OF.carried(#call))
        }
        _ => call,
    };
    quote! {
        #attrs
        fn #name #impl_generics (#this: #taken, #declared) -> #future #where_state { #call }
    }
}
