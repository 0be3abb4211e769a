//! The handle's methods: one a message.

use super::names::Names;
use super::{boxed, lints};
use crate::model::{ActorImpl, Message, Outcome, Param, Taken};
use crate::naming;
use crate::self_type::relocate;
use crate::types::place;
use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

pub(super) fn expand(block: &ActorImpl, names: &Names<'_>, sound: bool) -> TokenStream {
    let Names { handle, impl_generics, where_sent, .. } = names;
    let methods = block.messages.iter().map(|message| match &message.generics {
        Some(generics) => boxed::method(message, generics, names, sound),
        None => method(message, names, sound),
    });
    let methods: TokenStream = methods.collect();
    let allow = lints::of_handle(block);
    quote! {
        #[automatically_derived]
        #allow
        impl #impl_generics #handle #where_sent { #methods }
    }
}

/// The methods, for rustc to see in use: a message that nobody sends through one may be sent by its variant.
pub(super) fn mentions(block: &ActorImpl, names: &Names<'_>) -> Option<TokenStream> {
    let mut data = block.distinct().filter(|message| is_mentioned(message, names)).peekable();
    data.peek()?;
    let mentioned = data.map(|message| {
        let (cfg, name) = (&message.attrs.cfg, naming::repeated(&message.name));
        if message.fields().all(|field| matches!(field.taken, Taken::AsStored)) {
            return quote!(#cfg let _ = Self::#name;);
        }
        let stored = message.fields().map(|field| {
            let (cfg, stored) = (field.cfg(), names.stored(field));
            quote!(#cfg #stored,)
        });
        quote!(#cfg let _: fn(&'static Self, #(#stored)*) -> _ = Self::#name;)
    });
    Some(quote! { fn mention() { #(#mentioned)* } })
}

/// Whether it can be: what may be wrong with types that only rustc knows would be said once more.
fn is_mentioned(message: &Message, names: &Names<'_>) -> bool {
    let is_known = !matches!(message.reply.outcome, Outcome::Alias);
    is_known && !message.fields().any(|field| names.is_open(field))
}

fn method(message: &Message, names: &Names<'_>, sound: bool) -> TokenStream {
    let Names { library, message: enum_, ty_generics, .. } = names;
    let Message { attrs, vis, variant, .. } = message;
    let name =
        if is_mentioned(message, names) { message.name.clone() } else { naming::repeated(&message.name) };
    let (cfg, docs, deprecated) = (&attrs.cfg, names.links.on_handle(&attrs.docs), &attrs.deprecated);
    let allow = lints::of_method(message);
    let params = message.params.iter().filter_map(|param| parameter(param, names));
    let body = if sound {
        let fields = message.fields().map(|field| {
            let (cfg, name) = (field.cfg(), &field.name);
            match field.taken {
                Taken::AsStored | Taken::Opaque => quote!(#cfg #name,),
                Taken::Into => quote!(#cfg #name: ::core::convert::Into::into(#name),),
            }
        });
        let fields: TokenStream = fields.collect();
        let projection = projection(message, names);
        let fields = (!fields.is_empty()).then(|| quote!({ #fields }));
        let content = at_borrowed(message, quote!(#enum_::#variant #fields));
        let raw = quote!(#library::Handle::raw(self));
        match &names.route {
            Some(route) => quote! { #library::Request::by(#raw, #route, #content, #projection) },
            None => quote! { #library::Request::new(#raw, #content, #projection) },
        }
    } else {
        idle(message)
    };
    let request = request(message, quote!(#enum_ #ty_generics), names);
    quote! {
        #docs
        #cfg
        #deprecated
        #allow
        #vis fn #name(&self, #(#params)*) -> #request {
            #body
        }
    }
}

/// The body of a method that does nothing, since something is wrong; what it is given counts as used.
pub(super) fn idle(message: &Message) -> TokenStream {
    let used = message.fields().map(|field| {
        let (cfg, name) = (field.cfg(), &field.name);
        quote!(#cfg let _ = &#name;)
    });
    quote!(#(#used)* ::core::unreachable!())
}

/// Code that does not compile where a borrowed argument has no owned form lies at that argument.
pub(super) fn at_borrowed(message: &Message, tokens: TokenStream) -> TokenStream {
    match message.fields().find(|field| field.is_projected()) {
        Some(field) => relocate(tokens, place(&field.written)),
        None => tokens,
    }
}

pub(super) fn parameter(param: &Param, names: &Names<'_>) -> Option<TokenStream> {
    let Param::Field(field) = param else { return None };
    let (cfg, name) = (field.cfg(), &field.name);
    if field.broken {
        let name = naming::repeated(name);
        return Some(quote!(#name: impl ::core::marker::Sized,));
    }
    let stored = names.stored(field);
    Some(match field.taken {
        Taken::AsStored => quote!(#cfg #name: #stored,),
        Taken::Into => quote!(#cfg #name: impl ::core::convert::Into<#stored>,),
        Taken::Opaque => quote!(#cfg #name: #stored + ::core::marker::Send + 'static,),
    })
}

/// What the method returns: a request, or what is wrong with its reply.
pub(super) fn request(message: &Message, content: TokenStream, names: &Names<'_>) -> TokenStream {
    if let Some(said) = &message.reply.said {
        return said.clone();
    }
    let library = names.library;
    let (value, error) = value_and_error(message, names);
    let request = quote!(#library::Request<'_, #content, #value #error>);
    match message.reply.outcome {
        // Where the type is none that can be taken apart, all of it is wrong.
        Outcome::Alias => relocate(request, message.reply.ty.span()),
        Outcome::Value | Outcome::Result(..) => request,
    }
}

fn value_and_error(message: &Message, names: &Names<'_>) -> (TokenStream, Option<TokenStream>) {
    let library = names.library;
    match &message.reply.outcome {
        Outcome::Value if message.reply.broken => (quote!(#library::macro_support::Unknown), None),
        Outcome::Value => (names.out(&message.reply.ty), None),
        Outcome::Result(value, error) => {
            let error = names.out(error);
            (names.out(value), Some(quote!(, #error)))
        }
        Outcome::Alias => {
            let ty = names.out(&message.reply.ty);
            let alias = quote_spanned!(message.reply.ty.span()=> #library::macro_support::ResultAlias);
            (quote!(<#ty as #alias>::Value), Some(quote!(, <#ty as #alias>::Error)))
        }
    }
}

/// From the enum of all replies to this message's.
fn projection(message: &Message, names: &Names<'_>) -> TokenStream {
    let Names { library, reply, .. } = names;
    let variant = &message.variant;
    let (whole, value) = (naming::local("reply"), naming::local("value"));
    let result = result(message, &value, library);
    quote! {
        |#whole| match #whole {
            #reply::#variant(#value) => ::core::option::Option::Some(#result),
            _ => ::core::option::Option::None,
        }
    }
}

/// The method's result from what it returned.
pub(super) fn result(message: &Message, value: &Ident, library: &TokenStream) -> TokenStream {
    match &message.reply.outcome {
        Outcome::Value => quote!(::core::result::Result::Ok(#value)),
        Outcome::Result(..) | Outcome::Alias => {
            let result = quote!(#library::macro_support::into_result(#value));
            relocate(result, message.reply.ty.span())
        }
    }
}
