//! A trait whose methods are messages.

use super::block::{check_attributes, check_strays, named};
use super::{ActorImpl, Home, Message, Param, hook};
use crate::errors::{self, Errors};
use crate::input::{MethodInput, TraitInput};
use crate::options::{MessageOptions, ProtocolOptions};
use crate::show::show;
use crate::types::find_self;
use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Attribute, GenericParam, Generics, Ident, Path, Token, TypeParamBound, Visibility, parse_quote};

pub(crate) struct Protocol {
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) supertraits: Punctuated<TypeParamBound, Token![+]>,
    /// Its messages, as those of an actor with the trait's name.
    pub(crate) block: ActorImpl,
    /// The protocol that it extends.
    pub(crate) extends: Option<Path>,
    /// The methods with a default body.
    pub(crate) defaults: Vec<Ident>,
}

impl Protocol {
    pub(crate) fn new(input: TraitInput, options: TokenStream, errors: &mut Errors) -> Self {
        let TraitInput { attrs, vis, ident, generics, supertraits, methods, types, strays } = input;
        check_strays(&strays, errors);
        for name in &types {
            errors.push(name, errors::protocol_type(name));
        }
        let ProtocolOptions { block: options, extends } = ProtocolOptions::parse(options, errors);
        let path = path(&ident, &generics);
        let block = ActorImpl {
            attrs,
            generics,
            trait_: None,
            self_ty: parse_quote!(#path),
            actor: Some(path),
            messages: Vec::new(),
            hooks: Vec::new(),
            options,
            is_absent: false,
        };
        let mut protocol = Protocol { vis, ident, supertraits, block, extends, defaults: Vec::new() };
        for method in methods {
            protocol.add(method, errors);
        }
        protocol
    }

    /// Whether all who implement it have a trait of this name, by what it says itself.
    pub(crate) fn requires(&self, name: &str) -> bool {
        self.supertraits.iter().any(|bound| match bound {
            TypeParamBound::Trait(bound) => {
                bound.path.segments.last().is_some_and(|segment| segment.ident == name)
            }
            _ => false,
        })
    }

    pub(crate) fn extends_itself(&self) -> bool {
        let Some(path) = &self.extends else { return false };
        path.segments.len() == 1 && path.segments.last().is_some_and(|last| last.ident == self.ident)
    }

    /// The other one that it extends.
    pub(crate) fn base(&self) -> Option<&Path> {
        self.extends.as_ref().filter(|_| !self.extends_itself())
    }

    fn add(&mut self, mut method: MethodInput, errors: &mut Errors) {
        if !check_attributes(&mut method, errors) {
            return;
        }
        for attr in method.attrs.iter().filter(|attr| hook::is_one(attr)) {
            if let Some(name) = attr.path().get_ident() {
                errors.push(attr.path(), errors::protocol_hook(name));
            }
        }
        let attrs: Vec<&Attribute> = named(&method, "message").collect();
        let options = MessageOptions::parse(&attrs, errors);
        match &options.skip {
            Some(_) if options.given.len() == 1 => return,
            Some(skip) => return errors.push(skip, errors::skip_alone()),
            None => {}
        }
        let name = &method.sig.ident;
        let Some(receiver) = method.sig.receiver() else {
            return errors.push(name, errors::protocol_without_receiver(name));
        };
        let library = &self.block.options.library;
        let mut message = Message::new(&method, receiver, options, Home::Protocol, library, errors);
        // Whoever has the trait calls its methods.
        message.vis = self.vis.clone();
        one_type(&mut message, &method.sig.generics, errors);
        if method.has_body {
            self.defaults.push(name.clone());
        }
        self.block.push(message, errors);
    }
}

/// A message is the same for all actors: what is not is an error, and left out.
fn one_type(message: &mut Message, generics: &Generics, errors: &mut Errors) {
    message.generics = None;
    let is_type = |param: &&GenericParam| !matches!(param, GenericParam::Lifetime(_));
    let mut is_generic = false;
    for param in generics.params.iter().filter(is_type) {
        is_generic = true;
        errors.push(param, errors::protocol_generic(&message.name));
    }
    for param in &mut message.params {
        let Param::Field(field) = param else { continue };
        if field.is_opaque() && !field.broken {
            errors.push(&field.written, errors::protocol_impl(&show(&field.written)));
            field.broken = true;
        } else if let Some(word) = find_self(&field.written).filter(|_| !field.broken) {
            errors.push(&word, errors::protocol_self());
            field.broken = true;
        }
        field.broken |= is_generic;
    }
    let own = find_self(&message.reply.ty);
    if let Some(word) = &own {
        errors.push(word, errors::protocol_self());
    }
    if is_generic || own.is_some() {
        message.reply.give_up(errors);
    }
}

/// `Store<K>`
pub(super) fn path(ident: &Ident, generics: &Generics) -> Path {
    let arguments: Vec<TokenStream> = generics
        .params
        .iter()
        .map(|param| match param {
            GenericParam::Lifetime(param) => {
                let lifetime = &param.lifetime;
                quote!(#lifetime)
            }
            GenericParam::Type(param) => {
                let ident = &param.ident;
                quote!(#ident)
            }
            GenericParam::Const(param) => {
                let ident = &param.ident;
                quote!(#ident)
            }
        })
        .collect();
    if arguments.is_empty() { parse_quote!(#ident) } else { parse_quote!(#ident<#(#arguments),*>) }
}
