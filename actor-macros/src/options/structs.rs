//! `#[actor(..)]` on a struct.

use super::{Form, Known, Place, Value, boolean, library, parse, word};
use crate::errors::{self, Errors};
use proc_macro2::TokenStream;
use syn::{Expr, Ident, Lit};

pub(super) const PLACE: Place = Place {
    name: "an actor's struct",
    known: &[
        Known { name: "mailbox", form: Form::Value, example: "mailbox = 64` or `mailbox = unbounded" },
        Known { name: "overflow", form: Form::Value, example: "overflow = wait` or `overflow = reject" },
        Known { name: "timeout", form: Form::Value, example: "timeout = Duration::from_secs(5)" },
        Known { name: "direct", form: Form::Value, example: "direct = false" },
        Known { name: "watchdog", form: Form::Value, example: "watchdog = Duration::from_secs(5)" },
        Known { name: "protocols", form: Form::Flag, example: "protocols" },
        Known { name: "crate", form: Form::Value, example: "crate = ::actor_core" },
    ],
};

pub(crate) struct StructOptions {
    pub(crate) mailbox: Option<Mailbox>,
    /// `Wait` or `Reject`
    pub(crate) overflow: Option<Ident>,
    pub(crate) timeout: Option<Expr>,
    pub(crate) direct: Option<Expr>,
    pub(crate) watchdog: Option<Expr>,
    /// It has no messages but those of protocols.
    pub(crate) protocols: bool,
    pub(crate) library: TokenStream,
}

pub(crate) enum Mailbox {
    Bounded(Box<Expr>),
    Unbounded,
}

impl StructOptions {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let entries = parse(tokens, &PLACE, errors);
        let library = library(entries.iter().find(|entry| entry.name == "crate"), errors);
        let mut options = StructOptions {
            mailbox: None,
            overflow: None,
            timeout: None,
            direct: None,
            watchdog: None,
            protocols: entries.iter().any(|entry| entry.name == "protocols"),
            library,
        };
        for entry in entries {
            let Value::Expr(value) = entry.value else { continue };
            match entry.name.to_string().as_str() {
                "mailbox" => options.mailbox = mailbox(*value, errors),
                "overflow" => options.overflow = overflow(&value, errors),
                "timeout" => options.timeout = timeout(*value, errors),
                "watchdog" => options.watchdog = duration(*value, errors::watchdog, errors),
                "direct" => options.direct = direct(*value, errors),
                _ => {}
            }
        }
        options
    }
}

fn mailbox(value: Expr, errors: &mut Errors) -> Option<Mailbox> {
    match &value {
        other if word(other).is_some_and(|word| word == "unbounded") => return Some(Mailbox::Unbounded),
        Expr::Lit(literal) => match &literal.lit {
            Lit::Int(number) if number.base10_digits() == "0" => errors.push(&value, errors::mailbox_zero()),
            Lit::Int(_) => return Some(Mailbox::Bounded(Box::new(value))),
            _ => errors.push(&value, errors::mailbox()),
        },
        Expr::Unary(_) => errors.push(&value, errors::mailbox()),
        _ => return Some(Mailbox::Bounded(Box::new(value))),
    }
    None
}

fn overflow(value: &Expr, errors: &mut Errors) -> Option<Ident> {
    match word(value) {
        Some(word) if word == "wait" => Some(Ident::new("Wait", word.span())),
        Some(word) if word == "reject" => Some(Ident::new("Reject", word.span())),
        _ => {
            errors.push(value, errors::overflow());
            None
        }
    }
}

fn direct(value: Expr, errors: &mut Errors) -> Option<Expr> {
    if matches!(value, Expr::Lit(_)) && boolean(&value).is_none() {
        errors.push(&value, errors::direct());
        return None;
    }
    Some(value)
}

/// Also of a message.
pub(super) fn timeout(value: Expr, errors: &mut Errors) -> Option<Expr> {
    duration(value, errors::timeout, errors)
}

fn duration(value: Expr, wording: fn() -> String, errors: &mut Errors) -> Option<Expr> {
    if matches!(value, Expr::Lit(_)) {
        errors.push(&value, wording());
        return None;
    }
    Some(value)
}
