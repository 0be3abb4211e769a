//! A method that the actor's life calls.

use super::{Home, Receiver};
use crate::attrs::Routed;
use crate::built;
use crate::errors::{self, Errors};
use crate::input::MethodInput;
use crate::types::{is_context, is_wrong_context};
use syn::{Attribute, Expr, FnArg, Ident, Lit, Meta, ReturnType, Token, Type};

pub(crate) struct Hook {
    pub(crate) moment: Moment,
    /// Its `self`.
    pub(crate) this: Token![self],
    /// How often, of one that is called again and again.
    pub(crate) period: Option<Expr>,
    /// The attribute's name, where a second one is an error.
    pub(crate) attr: Ident,
    pub(crate) method: Ident,
    pub(crate) attrs: Routed,
    pub(crate) asyncness: Option<Token![async]>,
    pub(crate) receiver: Receiver,
    /// What it takes.
    pub(crate) arguments: Vec<Argument>,
    pub(crate) output: ReturnType,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Moment {
    Start,
    Stop,
    Exit,
    Tick,
}

/// An argument of a hook, with its type as the user wrote it.
pub(crate) enum Argument {
    Context(Type),
    /// Who has ended.
    Exit(Type),
}

impl Moment {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Moment::Start => "on_start",
            Moment::Stop => "on_stop",
            Moment::Exit => "on_exit",
            Moment::Tick => "every",
        }
    }
}

/// Whether the attribute makes a hook, built or not.
pub(crate) fn is_one(attr: &Attribute) -> bool {
    built::HOOKS.iter().any(|hook| attr.path().is_ident(hook))
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
            "on_exit" => Moment::Exit,
            "every" => Moment::Tick,
            _ => return None,
        };
        let period = match moment {
            Moment::Tick => Some(period(attr, name, errors)?),
            Moment::Start | Moment::Stop | Moment::Exit => None,
        };
        if moment != Moment::Tick && !matches!(attr.meta, Meta::Path(_)) {
            errors.push(name, errors::hook_options(moment.name()));
        }
        let sig = &method.sig;
        let Some(receiver) = sig.receiver() else {
            errors.push(&sig.ident, errors::hook_without_receiver(moment.name()));
            return None;
        };
        let this = receiver.self_token;
        let receiver = Receiver::new(receiver, Home::Actor(actor), errors);
        if receiver == Receiver::Value {
            errors.push(&sig.receiver(), errors::hook_by_value(moment.name()));
            return None;
        }
        if let Some(param) = sig.generics.params.first() {
            errors.push(param, errors::hook_generic(moment.name()));
            return None;
        }
        let mut arguments: Vec<Argument> = Vec::new();
        for input in &sig.inputs {
            let FnArg::Typed(argument) = input else { continue };
            let ty = (*argument.ty).clone();
            let new = match is_context(&ty) || is_wrong_context(&ty) {
                true => Argument::Context(ty),
                false => Argument::Exit(ty),
            };
            let is_exit = matches!(new, Argument::Exit(_));
            let twice = arguments.iter().any(|known| matches!(known, Argument::Exit(_)) == is_exit);
            if twice || is_exit && moment != Moment::Exit {
                let text = match moment {
                    Moment::Exit => errors::exit_argument(),
                    Moment::Start | Moment::Stop | Moment::Tick => errors::hook_argument(moment.name()),
                };
                errors.push(&argument.ty, text);
                return None;
            }
            arguments.push(new);
        }
        Some(Hook {
            moment,
            this,
            period,
            attr: name.clone(),
            method: sig.ident.clone(),
            attrs: Routed::new(&method.attrs),
            asyncness: sig.asyncness,
            receiver,
            arguments,
            output: sig.output.clone(),
        })
    }
}

/// What `#[every(..)]` says.
fn period(attr: &Attribute, name: &Ident, errors: &mut Errors) -> Option<Expr> {
    let given = match &attr.meta {
        Meta::List(list) => list.parse_args::<Expr>().ok(),
        Meta::Path(_) | Meta::NameValue(_) => None,
    };
    match given {
        Some(Expr::Lit(literal)) if !matches!(literal.lit, Lit::Verbatim(_)) => {
            errors.push(&literal, errors::every_period());
            None
        }
        Some(period) => Some(period),
        None => {
            errors.push(name, errors::every_period());
            None
        }
    }
}
