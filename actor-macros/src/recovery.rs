//! Methods whose signature is no Rust. The compiler has said so when it comes to the macro, and goes on without them; what was
//! meant is still clear enough for the code that calls them.

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, Token, Visibility, token};

/// What can be told of such a method.
pub(crate) struct Unreadable {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) name: Ident,
    /// How many parameters it has besides its receiver; `None` if it has no receiver.
    pub(crate) params: Option<usize>,
    /// The error, as code.
    pub(crate) error: TokenStream,
}

impl Unreadable {
    /// `None` if it has no name.
    pub(crate) fn new(start: ParseStream<'_>, error: &syn::Error) -> Option<Self> {
        let input = start.fork();
        let attrs = input.call(Attribute::parse_outer).ok()?;
        let vis = input.parse().ok()?;
        while !input.peek(Token![fn]) {
            if input.peek(token::Brace) || input.peek(Token![;]) {
                return None;
            }
            input.parse::<TokenTree>().ok()?;
        }
        input.parse::<Token![fn]>().ok()?;
        let name = input.parse().ok()?;
        while !input.peek(token::Paren) {
            if input.peek(token::Brace) || input.peek(Token![;]) {
                return None;
            }
            input.parse::<TokenTree>().ok()?;
        }
        let Ok(TokenTree::Group(group)) = input.parse() else { return None };
        let params = params(group.stream());
        Some(Unreadable { attrs, vis, name, params, error: error.to_compile_error() })
    }
}

/// How many there are behind `self`.
fn params(tokens: TokenStream) -> Option<usize> {
    let (mut count, mut depth, mut is_empty, mut has_receiver) = (0_usize, 0_i32, true, false);
    let mut last = ' ';
    for token in tokens {
        let sign = match &token {
            TokenTree::Punct(punct) => punct.as_char(),
            _ => ' ',
        };
        match sign {
            '<' => depth += 1,
            '>' if last != '-' => depth -= 1,
            _ => {}
        }
        if sign == ',' && depth <= 0 {
            is_empty = true;
        } else if is_empty {
            is_empty = false;
            count += 1;
        }
        has_receiver |= count == 1 && matches!(&token, TokenTree::Ident(word) if word == "self");
        last = sign;
    }
    has_receiver.then(|| count.saturating_sub(1))
}

/// Goes on behind the next `;` or braces, or before what can only begin another method.
pub(crate) fn skip_broken(start: ParseStream<'_>, input: ParseStream<'_>) -> syn::Result<()> {
    if start.cursor() == input.cursor() {
        input.parse::<TokenTree>()?;
    }
    while !input.is_empty() && !begins_method(input) {
        let ends = input.peek(token::Brace) || input.peek(Token![;]);
        input.parse::<TokenTree>()?;
        if ends {
            break;
        }
    }
    Ok(())
}

fn begins_method(input: ParseStream<'_>) -> bool {
    input.peek(Token![pub])
        || input.peek(Token![#])
        || input.peek(Token![async])
        || input.peek(Token![fn]) && input.peek2(Ident::peek_any)
}
