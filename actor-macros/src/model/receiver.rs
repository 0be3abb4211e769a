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
    pub(crate) fn new(receiver: &syn::Receiver, actor: Option<&Ident>, errors: &mut Errors) -> Self {
        match &receiver.kind {
            ReceiverKind::Value => return Receiver::Value,
            ReceiverKind::Reference(_, _, mutable) => return Receiver::borrowed(mutable.is_some()),
            ReceiverKind::Typed(_, ty) => match peel(ty) {
                Type::Reference(reference) if is_actor(&reference.elem, actor) => {
                    return Receiver::borrowed(reference.mutability.is_some());
                }
                ty if is_actor(ty, actor) => return Receiver::Value,
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

fn is_actor(ty: &Type, actor: Option<&Ident>) -> bool {
    is_named(ty, "Self") || actor.is_some_and(|actor| is_named(ty, &actor.to_string()))
}
