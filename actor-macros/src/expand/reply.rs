//! The enum of an actor's replies.

use super::bounds::{Carrier, Slot, carrier};
use super::lints;
use super::message::hidden;
use super::names::Names;
use crate::model::ActorImpl;
use crate::naming;
use crate::self_type::generated;
use crate::types::{is_plain_data, place};
use proc_macro2::{Delimiter, Group, Span, TokenStream};
use quote::{quote, quote_spanned};

pub(super) fn expand(block: &ActorImpl, names: &Names<'_>) -> TokenStream {
    let Names { name, reply, written_generics, where_clause, library, .. } = names;
    let carrier = reply_carrier(block, names);
    let variants = block.distinct().enumerate().map(|(number, message)| {
        let ty = names.out(&message.reply.ty);
        // Nobody need read a reply, and lints look at where the type stands.
        let ty = if is_plain_data(&message.reply.ty) { generated(ty) } else { ty };
        // In parentheses of the macro's, where no lint looks, at the place of the user's type, where derives say what it is not.
        let mut ty = Group::new(Delimiter::Parenthesis, carrier.ty(number, &ty, library));
        ty.set_span(Span::call_site().located_at(place(&message.reply.ty)));
        let doc = format!("What `{}` returned.", naming::plain(&message.name));
        let (cfg, allow, variant) = (&message.attrs.cfg, lints::of_copy(message), &message.variant);
        quote! { #[doc = #doc] #cfg #allow #variant(#ty), }
    });
    let variants: TokenStream = variants.collect();
    let never = carrier.variant();
    let derive = &block.options.derive_reply;
    let doc = format!("The replies of `{name}`: a variant a message, with what its method returned.");
    let hidden = hidden(block);
    let allow = lints::of_enum(block);
    quote_spanned! {names.place=>
        #[doc = #doc]
        #hidden
        #derive
        #allow
        pub enum #reply #written_generics #where_clause { #variants #never }
    }
}

pub(super) fn reply_carrier(block: &ActorImpl, names: &Names<'_>) -> Carrier {
    let slots: Vec<Slot> = block
        .distinct()
        .map(|message| Slot { ty: names.out(&message.reply.ty), conditional: !message.attrs.cfg.is_empty() })
        .collect();
    carrier(&block.generics, &slots)
}
