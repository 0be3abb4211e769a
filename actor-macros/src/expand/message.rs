//! The enum of an actor's messages.

use super::bounds::{Carrier, Slot, carrier};
use super::lints;
use super::names::Names;
use super::reply::reply_carrier;
use crate::model::{ActorImpl, Message, Outcome};
use crate::naming;
use crate::self_type::{generated, relocate};
use crate::types::{culprit, place, suspect};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Type, Visibility};

pub(super) fn expand(block: &ActorImpl, names: &Names<'_>) -> TokenStream {
    let Names {
        library,
        name,
        message,
        reply,
        written_generics,
        impl_generics,
        ty_generics,
        where_clause,
        where_sent,
        ..
    } = names;
    let carrier = message_carrier(block, names);
    let mut number = 0;
    let variants = block.distinct().map(|message| variant(message, &mut number, &carrier, names));
    let variants: TokenStream = variants.collect();
    let never = carrier.variant();
    let names_of_methods = block.distinct().map(|method| {
        let (cfg, pattern, name) = (&method.attrs.cfg, any(method, message), naming::plain(&method.name));
        quote! { #cfg #pattern => #name, }
    });
    let names_of_methods: TokenStream = names_of_methods.collect();
    let no_name = carrier.no_arm(message);
    let returned = quote!(#library::macro_support::Returned);
    let value = naming::local("value");
    let returns = block.distinct().map(|method| {
        let (cfg, variant, name) = (&method.attrs.cfg, &method.variant, naming::plain(&method.name));
        match method.reply.outcome {
            Outcome::Value => quote! { #cfg #reply::#variant(..) => #returned::value(#name), },
            Outcome::Result(..) | Outcome::Alias => {
                quote! { #cfg #reply::#variant(ref #value) => #returned::result(#name, #value).told(), }
            }
        }
    });
    let returns: TokenStream = returns.collect();
    let no_reply = reply_carrier(block, names).no_arm(reply);
    let derive = &block.options.derive_message;
    let doc = format!("The messages of `{name}`: a variant a method, with the method's parameters.");
    let hidden = hidden(block);
    let (allow, allow_in_impl) = (lints::of_enum(block), lints::of_block(block));
    // Where a message or a reply is not `Send`, rustc blames these two types: they lie at the user's.
    let replies: Vec<&Type> = block.distinct().map(|message| &message.reply.ty).collect();
    let sent = relocate(quote!(#message #ty_generics), blamed(block, names));
    let foreign = names.is_protocol().then(|| {
        quote!(
            const FOREIGN: ::core::primitive::bool = true;
        )
    });
    let content = naming::local("reply");
    let answered = relocate(quote!(#reply #ty_generics), suspect(&replies).map_or(names.place, culprit));
    quote_spanned! {names.place=>
        #[doc = #doc]
        #hidden
        #derive
        #allow
        pub enum #message #written_generics #where_clause { #variants #never }

        #[automatically_derived]
        #allow_in_impl
        impl #impl_generics #library::Message for #sent #where_sent {
            type Reply = #answered;
            #foreign
            fn name(&self) -> &'static ::core::primitive::str {
                match *self { #names_of_methods #no_name }
            }
            fn returned(#content: &#reply #ty_generics) -> #returned {
                match *#content { #returns #no_reply }
            }
        }
    }
}

/// The argument to blame where messages cannot be sent.
pub(super) fn blamed(block: &ActorImpl, names: &Names<'_>) -> Span {
    let arguments: Vec<&Type> =
        block.distinct().flat_map(Message::fields).map(|field| &field.written).collect();
    suspect(&arguments).map_or(names.place, culprit)
}

/// The pattern that a message matches whatever it carries.
pub(super) fn any(message: &Message, enum_: &Ident) -> TokenStream {
    let variant = &message.variant;
    let rest = message.fields().next().map(|_| quote!({ .. }));
    quote!(#enum_::#variant #rest)
}

/// The enums are as visible as rustc wants them; whoever reads the documentation is spared those that nobody can use.
pub(super) fn hidden(block: &ActorImpl) -> Option<TokenStream> {
    let public = block.messages.iter().any(|message| matches!(message.vis, Visibility::Public(_)));
    (!public).then(|| quote!(#[doc(hidden)]))
}

/// Who carries the type parameters of the message enum.
pub(super) fn message_carrier(block: &ActorImpl, names: &Names<'_>) -> Carrier {
    let slots: Vec<Slot> = block
        .distinct()
        .flat_map(|message| {
            message.fields().map(|field| Slot {
                ty: names.stored(field),
                conditional: !message.attrs.cfg.is_empty() || field.condition.is_some(),
            })
        })
        .collect();
    carrier(&block.generics, &slots)
}

fn variant(message: &Message, number: &mut usize, carrier: &Carrier, names: &Names<'_>) -> TokenStream {
    let Message { variant, attrs, name, .. } = message;
    let (cfg, deprecated, allow) = (&attrs.cfg, &attrs.deprecated, lints::of_copy(message));
    let docs = if attrs.docs.is_empty() {
        let doc = format!("Calls `{}`.", naming::plain(name));
        quote!(#[doc = #doc])
    } else {
        names.links.on_variant(&attrs.docs)
    };
    let fields: Vec<TokenStream> = message
        .fields()
        .map(|field| {
            let ty = carrier.ty(*number, &names.stored(field), names.library);
            *number += 1;
            let doc = format!("`{}` of `{}`.", naming::plain(&field.name), naming::plain(&message.name));
            // As code of the macro's, which lints of what is private do not look at: the enum is `pub` whatever the actor is.
            let (cfg, name) = (field.cfg(), generated(field.name.to_token_stream()));
            // A derive that asks something of a field looks at where it begins.
            let at = Span::call_site().located_at(place(&field.written));
            quote_spanned! {at=> #[doc = #doc] #cfg #name: #ty, }
        })
        .collect();
    let fields = (!fields.is_empty()).then(|| quote!({ #(#fields)* }));
    quote! { #docs #cfg #deprecated #allow #variant #fields, }
}
