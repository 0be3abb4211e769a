//! Methods whose signature is no Rust. The compiler has said so when it comes to the macro, and goes on; what is meant is mostly
//! clear enough for the code that calls them, so they are read again, piece by piece.

use crate::input::MethodInput;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, FnArg, Generics, Ident, ReturnType, Token, Visibility, token};

/// The method with `_` for what cannot be read, and what was `said` of it for its return type; `None` if it has no name or no parameters.
pub(crate) fn repair(start: ParseStream<'_>, said: Option<TokenStream>) -> Option<MethodInput> {
    let input = start.fork();
    let attrs = attributes(&input)?;
    let mut vis = input.parse().unwrap_or(Visibility::Inherited);
    let (mut asyncness, mut before) = (None, None);
    while !input.peek(Token![fn]) {
        if ends(&input) {
            return None;
        }
        asyncness = input.parse::<Option<Token![async]>>().ok()?.or(asyncness);
        // `fn` itself is what is missing.
        if input.peek(Ident::peek_any) && input.peek2(token::Paren) {
            break;
        }
        if !input.peek(Token![fn]) {
            before = Some(input.parse::<TokenTree>().ok()?);
        }
    }
    // What belongs before it may stand behind it by mistake.
    loop {
        if input.peek(Token![pub]) {
            vis = input.parse().ok()?;
        } else if input.peek(Token![async]) {
            asyncness = input.parse().ok()?;
        } else if input.parse::<Option<Token![fn]>>().ok()?.is_none() {
            break;
        }
    }
    let name: Ident = match before {
        // The two words have changed places.
        Some(TokenTree::Ident(name)) if input.peek(token::Paren) => name,
        _ => input.parse().ok()?,
    };
    let mut between = TokenStream::new();
    while !input.peek(token::Paren) {
        if ends(&input) {
            return None;
        }
        between.extend([input.parse::<TokenTree>().ok()?]);
    }
    let generics = syn::parse2::<Generics>(between).unwrap_or_default();
    let Ok(TokenTree::Group(params)) = input.parse() else { return None };
    let params = parameters(params.stream());
    let output = output(&input, said.unwrap_or_else(|| quote_spanned!(name.span()=> _)));
    let sig = syn::parse2(quote!(#asyncness fn #name #generics (#(#params),*) #output)).ok()?;
    Some(MethodInput { attrs, vis, sig, has_body: true })
}

fn ends(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(token::Brace) || input.peek(Token![;])
}

/// Those that can be read.
fn attributes(input: ParseStream<'_>) -> Option<Vec<Attribute>> {
    let mut attrs = Vec::new();
    while input.peek(Token![#]) {
        let hash: Token![#] = input.parse().ok()?;
        let rest: TokenTree = input.parse().ok()?;
        attrs.extend(Attribute::parse_outer.parse2(quote!(#hash #rest)).unwrap_or_default());
    }
    Some(attrs)
}

fn output(input: ParseStream<'_>, unknown: TokenStream) -> TokenStream {
    let is_none = ends(input) || input.peek(Token![where]);
    match input.parse::<ReturnType>() {
        Ok(output @ ReturnType::Type(..)) if ends(input) || input.peek(Token![where]) => quote!(#output),
        Ok(ReturnType::Default) if is_none => TokenStream::new(),
        _ => quote!(-> #unknown),
    }
}

/// The receiver, if there is one, and the parameters behind it.
fn parameters(tokens: TokenStream) -> Vec<TokenStream> {
    let mut all = Vec::new();
    let mut pieces = split(tokens).into_iter();
    if let Some(first) = pieces.next() {
        let (receiver, rest) = receiver(first);
        all.extend(receiver);
        all.extend(rest.map(parameter));
    }
    all.extend(pieces.map(parameter));
    all
}

/// At commas, and where a comma is missing before a name and its colon.
fn split(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut pieces: Vec<Vec<TokenTree>> = Vec::new();
    let mut piece: Vec<TokenTree> = Vec::new();
    let (mut depth, mut last, mut has_colon) = (0_i32, ' ', false);
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let sign = sign(&token);
        match sign {
            '<' => depth += 1,
            '>' if last != '-' => depth -= 1,
            _ => {}
        }
        let colon = sign == ':' && last != ':' && tokens.peek().is_none_or(|next| self::sign(next) != ':');
        if sign == ',' && depth <= 0 {
            pieces.push(std::mem::take(&mut piece));
            has_colon = false;
        } else if colon && has_colon && depth <= 0 {
            let name = piece.pop();
            pieces.push(std::mem::take(&mut piece));
            piece.extend(name.into_iter().chain([token]));
        } else {
            has_colon |= colon;
            piece.push(token);
        }
        last = sign;
    }
    pieces.push(piece);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

fn sign(token: &TokenTree) -> char {
    match token {
        TokenTree::Punct(punct) => punct.as_char(),
        _ => ' ',
    }
}

fn is_word(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(word) if word == name)
}

/// The receiver in the first piece, and what else stands there.
fn receiver(mut piece: Vec<TokenTree>) -> (Option<TokenStream>, Option<Vec<TokenTree>>) {
    let whole: TokenStream = piece.iter().cloned().collect();
    if let Ok(FnArg::Receiver(_)) = syn::parse2::<FnArg>(whole.clone()) {
        return (Some(whole), None);
    }
    let Some(at) = piece.iter().position(|token| is_word(token, "self")) else { return (None, Some(piece)) };
    let mut rest = piece.split_off(at + 1);
    let place = piece.last().map_or_else(Span::call_site, TokenTree::span);
    // `mut` may stand behind it by mistake.
    let is_mutable = piece.iter().chain(rest.first()).any(|token| is_word(token, "mut"));
    rest.retain(|token| !is_word(token, "mut") && !is_word(token, "self"));
    let receiver = match (piece.iter().any(|token| sign(token) == '&'), is_mutable) {
        (true, false) => quote_spanned!(place=> &self),
        _ => quote_spanned!(place=> &mut self),
    };
    (Some(receiver), Some(rest).filter(|rest| rest.iter().any(|token| sign(token) == ':')))
}

fn parameter(piece: Vec<TokenTree>) -> TokenStream {
    let whole: TokenStream = piece.iter().cloned().collect();
    if let Ok(FnArg::Typed(_)) = syn::parse2::<FnArg>(whole.clone()) {
        return whole;
    }
    let place = piece.first().map_or_else(Span::call_site, TokenTree::span);
    let is = |name: &str| piece.iter().any(|token| is_word(token, name));
    if is("Context") {
        return quote_spanned!(place=> _: &mut Context<Self>);
    }
    if is("ReplyTo") {
        return quote_spanned!(place=> _: ReplyTo<_>);
    }
    quote_spanned!(place=> _: _)
}

/// Goes on behind the next `;` or braces, or before what can only begin another method.
pub(crate) fn skip_broken(start: ParseStream<'_>, input: ParseStream<'_>) -> syn::Result<()> {
    if start.cursor() == input.cursor() {
        input.parse::<TokenTree>()?;
    }
    while !input.is_empty() && !begins_method(input) {
        let is_last = ends(input);
        input.parse::<TokenTree>()?;
        if is_last {
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
