//! The impl block of an actor.

use super::protocol::path;
use super::{ActorDef, Home, Hook, Message};
use crate::errors::Errors;
use crate::input::{ImplInput, MethodInput};
use crate::model::hook;
use crate::options::{BlockOptions, MessageOptions};
use crate::show::show;
use crate::types::{is_standard, peel};
use crate::{attrs, errors};
use proc_macro2::TokenStream;
use syn::{
    Attribute, GenericParam, Generics, Ident, Meta, MetaList, MetaNameValue, Path, PathArguments, Type,
    Visibility, parse_quote,
};

pub(crate) struct ActorImpl {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) generics: Generics,
    /// `protocol::Bidder` of an `impl Bidder for ..`, which is an error.
    pub(crate) trait_: Option<Path>,
    pub(crate) self_ty: Type,
    /// The path of the actor's type; without it nothing can be generated.
    pub(crate) actor: Option<Path>,
    pub(crate) messages: Vec<Message>,
    pub(crate) hooks: Vec<Hook>,
    pub(crate) options: BlockOptions,
    /// There is none: the struct says that it would be empty.
    pub(crate) is_absent: bool,
}

impl ActorImpl {
    /// That of an actor which has protocols alone.
    pub(crate) fn absent(def: &ActorDef) -> Self {
        let mut generics = def.generics.clone();
        for param in &mut generics.params {
            match param {
                GenericParam::Type(param) => param.default = None,
                GenericParam::Const(param) => param.default = None,
                GenericParam::Lifetime(_) => {}
            }
        }
        let path = path(&def.ident, &generics);
        ActorImpl {
            attrs: def.attrs.clone(),
            generics,
            trait_: None,
            self_ty: parse_quote!(#path),
            actor: Some(path),
            messages: Vec::new(),
            hooks: Vec::new(),
            options: BlockOptions::none(def.options.library.clone()),
            is_absent: true,
        }
    }

    pub(crate) fn new(input: ImplInput, options: TokenStream, errors: &mut Errors) -> Self {
        let ImplInput { attrs: mut own, generics, trait_, self_ty, methods, strays } = input;
        check_strays(&strays, errors);
        own.retain(|attr| match attr.path().get_ident().filter(|name| attrs::is_inert(name)) {
            Some(name) => {
                errors.push(name, errors::no_method(&name.to_string()));
                false
            }
            None => true,
        });
        let actor = actor_path(&self_ty);
        let options = BlockOptions::parse(options, errors);
        let mut block = ActorImpl {
            attrs: own,
            generics,
            trait_,
            self_ty,
            actor,
            messages: Vec::new(),
            hooks: Vec::new(),
            options,
            is_absent: false,
        };
        if block.trait_.is_none() {
            for method in methods {
                block.add(method, errors);
            }
        }
        block
    }

    /// The actor's name.
    pub(crate) fn name(&self) -> Option<&Ident> {
        self.actor.as_ref()?.segments.last().map(|segment| &segment.ident)
    }

    /// The messages with a variant of their own.
    pub(crate) fn distinct(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(|message| message.twin_of.is_none() && message.generics.is_none())
    }

    /// Whether the type is one of the standard library's, by how it is written.
    pub(crate) fn is_foreign(&self) -> bool {
        self.actor.as_ref().is_some_and(is_standard)
    }

    /// Whether the actor's type borrows, which is the error of its struct.
    pub(crate) fn has_lifetime_arguments(&self) -> bool {
        let arguments =
            self.actor.as_ref().and_then(|path| path.segments.last()).map(|segment| &segment.arguments);
        matches!(arguments, Some(PathArguments::AngleBracketed(list))
            if list.args.iter().any(|argument| matches!(argument, syn::GenericArgument::Lifetime(_))))
    }

    fn add(&mut self, mut method: MethodInput, errors: &mut Errors) {
        if !check_attributes(&mut method, errors) {
            return;
        }
        let options: Vec<&Attribute> = named(&method, "message").collect();
        if method.attrs.iter().any(hook::is_one) {
            let before = errors.count();
            for attr in &options {
                errors.push(attr.path(), errors::hook_and_message());
            }
            let hooks = method.attrs.iter().filter_map(|attr| Hook::new(attr, &method, self.name(), errors));
            let hooks: Vec<Hook> = hooks.collect();
            self.hooks.extend(hooks);
            // What makes it a hook may be what is wrong, and then whoever sends it is not.
            if errors.count() > before && (!options.is_empty() || is_offered(&method)) {
                self.add_message(&method, &options, &mut Errors::new());
            }
        } else if !options.is_empty() || is_offered(&method) {
            self.add_message(&method, &options, errors);
        }
    }

    fn add_message(&mut self, method: &MethodInput, attrs: &[&Attribute], errors: &mut Errors) {
        let options = MessageOptions::parse(attrs, errors);
        match &options.skip {
            Some(_) if options.given.len() == 1 => return,
            Some(skip) => return errors.push(skip, errors::skip_alone()),
            None => {}
        }
        let Some(receiver) = method.sig.receiver() else {
            if let Some(attr) = attrs.first() {
                errors.push(attr.path(), errors::no_receiver(&method.sig.ident));
            }
            return;
        };
        let home = Home::Actor(self.name());
        let message = Message::new(method, receiver, options, home, &self.options.library, errors);
        self.push(message, errors);
    }

    /// A variant a message, and a method of a name.
    pub(super) fn push(&mut self, mut message: Message, errors: &mut Errors) {
        for generics in message.generics.iter().chain([&self.generics]) {
            message.params.iter_mut().for_each(|param| param.store_itself(generics));
        }
        let mut rivals = self.messages.iter().filter(|other| !other.may_exclude(&message));
        if rivals.clone().any(|other| other.name == message.name) {
            return errors.leave_to_rustc();
        }
        if message.generics.is_none() {
            let same = |other: &&Message| other.generics.is_none() && other.variant == message.variant;
            message.twin_of = rivals.find(same).map(|first| first.name.clone());
        }
        self.messages.push(message);
    }
}

/// Corrects a method's attributes. `false` where it is for nobody to say whether the method is there.
pub(super) fn check_attributes(method: &mut MethodInput, errors: &mut Errors) -> bool {
    for attr in &mut method.attrs {
        correct(attr, errors);
    }
    if !method.attrs.iter().all(attrs::is_sound_cfg) {
        errors.leave_to_rustc();
        return false;
    }
    for attr in &method.attrs {
        if let Some(path) = attrs::conditional_ours(attr) {
            errors.push(&path, errors::conditional(&show(&path)));
        }
    }
    true
}

/// Our attributes on what is no method.
pub(super) fn check_strays(strays: &[Attribute], errors: &mut Errors) {
    for stray in strays.iter().filter(|attr| attrs::INERT.iter().any(|name| attr.path().is_ident(name))) {
        errors.push(stray.path(), errors::no_method(&show(stray.path())));
    }
}

/// Makes a mistyped attribute what it was meant to be, which is an error.
fn correct(attr: &mut Attribute, errors: &mut Errors) {
    let (Meta::Path(path) | Meta::List(MetaList { path, .. }) | Meta::NameValue(MetaNameValue { path, .. })) =
        &mut attr.meta;
    let Some(name) = path.get_ident() else { return };
    let Some(meant) = attrs::meant(name) else { return };
    errors.push(name, errors::attribute_like(name, meant));
    *path = Ident::new(meant, name.span()).into();
}

/// Whether it is a message without saying so.
fn is_offered(method: &MethodInput) -> bool {
    !matches!(method.vis, Visibility::Inherited) && method.sig.receiver().is_some()
}

pub(super) fn named<'a>(method: &'a MethodInput, name: &'a str) -> impl Iterator<Item = &'a Attribute> {
    method.attrs.iter().filter(move |attr| attr.path().is_ident(name))
}

fn actor_path(self_ty: &Type) -> Option<Path> {
    match peel(self_ty) {
        Type::Path(path) if path.qself.is_none() => Some(path.path.clone()),
        _ => None,
    }
}
