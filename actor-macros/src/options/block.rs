//! `#[actor(..)]` on an impl block.

use super::{Entry, Form, Known, Place, Value, library, parse};
use crate::errors::Errors;
use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Path, Token};

pub(super) const PLACE: Place = Place {
    name: "an actor's impl block",
    known: &[
        Known { name: "derive", form: Form::List, example: "derive(Clone, Debug)" },
        Known { name: "derive_message", form: Form::List, example: "derive_message(Clone, Debug)" },
        Known { name: "derive_reply", form: Form::List, example: "derive_reply(Clone, Debug)" },
        Known { name: "crate", form: Form::Value, example: "crate = ::actor_core" },
    ],
};

pub(crate) struct BlockOptions {
    /// Attributes for the message enum.
    pub(crate) derive_message: TokenStream,
    /// Attributes for the reply enum.
    pub(crate) derive_reply: TokenStream,
    pub(crate) library: TokenStream,
}

impl BlockOptions {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        Self::new(parse(tokens, &PLACE, errors), errors)
    }

    pub(crate) fn none(library: TokenStream) -> Self {
        BlockOptions { derive_message: TokenStream::new(), derive_reply: TokenStream::new(), library }
    }

    pub(super) fn new(entries: Vec<Entry>, errors: &mut Errors) -> Self {
        let library = library(entries.iter().find(|entry| entry.name == "crate"), errors);
        let mut options = Self::none(library);
        for entry in entries {
            let Value::List(list) = entry.value else { continue };
            let derive = derive(list);
            if entry.name != "derive_reply" {
                options.derive_message.extend(derive.clone());
            }
            if entry.name != "derive_message" {
                options.derive_reply.extend(derive);
            }
        }
        options
    }
}

/// One attribute; or, if something in it is no trait, one for each, so that rustc takes the others, and what can be read of that one.
fn derive(list: TokenStream) -> TokenStream {
    let traits = Punctuated::<Path, Token![,]>::parse_terminated;
    if traits.parse2(list.clone()).is_ok() {
        return quote!(#[derive(#list)]);
    }
    let tokens: Vec<TokenTree> = list.into_iter().collect();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(sign) if sign.as_char() == ',');
    let mut known: Vec<Path> = Vec::new();
    let pieces = tokens.split(is_comma).map(|piece| {
        let piece = quote!(#(#piece)*);
        let read = paths.parse2(piece.clone()).unwrap_or_default();
        let is_one = matches!(&read[..], [path] if path.to_token_stream().to_string() == piece.to_string());
        let new: Vec<Path> = read.into_iter().filter(|path| !known.contains(path)).collect();
        known.extend(new.iter().cloned());
        let wrong = (!is_one).then(|| quote!(#[derive(#piece)]));
        quote!(#wrong #(#[derive(#new)])*)
    });
    pieces.collect()
}

/// The paths that stand there, whatever is between them.
fn paths(input: ParseStream<'_>) -> syn::Result<Vec<Path>> {
    let mut paths = Vec::new();
    while !input.is_empty() {
        let ahead = input.fork();
        match ahead.call(Path::parse_mod_style) {
            Ok(path) => {
                paths.push(path);
                input.advance_to(&ahead);
            }
            Err(_) => drop(input.parse::<TokenTree>()?),
        }
    }
    Ok(paths)
}
