//! `#[actor(..)]` on a trait.

use super::{BlockOptions, Form, Known, Place, Value, parse};
use crate::errors::Errors;
use proc_macro2::TokenStream;
use syn::Path;

pub(super) const PLACE: Place = Place {
    name: "a protocol",
    known: &[
        Known { name: "extends", form: Form::Path, example: "extends = Bidder" },
        Known { name: "derive", form: Form::List, example: "derive(Clone, Debug)" },
        Known { name: "derive_message", form: Form::List, example: "derive_message(Clone, Debug)" },
        Known { name: "derive_reply", form: Form::List, example: "derive_reply(Clone, Debug)" },
        Known { name: "crate", form: Form::Value, example: "crate = ::actor_core" },
    ],
};

pub(crate) struct ProtocolOptions {
    /// Those of its enums.
    pub(crate) block: BlockOptions,
    pub(crate) extends: Option<Path>,
}

impl ProtocolOptions {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut entries = parse(tokens, &PLACE, errors);
        let extends = entries.extract_if(.., |entry| entry.name == "extends").last();
        let extends = extends.and_then(|entry| match entry.value {
            Value::Path(path) => Some(path),
            Value::Nothing | Value::Expr(_) | Value::List(_) => None,
        });
        ProtocolOptions { block: BlockOptions::new(entries, errors), extends }
    }
}
