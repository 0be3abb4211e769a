//! Methods whose signature is no Rust. The compiler has said so when it comes to the macro, and goes on; what is meant is mostly
//! clear enough for the code that calls them, so they are read again, piece by piece.

use crate::attrs::INERT;
use crate::input::MethodInput;
use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, FnArg, Generics, Ident, PatType, Token, Type, Visibility, token};

/// The method with `_` for what cannot be read, and what was `said` of it for its return type; `None` if it has no name or no parameters.
pub(crate) fn repair(start: ParseStream<'_>, said: Option<TokenStream>) -> Option<MethodInput> {
    let input = start.fork();
    let attrs = attributes(&input)?;
    let Head { vis, asyncness, stray } = Head::read(&input)?;
    let Called { name, generics, params } = Called::read(&input, stray)?;
    let params = parameters(params.stream());
    let output = output(&input, said.unwrap_or_else(|| quote_spanned!(name.span()=> _)));
    let sig = syn::parse2(quote!(#asyncness fn #name #generics (#(#params),*) #output)).ok()?;
    while !ends(&input) {
        input.parse::<TokenTree>().ok()?;
    }
    Some(MethodInput { attrs, vis, sig, has_body: !input.peek(Token![;]) })
}

/// What stands around the `fn`.
struct Head {
    vis: Visibility,
    asyncness: Option<Token![async]>,
    /// The last of what does not belong before it.
    stray: Option<TokenTree>,
}

impl Head {
    fn read(input: ParseStream<'_>) -> Option<Self> {
        let vis = input.parse().unwrap_or(Visibility::Inherited);
        let mut head = Head { vis, asyncness: None, stray: None };
        head.up_to_fn(input)?;
        head.past_fn(input)?;
        Some(head)
    }

    fn up_to_fn(&mut self, input: ParseStream<'_>) -> Option<()> {
        // It may be what is missing: then a name and its parameters come.
        while !(input.peek(Token![fn]) || input.peek(Ident::peek_any) && input.peek2(token::Paren)) {
            if ends(input) {
                return None;
            }
            match input.parse::<Option<Token![async]>>().ok()? {
                Some(asyncness) => self.asyncness = Some(asyncness),
                None => self.stray = Some(input.parse::<TokenTree>().ok()?),
            }
        }
        Some(())
    }

    /// What belongs before it may stand behind it by mistake.
    fn past_fn(&mut self, input: ParseStream<'_>) -> Option<()> {
        loop {
            if input.peek(Token![pub]) {
                self.vis = input.parse().ok()?;
            } else if input.peek(Token![async]) {
                self.asyncness = input.parse().ok()?;
            } else if input.parse::<Option<Token![fn]>>().ok()?.is_none() {
                return Some(());
            }
        }
    }
}

/// What a method is called and takes.
struct Called {
    name: Ident,
    generics: Generics,
    params: Group,
}

impl Called {
    /// Its name may be what stood before the `fn`, or stand behind its parameters.
    fn read(input: ParseStream<'_>, stray: Option<TokenTree>) -> Option<Self> {
        let before = match stray {
            Some(TokenTree::Ident(name)) => Some(name),
            _ => None,
        };
        if before.is_none() && input.peek(token::Paren) && input.peek2(Ident::peek_any) {
            let params = group(input)?;
            return Some(Called { name: input.parse().ok()?, generics: Generics::default(), params });
        }
        let name = match before.filter(|_| input.peek(token::Paren)) {
            Some(name) => name,
            None => input.parse().ok()?,
        };
        let generics = syn::parse2(up_to_parameters(input)?).unwrap_or_default();
        Some(Called { name, generics, params: group(input)? })
    }
}

fn up_to_parameters(input: ParseStream<'_>) -> Option<TokenStream> {
    let mut between = TokenStream::new();
    while !input.peek(token::Paren) {
        if ends(input) && !(input.peek(Token![;]) && input.peek2(token::Paren)) {
            return None;
        }
        between.extend([input.parse::<TokenTree>().ok()?]);
    }
    Some(between)
}

fn group(input: ParseStream<'_>) -> Option<Group> {
    match input.parse().ok()? {
        TokenTree::Group(group) => Some(group),
        _ => None,
    }
}

fn ends(input: ParseStream<'_>) -> bool {
    input.is_empty() || input.peek(token::Brace) || input.peek(Token![;])
}

/// Those that can be read, also without their `#`, and what can be read in the others.
fn attributes(input: ParseStream<'_>) -> Option<Vec<Attribute>> {
    let mut attrs = Vec::new();
    while input.peek(Token![#]) || input.peek(token::Bracket) {
        let hash: Token![#] = input.parse::<Option<_>>().ok()?.unwrap_or_default();
        if !input.peek(token::Bracket) {
            continue;
        }
        let rest: TokenTree = input.parse().ok()?;
        let whole = Attribute::parse_outer.parse2(quote!(#hash #rest));
        attrs.extend(whole.or_else(|_| Attribute::parse_outer.parse2(inside(&rest))).unwrap_or_default());
    }
    Some(attrs)
}

/// The attribute that matters to us somewhere in the brackets of one that is none.
fn inside(brackets: &TokenTree) -> TokenStream {
    let TokenTree::Group(group) = brackets else { return TokenStream::new() };
    let mut inner = group.stream().into_iter();
    let name = inner.find(|token| INERT.iter().chain(&["cfg"]).any(|name| is_word(token, name)));
    let list = inner.next().filter(|token| matches!(token, TokenTree::Group(_)));
    name.map(|name| quote_spanned!(name.span()=> #[#name #list])).unwrap_or_default()
}

fn output(input: ParseStream<'_>, unknown: TokenStream) -> TokenStream {
    let ends = |input: ParseStream<'_>| ends(input) || input.peek(Token![where]);
    if ends(input) {
        return TokenStream::new();
    }
    // Half of an arrow is one.
    while input.peek(Token![->]) || input.peek(Token![-]) || input.peek(Token![>]) {
        let _ = input.parse::<TokenTree>();
    }
    match input.parse::<Type>() {
        Ok(ty) if ends(input) => quote!(-> #ty),
        _ => quote!(-> #unknown),
    }
}

/// The receiver, if there is one, and the parameters behind it.
fn parameters(tokens: TokenStream) -> Vec<TokenStream> {
    let mut all = Vec::new();
    let mut pieces = split(tokens).into_iter().peekable();
    if let Some(mut first) = pieces.next() {
        // A comma may have come in before `self`.
        if !first.iter().any(|token| is_word(token, "self") || sign(token) == ':') {
            let next = pieces.next_if(|next| next.iter().any(|token| is_word(token, "self")));
            first.extend(next.unwrap_or_default());
        }
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
            let next = piece.split_off(piece.len() - attributed(&piece));
            pieces.push(std::mem::replace(&mut piece, next));
            piece.push(token);
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

/// How many tokens at the end are a name, with `mut` and the attributes before it.
fn attributed(piece: &[TokenTree]) -> usize {
    let mut count = 1;
    loop {
        match piece.get(..piece.len().saturating_sub(count)) {
            Some([.., word]) if is_word(word, "mut") => count += 1,
            Some([.., hash, TokenTree::Group(_)]) if sign(hash) == '#' => count += 2,
            _ => return count.min(piece.len()),
        }
    }
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
    let has = |wanted: char| piece.iter().any(|token| sign(token) == wanted);
    let mut rest = match piece.iter().position(|token| is_word(token, "self")) {
        Some(at) => piece.split_off(at + 1),
        // It is missing behind its `&`.
        None if has('&') && !has(':') => Vec::new(),
        None => return (None, Some(piece)),
    };
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
    let unattributed = |input: ParseStream<'_>| {
        let attrs = attributes(input).unwrap_or_default();
        Ok(input.parse::<PatType>().map(|argument| quote!(#(#attrs)* #argument)))
    };
    if let Ok(Ok(argument)) = unattributed.parse2(whole) {
        return argument;
    }
    if let Some(argument) = named(&piece) {
        return argument;
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

/// `name @ pattern: Type` without a pattern that is none.
fn named(piece: &[TokenTree]) -> Option<TokenStream> {
    let [TokenTree::Ident(name), at, rest @ ..] = piece else { return None };
    let is_colon = |number: usize| rest.get(number).is_some_and(|token| sign(token) == ':');
    let colon = (0..rest.len())
        .find(|number| is_colon(*number) && !is_colon(number + 1) && !is_colon(number.wrapping_sub(1)))?;
    let ty: TokenStream = rest.get(colon + 1..)?.iter().cloned().collect();
    let ty = syn::parse2::<Type>(ty).ok()?;
    (sign(at) == '@').then(|| quote!(#name: #ty))
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
