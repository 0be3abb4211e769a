//! `#[actor_test(..)]`.

use super::{Form, Known, Place, Value, library, parse};
use crate::errors::{self, Errors};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Expr, Lit};

pub(super) const PLACE: Place = Place {
    name: "a test",
    known: &[
        Known { name: "seeds", form: Form::Value, example: "seeds = 1000" },
        Known { name: "from", form: Form::Value, example: "from = 17" },
        Known { name: "steps", form: Form::Value, example: "steps = 10_000" },
        Known { name: "patient", form: Form::Flag, example: "patient" },
        Known { name: "crate", form: Form::Value, example: "crate = ::actor_core" },
    ],
};

pub(crate) struct TestOptions {
    /// What is called of a `Schedule`.
    pub(crate) calls: Vec<TokenStream>,
    pub(crate) library: TokenStream,
}

impl TestOptions {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let entries = parse(tokens, &PLACE, errors);
        let library = library(entries.iter().find(|entry| entry.name == "crate"), errors);
        let mut calls = Vec::new();
        for entry in entries.into_iter().filter(|entry| entry.name != "crate") {
            let option = format_ident!("{}", entry.name);
            match entry.value {
                Value::Nothing => calls.push(quote!(#option())),
                Value::Expr(value) => match &*value {
                    Expr::Lit(literal) if !matches!(&literal.lit, Lit::Int(_)) => {
                        errors.push(&value, errors::test_number(&option));
                    }
                    Expr::Lit(literal)
                        if matches!(&literal.lit, Lit::Int(number) if number.base10_digits() == "0")
                            && option == "seeds" =>
                    {
                        errors.push(&value, errors::test_without_seeds());
                    }
                    value => calls.push(quote!(#option(#value))),
                },
                Value::Path(_) | Value::List(_) => {}
            }
        }
        TestOptions { calls, library }
    }
}
