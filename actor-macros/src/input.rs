//! What the attribute stands on. Bodies stay raw tokens: code that is half typed inside of them breaks nothing here.

use crate::errors::{self, Errors};
use crate::recovery;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::format_ident;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{
    Attribute, Field, FieldsNamed, FieldsUnnamed, GenericParam, Generics, Ident, Path, Signature, Token,
    Type, TypeParamBound, Visibility, token,
};

pub(crate) enum Input {
    Struct(Box<StructInput>),
    Impl(Box<ImplInput>),
    Trait(Box<TraitInput>),
}

pub(crate) struct StructInput {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    /// The types of its fields, as far as they can be read.
    pub(crate) fields: Vec<Type>,
}

pub(crate) struct ImplInput {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) generics: Generics,
    pub(crate) trait_: Option<Path>,
    pub(crate) self_ty: Type,
    pub(crate) methods: Vec<MethodInput>,
    /// The attributes of what is no method.
    pub(crate) strays: Vec<Attribute>,
}

pub(crate) struct TraitInput {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) supertraits: Punctuated<TypeParamBound, Token![+]>,
    pub(crate) methods: Vec<MethodInput>,
    /// The names of its associated types.
    pub(crate) types: Vec<Ident>,
    /// The attributes of what is no method.
    pub(crate) strays: Vec<Attribute>,
}

/// A function of the block without its body.
pub(crate) struct MethodInput {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) sig: Signature,
    /// Whether it has one: in a trait it need not.
    pub(crate) has_body: bool,
}

/// `None` where the attribute stands on something else; that is an error already.
pub(crate) fn parse(item: TokenStream, errors: &mut Errors) -> Option<Input> {
    let mut found = None;
    let last = item.clone().into_iter().last();
    let parser = |input: ParseStream<'_>| {
        match parse_item(input, errors) {
            Ok(item) => found = item,
            // What is missing at the end has no place of its own.
            Err(error) if input.is_empty() => errors.push_item(syn::Error::new_spanned(&last, error)),
            Err(error) => errors.push_item(error),
        }
        // Whatever is left was left on purpose.
        input.parse::<TokenStream>()
    };
    // What is left over in some group.
    if let Err(error) = parser.parse2(item)
        && errors.is_sound()
    {
        errors.push_item(error);
    }
    found
}

fn parse_item(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Input>> {
    let attrs = input.call(Attribute::parse_outer)?;
    let vis: Visibility = input.parse()?;
    if input.peek(Token![struct]) {
        input.parse::<Token![struct]>()?;
        return parse_struct(input, attrs, vis).map(|input| Some(Input::Struct(Box::new(input))));
    }
    let ahead = input.fork();
    ahead.parse::<Option<Token![unsafe]>>()?;
    if ahead.peek(Token![impl]) {
        input.parse::<Option<Token![unsafe]>>()?;
        return parse_impl(input, attrs, errors).map(|input| Some(Input::Impl(Box::new(input))));
    }
    if ahead.peek(Token![trait]) {
        input.parse::<Option<Token![unsafe]>>()?;
        return parse_trait(input, attrs, vis, errors).map(|input| Some(Input::Trait(Box::new(input))));
    }
    // `enum`, `fn`, `mod`, `union`, ..: the keyword is what tells.
    let keyword: TokenTree = input.parse()?;
    let word = match &keyword {
        TokenTree::Group(group) => brackets(group).to_owned(),
        word => word.to_string(),
    };
    if matches!(word.as_str(), "enum" | "union") && input.peek(Ident) {
        errors.push(&keyword, errors::data_item(&word));
        // What the impl block needs of it is there, so that only this is wrong.
        return parse_struct(input, attrs, vis).map(|input| Some(Input::Struct(Box::new(input))));
    }
    errors.push(&keyword, errors::not_an_item(&word));
    Ok(None)
}

fn brackets(group: &Group) -> &'static str {
    match group.delimiter() {
        Delimiter::Parenthesis => "(..)",
        Delimiter::Brace => "{ .. }",
        Delimiter::Bracket => "[..]",
        Delimiter::None => "..",
    }
}

fn parse_struct(input: ParseStream<'_>, attrs: Vec<Attribute>, vis: Visibility) -> syn::Result<StructInput> {
    let ident = input.parse()?;
    let mut generics = named(input.parse()?);
    let mut fields = Vec::new();
    if input.peek(token::Paren) {
        fields = types(input.fork().parse::<FieldsUnnamed>().map(|fields| fields.unnamed));
        input.parse::<TokenTree>()?;
    }
    generics.where_clause = input.parse()?;
    if input.peek(token::Brace) {
        fields = types(input.fork().parse::<FieldsNamed>().map(|fields| fields.named));
    }
    Ok(StructInput { attrs, vis, ident, generics, fields })
}

/// With a name for what is called `_`, of which the compiler has said that it needs one: it would say so again of each copy.
fn named(mut generics: Generics) -> Generics {
    for (number, param) in generics.params.iter_mut().enumerate() {
        let name = match param {
            GenericParam::Type(param) => &mut param.ident,
            GenericParam::Const(param) => &mut param.ident,
            GenericParam::Lifetime(_) => continue,
        };
        if name == "_" {
            *name = format_ident!("Unnamed{number}", span = name.span());
        }
    }
    generics
}

/// None of a list that is half typed: rustc says what is wrong with it.
fn types(fields: syn::Result<Punctuated<Field, Token![,]>>) -> Vec<Type> {
    fields.map(|fields| fields.into_iter().map(|field| field.ty).collect()).unwrap_or_default()
}

fn parse_impl(input: ParseStream<'_>, attrs: Vec<Attribute>, errors: &mut Errors) -> syn::Result<ImplInput> {
    input.parse::<Token![impl]>()?;
    // `impl <A as B>::C { .. }` is a type in angle brackets.
    let has_generics = input.peek(Token![<])
        && (input.peek2(Token![>])
            || input.peek2(Token![#])
            || input.peek2(Token![const])
            || (input.peek2(syn::Lifetime) || input.peek2(Ident))
                && (input.peek3(Token![:]) && !input.peek3(Token![::])
                    || input.peek3(Token![,])
                    || input.peek3(Token![>])
                    || input.peek3(Token![=])));
    let mut generics: Generics = if has_generics { input.parse()? } else { Generics::default() };
    input.parse::<Option<Token![!]>>()?;
    let first: Type = input.parse()?;
    let (trait_, self_ty) = if input.peek(Token![for]) {
        input.parse::<Token![for]>()?;
        let path = match first {
            Type::Path(path) => path.path,
            other => return Err(syn::Error::new(other.span(), "expected a trait")),
        };
        (Some(path), input.parse()?)
    } else {
        (None, first)
    };
    generics.where_clause = input.parse()?;
    let Members { methods, strays, .. } = parse_members(input, errors)?;
    Ok(ImplInput { attrs, generics, trait_, self_ty, methods, strays })
}

fn parse_trait(
    input: ParseStream<'_>,
    attrs: Vec<Attribute>,
    vis: Visibility,
    errors: &mut Errors,
) -> syn::Result<TraitInput> {
    input.parse::<Token![trait]>()?;
    let ident = input.parse()?;
    let mut generics = named(input.parse()?);
    let mut supertraits = Punctuated::new();
    if input.parse::<Option<Token![:]>>()?.is_some() {
        while !input.peek(Token![where]) && !input.peek(token::Brace) {
            supertraits.push_value(input.parse()?);
            match input.parse::<Option<Token![+]>>()? {
                Some(plus) => supertraits.push_punct(plus),
                None => break,
            }
        }
    }
    generics.where_clause = input.parse()?;
    let Members { methods, types, strays } = parse_members(input, errors)?;
    Ok(TraitInput { attrs, vis, ident, generics, supertraits, methods, types, strays })
}

/// What stands in the braces.
#[derive(Default)]
struct Members {
    methods: Vec<MethodInput>,
    types: Vec<Ident>,
    strays: Vec<Attribute>,
}

impl Members {
    /// In place of what was read, if only what follows that is wrong: it may be the return type.
    fn add_repaired(&mut self, start: ParseStream<'_>, said: Option<TokenStream>) {
        let Some(method) = recovery::repair(start, said) else { return };
        self.methods.pop_if(|last| last.sig.ident == method.sig.ident);
        self.methods.push(method);
    }
}

fn parse_members(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Members> {
    let body;
    syn::braced!(body in input);
    body.call(Attribute::parse_inner)?;
    let mut members = Members::default();
    let mut is_lost = false;
    while !body.is_empty() {
        let start = body.fork();
        match parse_member(&body, &mut members) {
            Ok(()) => skip_body(&body)?,
            Err(error) => {
                // What comes next may be wrong only because this is.
                if !is_lost {
                    errors.push_item(error);
                }
                is_lost = true;
                members.add_repaired(&start, errors.unread_as_type());
                recovery::skip_broken(&start, &body)?;
            }
        }
    }
    Ok(members)
}

/// Up to its body.
fn parse_member(input: ParseStream<'_>, members: &mut Members) -> syn::Result<()> {
    let attrs = input.call(Attribute::parse_outer)?;
    let vis = input.parse()?;
    if is_function(input) {
        let sig = input.parse()?;
        let has_body = !input.peek(Token![;]);
        members.methods.push(MethodInput { attrs, vis, sig, has_body });
        return expect_body(input);
    }
    if !is_other_member(input) {
        input.parse::<Token![fn]>()?;
    }
    members.strays.extend(attrs);
    if input.peek(Token![type]) && input.peek2(Ident) {
        let ahead = input.fork();
        ahead.parse::<Token![type]>()?;
        members.types.push(ahead.parse()?);
    }
    expect_constant(&input.fork())
}

/// What is wrong in one costs rustc the rest of the block. Its value stays raw, as bodies do, but ends before another member.
fn expect_constant(ahead: ParseStream<'_>) -> syn::Result<()> {
    if ahead.parse::<Option<Token![const]>>()?.is_none() {
        return Ok(());
    }
    if ahead.parse::<Option<Token![_]>>()?.is_none() {
        ahead.parse::<Ident>()?;
    }
    ahead.parse::<Token![:]>()?;
    ahead.parse::<Type>()?;
    if !ahead.peek(Token![;]) {
        ahead.parse::<Token![=]>()?;
    }
    if ahead.peek(Token![=]) {
        return Err(ahead.error("expected an expression"));
    }
    while !ahead.is_empty() && !ahead.peek(Token![;]) {
        if ahead.peek(Token![pub]) {
            return Err(ahead.error("expected `;`"));
        }
        ahead.parse::<TokenTree>()?;
    }
    Ok(())
}

fn expect_body(input: ParseStream<'_>) -> syn::Result<()> {
    let ahead = input.lookahead1();
    if ahead.peek(token::Brace) || ahead.peek(Token![;]) { Ok(()) } else { Err(ahead.error()) }
}

/// Whether a constant, a type or a macro comes.
fn is_other_member(input: ParseStream<'_>) -> bool {
    input.peek(Token![const])
        || input.peek(Token![type])
        || input.peek(Token![::])
        || input.peek(Ident::peek_any) && (input.peek2(Token![!]) || input.peek2(Token![::]))
}

/// The signature with what stands before it, if a function comes.
pub(crate) fn parse_function(input: ParseStream<'_>) -> Option<(Vec<Attribute>, Visibility, Signature)> {
    let (attrs, vis) = (input.call(Attribute::parse_outer).ok()?, input.parse().ok()?);
    if !is_function(input) {
        return None;
    }
    Some((attrs, vis, input.parse().ok()?))
}

/// Whether a function comes, after any of `const async unsafe safe extern "C"`.
fn is_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    loop {
        if ahead.peek(Token![fn]) {
            return true;
        }
        if ahead.peek(syn::LitStr) {
            if ahead.parse::<syn::LitStr>().is_err() {
                return false;
            }
            continue;
        }
        let is_modifier = match ahead.call(Ident::parse_any) {
            Ok(word) => ["const", "async", "unsafe", "safe", "extern"].iter().any(|known| word == known),
            Err(_) => false,
        };
        if !is_modifier {
            return false;
        }
    }
}

/// Goes on behind the next `;` or braces.
fn skip_body(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() {
        match input.parse::<TokenTree>()? {
            TokenTree::Punct(punct) if punct.as_char() == ';' => break,
            TokenTree::Group(group) if is_block(&group) => break,
            _ => {}
        }
    }
    Ok(())
}

/// Whether it is braces, also those of a `$body:block` from `macro_rules!`.
fn is_block(group: &Group) -> bool {
    match group.delimiter() {
        Delimiter::Brace => true,
        Delimiter::None => {
            let mut inner = group.stream().into_iter();
            matches!((inner.next(), inner.next()), (Some(TokenTree::Group(block)), None) if is_block(&block))
        }
        _ => false,
    }
}
