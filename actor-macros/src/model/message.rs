//! A method that is a message.

use super::param;
use super::{Field, Home, Outcome, Param, Receiver, Reply};
use crate::attrs::Routed;
use crate::errors::{self, Errors};
use crate::input::MethodInput;
use crate::lifetimes::owned_of;
use crate::naming;
use crate::options::MessageOptions;
use crate::show::show;
use crate::types::{is_bare, is_named, peel};
use proc_macro2::{Span, TokenStream};
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{
    ConstParam, FnArg, GenericParam, Generics, Ident, Lifetime, ReturnType, Safety, Signature, Token,
    TraitBound, TypeParam, TypeParamBound, Visibility, WhereClause, WherePredicate,
};

pub(crate) struct Message {
    pub(crate) name: Ident,
    pub(crate) variant: Ident,
    pub(crate) vis: Visibility,
    pub(crate) attrs: Routed,
    pub(crate) asyncness: Option<Token![async]>,
    pub(crate) receiver: Receiver,
    /// Its `self`.
    pub(crate) this: Token![self],
    pub(crate) params: Vec<Param>,
    pub(crate) reply: Reply,
    pub(crate) options: MessageOptions,
    /// Of a method that is generic, by a parameter or an argument `impl Trait`: it travels boxed, and has no variant.
    pub(crate) generics: Option<Generics>,
    /// The method that has its variant already, which is an error.
    pub(crate) twin_of: Option<Ident>,
}

impl Message {
    pub(crate) fn new(
        method: &MethodInput,
        receiver: &syn::Receiver,
        options: MessageOptions,
        home: Home<'_>,
        library: &TokenStream,
        errors: &mut Errors,
    ) -> Self {
        let sig = &method.sig;
        let this = receiver.self_token;
        let receiver = Receiver::new(receiver, home, errors);
        check_qualifiers(sig, errors);
        check_sizes(method, home, errors);
        let lifetimes = check_generics(sig, home, errors);
        check_async_closures(sig, home, errors);
        let arguments = sig.inputs.iter().filter_map(|input| match input {
            FnArg::Typed(argument) => Some(argument),
            FnArg::Receiver(_) => None,
        });
        let mut params: Vec<Param> = Vec::new();
        let taken: Vec<&Ident> =
            arguments.clone().filter_map(|argument| param::name(&argument.pat)).collect();
        for (number, argument) in arguments.enumerate() {
            let mut param = Param::new(number, argument, &taken, &lifetimes, home, errors);
            param.spell_out(library);
            param.check_single(&params, errors);
            params.push(param);
        }
        let conditional =
            params.iter().filter(|param| matches!(param, Param::Field(field) if field.condition.is_some()));
        if conditional.count() > 4 {
            errors.push(&sig.ident, errors::too_many_cfg());
        }
        let mut reply = Reply::new(&sig.output, &params, &options, &lifetimes, library, errors);
        if options.broken {
            reply.doubt(errors);
        }
        if let (Receiver::Value, Some(stream)) = (receiver, &mut reply.stream) {
            // The actor ends with its last message, and would cut off what runs beside it.
            stream.beside = false;
        }
        let generic = sig.generics.params.iter().any(|param| !matches!(param, GenericParam::Lifetime(_)))
            || params.iter().any(|param| matches!(param, Param::Field(field) if field.is_opaque()));
        if let (true, Some(name)) = (generic && !options.broken, &options.name) {
            errors.push(name, errors::name_of_generic(&sig.ident));
        }
        Message {
            variant: options.name.clone().unwrap_or_else(|| naming::variant(&sig.ident)),
            name: sig.ident.clone(),
            vis: method.vis.clone(),
            attrs: Routed::new(&method.attrs),
            asyncness: sig.asyncness,
            receiver,
            this,
            params,
            reply,
            options,
            generics: generic.then(|| sig.generics.clone()),
            twin_of: None,
        }
    }

    /// With `fatal`, where its error stands.
    pub(crate) fn fatal(&self) -> Option<Span> {
        self.options.fatal.as_ref()?;
        Some(match &self.reply.outcome {
            Outcome::Result(_, error) => error.span(),
            Outcome::Value | Outcome::Alias => self.reply.ty.span(),
        })
    }

    /// Whether a condition may leave only one of the two.
    pub(crate) fn may_exclude(&self, other: &Message) -> bool {
        !self.attrs.cfg.is_empty() && !other.attrs.cfg.is_empty()
    }

    /// The parameters that travel in the message.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &Field> {
        self.params.iter().filter_map(|param| match param {
            Param::Field(field) if !field.broken => Some(&**field),
            _ => None,
        })
    }
}

fn check_qualifiers(sig: &Signature, errors: &mut Errors) {
    if let Safety::Unsafe(word) = &sig.safety {
        errors.push(word, errors::unsafe_message());
    }
    if let Some(abi) = &sig.abi {
        errors.push(&abi.extern_token, errors::extern_message());
    }
}

/// Of a body, rustc says that nobody can take or return what has no size. A method of a trait that has none may.
fn check_sizes(method: &MethodInput, home: Home<'_>, errors: &mut Errors) {
    if !matches!(home, Home::Protocol) || method.has_body {
        return;
    }
    let arguments = method.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(argument) => Some(&*argument.ty),
        FnArg::Receiver(_) => None,
    });
    let output = match &method.sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, ty) => Some(&**ty),
    };
    for ty in arguments.chain(output).filter(|ty| is_bare(ty)) {
        errors.push(ty, errors::no_size(&show(ty), &owned_of(peel(ty))));
    }
}

/// The lifetimes that the method declares: an error each, so that what uses them is none.
fn check_generics<'a>(sig: &'a Signature, home: Home<'_>, errors: &mut Errors) -> Vec<&'a Lifetime> {
    let mut lifetimes = Vec::new();
    for param in sig.generics.lifetimes() {
        errors.push(&param.lifetime, errors::named_lifetime(&param.lifetime));
        lifetimes.push(&param.lifetime);
    }
    for param in &sig.generics.params {
        let (GenericParam::Type(TypeParam { attrs, .. }) | GenericParam::Const(ConstParam { attrs, .. })) =
            param
        else {
            continue;
        };
        for attr in attrs.iter().filter(|attr| param::is_condition(attr)) {
            errors.push(attr.path(), errors::cfg_on_type_parameter());
        }
    }
    if let Some(clause) = &sig.generics.where_clause
        && sig.generics.params.is_empty()
        && !(matches!(home, Home::Protocol) && holds_for_actors(clause))
    {
        errors.push(&clause.where_token, errors::where_on_message(home.place()));
    }
    lifetimes
}

/// What an `async` closure waits for cannot be said to be `Send`. Of a protocol such a method is generic, which is an error already.
fn check_async_closures(sig: &Signature, home: Home<'_>, errors: &mut Errors) {
    struct Search<'ast>(Vec<(&'ast TraitBound, &'static str)>);
    impl<'ast> Visit<'ast> for Search<'ast> {
        fn visit_trait_bound(&mut self, bound: &'ast TraitBound) {
            const PLAIN: [(&str, &str); 3] =
                [("AsyncFn", "Fn"), ("AsyncFnMut", "FnMut"), ("AsyncFnOnce", "FnOnce")];
            let Some(last) = bound.path.segments.last() else { return };
            let plain = PLAIN.iter().find(|(name, _)| last.ident == name);
            self.0.extend(plain.map(|(_, plain)| (bound, *plain)));
        }
    }
    if sig.asyncness.is_none() || matches!(home, Home::Protocol) {
        return;
    }
    let mut search = Search(Vec::new());
    search.visit_signature(sig);
    for (bound, plain) in search.0 {
        errors.push(bound, errors::async_closure(&show(bound), plain));
    }
}

/// Whether it asks no more of `Self` than every actor has.
fn holds_for_actors(clause: &WhereClause) -> bool {
    let is_usual = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => bound
            .path
            .segments
            .last()
            .is_some_and(|segment| ["Actor", "Send", "Sized"].iter().any(|name| segment.ident == name)),
        TypeParamBound::Lifetime(lifetime) => lifetime.ident == "static",
        _ => false,
    };
    clause.predicates.iter().all(|predicate| match predicate {
        WherePredicate::Type(predicate) => {
            is_named(&predicate.bounded_ty, "Self") && predicate.bounds.iter().all(is_usual)
        }
        _ => false,
    })
}
