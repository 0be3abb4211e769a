//! `#[message(..)]` on a method.

use super::structs::timeout;
use super::{Form, Known, Place, Value, boolean, parse, word};
use crate::errors::{self, Errors};
use crate::naming;
use proc_macro2::TokenStream;
use syn::{Attribute, Expr, Ident, Meta};

pub(super) const PLACE: Place = Place {
    name: "a message",
    known: &[
        Known { name: "interleave", form: Form::Flag, example: "interleave" },
        Known { name: "urgent", form: Form::Flag, example: "urgent" },
        Known { name: "concurrent", form: Form::Flag, example: "concurrent" },
        Known { name: "when", form: Form::Value, example: "when = !self.items.is_empty()" },
        Known { name: "timeout", form: Form::Value, example: "timeout = Duration::from_secs(5)" },
        Known { name: "fatal", form: Form::Flag, example: "fatal" },
        Known { name: "skip", form: Form::Flag, example: "skip" },
        Known { name: "result", form: Form::FlagOrValue, example: "result` or `result = false" },
        Known { name: "name", form: Form::Value, example: "name = Deposit" },
    ],
};

/// The options of a message. Those without a value are the word itself, for errors that come later.
#[derive(Default)]
pub(crate) struct MessageOptions {
    pub(crate) interleave: Option<Ident>,
    pub(crate) urgent: Option<Ident>,
    pub(crate) concurrent: Option<Ident>,
    pub(crate) when: Option<Guard>,
    pub(crate) fatal: Option<Ident>,
    pub(crate) skip: Option<Ident>,
    pub(crate) timeout: Option<Expr>,
    pub(crate) result: Option<bool>,
    pub(crate) name: Option<Ident>,
    /// All that are given, in order.
    pub(crate) given: Vec<Ident>,
    /// Whether something was wrong already.
    pub(crate) broken: bool,
}

/// `when = EXPR`
pub(crate) struct Guard {
    /// The word, for errors.
    pub(crate) word: Ident,
    pub(crate) holds: Expr,
}

impl MessageOptions {
    /// Of all `#[message(..)]` of a method together.
    pub(crate) fn parse(attrs: &[&Attribute], errors: &mut Errors) -> Self {
        let before = errors.count();
        if let [_, second, ..] = attrs {
            errors.push(second.path(), errors::attribute_twice("message"));
        }
        let tokens = attrs.first().map(|attr| arguments(attr, errors)).unwrap_or_default();
        let mut options = MessageOptions::default();
        for entry in parse(tokens, &PLACE, errors) {
            options.given.push(entry.name.clone());
            options.set(entry.name, entry.value, errors);
        }
        options.broken = errors.count() > before;
        options
    }

    fn set(&mut self, name: Ident, value: Value, errors: &mut Errors) {
        match (name.to_string().as_str(), value) {
            ("interleave", _) => self.interleave = Some(name),
            ("urgent", _) => self.urgent = Some(name),
            ("concurrent", _) => self.concurrent = Some(name),
            ("fatal", _) => self.fatal = Some(name),
            ("skip", _) => self.skip = Some(name),
            ("when", Value::Expr(holds)) => self.when = Some(Guard { word: name, holds: *holds }),
            ("timeout", Value::Expr(value)) => self.timeout = timeout(*value, errors),
            ("result", Value::Nothing) => self.result = Some(true),
            ("result", Value::Expr(value)) => match boolean(&value) {
                Some(given) => self.result = Some(given),
                None => errors.push(&value, errors::result_option()),
            },
            ("name", Value::Expr(value)) => match word(&value).filter(|word| naming::is_free(word)) {
                Some(word) => self.name = Some(word.clone()),
                None => errors.push(&value, errors::name_option()),
            },
            _ => {}
        }
    }
}

/// What stands in the parentheses, if there are any.
pub(crate) fn arguments(attr: &Attribute, errors: &mut Errors) -> TokenStream {
    match &attr.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(pair) => {
            errors.push(&pair.value, errors::message_value());
            TokenStream::new()
        }
    }
}
