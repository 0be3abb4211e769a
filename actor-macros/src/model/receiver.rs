//! How a method takes the actor.

use crate::errors::{self, Errors};
use crate::show::show;
use crate::types::{is_named, peel};
use syn::{Ident, ReceiverKind, Type};

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Receiver {
    /// `&mut self`
    Exclusive,
    /// `&self`
    Shared,
    /// `self`
    Value,
}

impl Receiver {
    /// `&mut self` in place of a receiver that no message can have.
    pub(crate) fn new(receiver: &syn::Receiver, home: Home<'_>, errors: &mut Errors) -> Self {
        match &receiver.kind {
            ReceiverKind::Value => return Receiver::Value,
            ReceiverKind::Reference(_, _, mutable) => return Receiver::borrowed(mutable.is_some()),
            ReceiverKind::Typed(_, ty) => match peel(ty) {
                Type::Reference(reference) if home.is_self(&reference.elem) => {
                    return Receiver::borrowed(reference.mutability.is_some());
                }
                ty if home.is_self(ty) => return Receiver::Value,
                other => errors.push(other, errors::receiver(&show(other))),
            },
            _ => errors.push(receiver, errors::receiver(&show(receiver))),
        }
        Receiver::Exclusive
    }

    fn borrowed(mutable: bool) -> Self {
        if mutable { Receiver::Exclusive } else { Receiver::Shared }
    }
}

/// Where a message is declared.
#[derive(Clone, Copy)]
pub(crate) enum Home<'a> {
    /// In an impl block, of an actor that may have a name.
    Actor(Option<&'a Ident>),
    Protocol,
}

impl Home<'_> {
    pub(super) fn is_self(self, ty: &Type) -> bool {
        let is_name = |name: &Ident| is_named(ty, &name.to_string());
        is_named(ty, "Self") || matches!(self, Home::Actor(Some(name)) if is_name(name))
    }

    pub(crate) fn place(self) -> &'static str {
        match self {
            Home::Actor(_) => "impl block",
            Home::Protocol => "trait",
        }
    }
}
