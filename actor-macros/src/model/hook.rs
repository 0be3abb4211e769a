//! A method that the actor's life calls.

use super::Receiver;
use crate::attrs::Routed;
use crate::built;
use crate::errors::{self, Errors};
use crate::input::MethodInput;
use crate::types::{is_context, is_wrong_context};
use syn::{Attribute, FnArg, Ident, Meta, ReturnType, Token, Type};

pub(crate) struct Hook {
    pub(crate) moment: Moment,
    /// The attribute's name, where a second one is an error.
    pub(crate) attr: Ident,
    pub(crate) method: Ident,
    pub(crate) attrs: Routed,
    pub(crate) asyncness: Option<Token![async]>,
    pub(crate) receiver: Receiver,
    /// The type of its context, if it takes one.
    pub(crate) context: Option<Type>,
    pub(crate) output: ReturnType,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Moment {
    Start,
    Stop,
}

impl Moment {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Moment::Start => "on_start",
            Moment::Stop => "on_stop",
        }
    }
}

/// Whether the attribute makes a hook, built or not.
pub(crate) fn is_one(attr: &Attribute) -> bool {
    built::HOOKS.iter().any(|hook| attr.path().is_ident(hook.name))
}

impl Hook {
    pub(crate) fn new(
        attr: &Attribute,
        method: &MethodInput,
        actor: Option<&Ident>,
        errors: &mut Errors,
    ) -> Option<Self> {
        let name = attr.path().get_ident()?;
        let moment = match name.to_string().as_str() {
            "on_start" => Moment::Start,
            "on_stop" => Moment::Stop,
            "on_exit" | "every" => {
                errors.push(name, errors::hook_not_yet(name, &built::hooks()));
                return None;
            }
            _ => return None,
        };
        if !matches!(attr.meta, Meta::Path(_)) {
            errors.push(name, errors::hook_options(moment.name()));
        }
        let sig = &method.sig;
        let Some(receiver) = sig.receiver() else {
            errors.push(&sig.ident, errors::hook_without_receiver(moment.name()));
            return None;
        };
        let receiver = Receiver::new(receiver, actor, errors);
        if receiver == Receiver::Value {
            errors.push(&sig.receiver(), errors::hook_by_value(moment.name()));
            return None;
        }
        if let Some(param) = sig.generics.params.first() {
            errors.push(param, errors::hook_generic(moment.name()));
            return None;
        }
        let mut context = None;
        for input in &sig.inputs {
            let FnArg::Typed(argument) = input else { continue };
            if !(is_context(&argument.ty) || is_wrong_context(&argument.ty)) || context.is_some() {
                errors.push(&argument.ty, errors::hook_argument(moment.name()));
                return None;
            }
            context = Some((*argument.ty).clone());
        }
        Some(Hook {
            moment,
            attr: name.clone(),
            method: sig.ident.clone(),
            attrs: Routed::new(&method.attrs),
            asyncness: sig.asyncness,
            receiver,
            context,
            output: sig.output.clone(),
        })
    }
}
