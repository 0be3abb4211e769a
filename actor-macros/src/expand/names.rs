//! The names and generics that all of an impl block's expansion shares.

use super::links::Links;
use super::{bounds, state};
use crate::model::{ActorImpl, Field, Message, Passed};
use crate::types::place;
use crate::{naming, self_type};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{GenericParam, Generics, Path, Type};

pub(super) struct Names<'a> {
    /// The library.
    pub(super) library: &'a TokenStream,
    /// `Account<T>`
    pub(super) actor: &'a Type,
    /// `Account`
    pub(super) name: &'a Ident,
    /// Where rustc says that a whole generated item is wrong: at the actor's name, as for a second impl block.
    pub(super) place: Span,
    /// `AccountHandle<T>`
    pub(super) handle: Path,
    /// `AccountMessage`
    pub(super) message: Ident,
    /// `AccountReply`
    pub(super) reply: Ident,
    /// The parameters with what an actor needs of them.
    pub(super) generics: Generics,
    /// `<T: Send>` as the user wrote it, for the enums.
    pub(super) written_generics: TokenStream,
    /// `<T: Send + 'static>`
    pub(super) impl_generics: TokenStream,
    /// `<T>` of the enums
    pub(super) ty_generics: TokenStream,
    /// As the user wrote it, for the enums.
    pub(super) where_clause: TokenStream,
    /// With what messages need besides, for what speaks of messages.
    pub(super) where_sent: TokenStream,
    /// With what an actor needs besides.
    pub(super) where_actor: TokenStream,
    /// That without what is assumed.
    pub(super) where_state: TokenStream,
    /// All parameters that something in the block may mention.
    pub(super) parameters: Vec<Ident>,
    /// Where links in documentation lead.
    pub(super) links: Links,
    /// Of a protocol: the route by which its messages reach the actor, which the handle has.
    pub(super) route: Option<TokenStream>,
}

impl<'a> Names<'a> {
    /// `None` where there is no actor to speak of.
    pub(super) fn new(block: &'a ActorImpl) -> Option<Self> {
        if block.trait_.is_some()
            || block.is_foreign()
            || block.generics.lifetimes().next().is_some()
            || block.has_lifetime_arguments()
        {
            return None;
        }
        let name = block.name()?;
        let (written_generics, ty_generics, where_clause) = block.generics.split_for_impl();
        let actor = &block.self_ty;
        let (message, reply) = (naming::message(name), naming::reply(name));
        let out = |tokens: &dyn ToTokens| self_type::substitute(&tokens.to_token_stream(), actor);
        let sent = sent(block, &[quote!(#message #ty_generics), quote!(#reply #ty_generics)]);
        let running = [&sent[..], &[quote!(#actor)]].concat();
        let generics = bounds::owned(&block.generics);
        let (of_messages, of_actor) = (bounds::sent(&generics, &sent), bounds::sent(&generics, &running));
        let path = block.actor.as_ref()?;
        let handle = naming::handle_path(path);
        Some(Names {
            links: Links::new(block, path, &handle),
            library: &block.options.library,
            actor,
            name,
            place: Span::call_site().located_at(name.span()),
            handle,
            message,
            reply,
            written_generics: out(&written_generics),
            ty_generics: quote!(#ty_generics),
            where_clause: out(&where_clause),
            impl_generics: out(&of_messages.split_for_impl().0),
            where_sent: out(&of_messages.where_clause),
            where_actor: state::assuming(&out(&of_actor.where_clause), block, path),
            where_state: out(&of_actor.where_clause),
            parameters: parameters(block),
            generics: of_messages,
            route: None,
        })
    }

    pub(super) fn is_protocol(&self) -> bool {
        self.route.is_some()
    }

    /// The type that a field has.
    pub(super) fn stored(&self, field: &Field) -> TokenStream {
        let (library, stored) = (self.library, self.out(&field.stored));
        if field.may_be_bare() {
            return quote!(<#stored as #library::macro_support::Kept>::Kept);
        }
        match self.asked(field) {
            Some(ty) => {
                let support = quote!(#library::macro_support);
                let at = |tokens| self_type::relocate(tokens, place(&field.written));
                // In a `Cow` the compiler asks for an owned form itself, and says the same of the same type once.
                let asked = match &field.passed {
                    Passed::Cow(_) => {
                        let (written, cow) = (self.out(&field.written), at(quote!(#support::cow)));
                        quote!(#cow::<#written>())
                    }
                    _ => at(quote!(#support::owned::<#ty>())),
                };
                let (ty, owned) = (at(ty), at(quote!(#support::Owned)));
                quote!(#owned<#ty, { #asked }>)
            }
            None => stored,
        }
    }

    /// The borrowed type that a constant asks for an owned form; a constant cannot mention parameters.
    fn asked(&self, field: &Field) -> Option<TokenStream> {
        let ty = field.borrowed().map(|ty| self.out(ty))?;
        (!self.parameters.iter().any(|param| bounds::mentions(&ty, param))).then_some(ty)
    }

    /// Whether what is stored is only known to rustc, and may be an error wherever it stands.
    pub(super) fn is_open(&self, field: &Field) -> bool {
        field.is_projected() && self.asked(field).is_none()
    }

    /// The tokens with `Self` replaced.
    pub(super) fn out(&self, tokens: &impl ToTokens) -> TokenStream {
        self_type::substitute(tokens, self.actor)
    }
}

/// The types that must be `Send` for the enums to be: those of their fields, but the enums where a condition may leave some out.
fn sent(block: &ActorImpl, enums: &[TokenStream]) -> Vec<TokenStream> {
    let conditional = |message: &Message| {
        !message.attrs.cfg.is_empty() || message.fields().any(|field| field.condition.is_some())
    };
    if block.distinct().any(conditional) {
        return enums.to_vec();
    }
    let mut types: Vec<TokenStream> = Vec::new();
    for message in block.distinct() {
        let fields = message.fields().map(|field| field.stored.clone());
        for ty in fields.chain([message.reply.ty.to_token_stream()]) {
            let ty = self_type::substitute(&ty, &block.self_ty);
            let is_generic = block.generics.type_params().any(|param| bounds::mentions(&ty, &param.ident));
            if is_generic && !types.iter().any(|known| known.to_string() == ty.to_string()) {
                types.push(ty);
            }
        }
    }
    types
}

/// The parameters of the block and of its methods.
fn parameters(block: &ActorImpl) -> Vec<Ident> {
    let of_methods = block.messages.iter().filter_map(|message| message.generics.as_ref());
    let all = of_methods.chain([&block.generics]).flat_map(|generics| &generics.params);
    all.filter_map(|param| match param {
        GenericParam::Type(param) => Some(param.ident.clone()),
        GenericParam::Const(param) => Some(param.ident.clone()),
        GenericParam::Lifetime(_) => None,
    })
    .collect()
}
