//! What stands in the parentheses of an attribute.

mod block;
mod message;
mod protocol;
mod structs;
mod test;

pub(crate) use block::BlockOptions;
pub(crate) use message::MessageOptions;
pub(crate) use protocol::ProtocolOptions;
pub(crate) use structs::{Mailbox, StructOptions};
pub(crate) use test::TestOptions;

use crate::errors::{self, Errors};
use crate::naming;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Ident, Path, Token, token};

/// An option as written.
pub(crate) struct Entry {
    pub(crate) name: Ident,
    pub(crate) value: Value,
}

pub(crate) enum Value {
    /// `interleave`
    Nothing,
    /// `timeout = EXPR`
    Expr(Box<Expr>),
    /// `extends = Bidder`
    Path(Path),
    /// `derive(Clone)`
    List(TokenStream),
}

/// An option that exists.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    form: Form,
    /// How it is written, for messages.
    example: &'static str,
}

#[derive(PartialEq)]
enum Form {
    Flag,
    Value,
    FlagOrValue,
    Path,
    List,
}

/// Where options stand, and which exist there.
pub(crate) struct Place {
    pub(crate) name: &'static str,
    pub(crate) known: &'static [Known],
}

/// What other libraries call an option.
const SYNONYMS: [(&str, &str); 14] = [
    ("bound", "mailbox"),
    ("buffer", "mailbox"),
    ("capacity", "mailbox"),
    ("deadline", "timeout"),
    ("escalate", "fatal"),
    ("fallible", "result"),
    ("ignore", "skip"),
    ("inline", "direct"),
    ("on_full", "overflow"),
    ("priority", "urgent"),
    ("queue", "mailbox"),
    ("readonly", "concurrent"),
    ("rename", "name"),
    ("variant", "name"),
];

const PLACES: [&Place; 4] = [&structs::PLACE, &block::PLACE, &message::PLACE, &protocol::PLACE];

impl Place {
    fn find(&self, name: &Ident) -> Option<&'static Known> {
        self.known.iter().find(|known| name == known.name)
    }

    /// The one that is most likely meant.
    fn meant(&self, name: &Ident) -> Option<&'static Known> {
        let names: Vec<&str> = self.known.iter().map(|known| known.name).collect();
        let word = name.to_string();
        let synonym = SYNONYMS.iter().find(|(other, meant)| word == *other && names.contains(meant));
        let meant = synonym.map(|(_, meant)| *meant).or_else(|| naming::closest(&word, &names))?;
        self.known.iter().find(|known| known.name == meant)
    }
}

/// The options that are right in form; the rest are errors, each on its own.
pub(crate) fn parse(tokens: TokenStream, place: &Place, errors: &mut Errors) -> Vec<Entry> {
    let parser = |input: ParseStream<'_>| {
        let mut entries: Vec<Entry> = Vec::new();
        while !input.is_empty() {
            let before = errors.count();
            if let Some(entry) = parse_one(input, place, errors)? {
                if !entries.iter().any(|earlier| earlier.name == entry.name) {
                    entries.push(entry);
                } else if errors.count() == before {
                    errors.push(&entry.name, errors::option_twice(&entry.name));
                }
            }
            if !is_known(input, place) {
                skip_to_comma(input)?;
            }
        }
        Ok(entries)
    };
    match parser.parse2(tokens) {
        Ok(entries) => entries,
        Err(error) => {
            errors.push_option(error);
            Vec::new()
        }
    }
}

fn parse_one(input: ParseStream<'_>, place: &Place, errors: &mut Errors) -> syn::Result<Option<Entry>> {
    if !input.peek(Ident::peek_any) {
        let token = input.parse::<TokenTree>()?;
        errors.push(&token, errors::not_an_option(place.name, &list(place)));
        if let Some(entry) = nameless(&token, place) {
            return Ok(Some(entry));
        }
        while !input.is_empty() && !input.peek(Token![,]) && !is_known(input, place) {
            input.parse::<TokenTree>()?;
        }
    }
    // Behind what is none there may be an option all the same.
    while input.peek(Ident::peek_any) {
        let name = input.call(Ident::parse_any)?;
        let Some(known) = place.find(&name) else {
            errors.push(&name, unknown(&name, place));
            if let Some(meant) = place.meant(&name) {
                let name = Ident::new(meant.name, name.span());
                return Ok(parse_value(input, meant).ok().map(|value| Entry { name, value }));
            }
            if is_known(input, place) {
                continue;
            }
            break;
        };
        let behind = input.fork();
        match parse_value(input, known) {
            Ok(value) => {
                if !input.is_empty() && !input.peek(Token![,]) {
                    let next = input.fork().parse::<TokenTree>()?;
                    errors.push(&next, errors::comma_expected(known.name, known.example));
                }
                return Ok(Some(Entry { name, value }));
            }
            Err(text) => errors.push(&name, text),
        }
        if known.form == Form::Path
            && let Some(path) = path_in(&behind)
        {
            return Ok(Some(Entry { name, value: Value::Path(path) }));
        }
        // The comma may stand before the list instead of behind it.
        if known.form == Form::List && input.peek(Token![,]) && input.peek2(token::Paren) {
            input.parse::<Token![,]>()?;
            return Ok(parse_value(input, known).ok().map(|value| Entry { name, value }));
        }
        if !is_known(input, place) {
            break;
        }
    }
    Ok(None)
}

/// The path that is meant where it does not stand behind a `=`.
fn path_in(behind: ParseStream<'_>) -> Option<Path> {
    behind.parse::<Option<Token![=]>>().ok()?;
    match behind.peek(token::Paren) {
        true => match behind.parse().ok()? {
            TokenTree::Group(group) => syn::parse2(group.stream()).ok(),
            _ => None,
        },
        false => behind.call(Path::parse_mod_style).ok(),
    }
}

fn is_known(input: ParseStream<'_>, place: &Place) -> bool {
    input.fork().call(Ident::parse_any).is_ok_and(|name| place.find(&name).is_some())
}

/// Of a list without a name: it may be of the only option that takes one.
fn nameless(token: &TokenTree, place: &Place) -> Option<Entry> {
    let TokenTree::Group(group) = token else { return None };
    let known = place.known.iter().find(|known| known.form == Form::List)?;
    let is_list = group.delimiter() == Delimiter::Parenthesis;
    is_list.then(|| Entry { name: Ident::new(known.name, group.span()), value: Value::List(group.stream()) })
}

fn parse_value(input: ParseStream<'_>, known: &Known) -> Result<Value, String> {
    let wrong = || match known.form {
        Form::Flag => errors::takes_no_value(known.name, known.example),
        _ => errors::needs_value(known.name, known.example),
    };
    if input.peek(Token![=]) && known.form == Form::Path {
        let parsed = input.parse::<Token![=]>().and_then(|_| input.parse::<Path>());
        return parsed.map(Value::Path).map_err(|_| wrong());
    }
    if input.peek(Token![=]) {
        let parsed = input.parse::<Token![=]>().and_then(|_| input.parse::<Expr>());
        return match (parsed, &known.form) {
            (Ok(value), Form::Value | Form::FlagOrValue) => Ok(Value::Expr(Box::new(peel(value)))),
            _ => Err(wrong()),
        };
    }
    if input.peek(token::Paren) {
        return match (input.parse::<TokenTree>(), &known.form) {
            (Ok(TokenTree::Group(group)), Form::List) => Ok(Value::List(group.stream())),
            _ => Err(wrong()),
        };
    }
    match known.form {
        Form::Flag | Form::FlagOrValue => Ok(Value::Nothing),
        Form::Value | Form::Path | Form::List => Err(wrong()),
    }
}

/// The value without the invisible groups that `$value:literal` and `$value:expr` leave.
fn peel(mut value: Expr) -> Expr {
    while let Expr::Group(group) = value {
        value = *group.expr;
    }
    value
}

fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() {
        if input.parse::<Option<Token![,]>>()?.is_some() {
            break;
        }
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

fn unknown(name: &Ident, place: &Place) -> String {
    if name == "extends" && [structs::PLACE.name, block::PLACE.name].contains(&place.name) {
        return errors::extends_actor(place.name);
    }
    if let Some(elsewhere) = PLACES.iter().find(|other| other.find(name).is_some()) {
        return errors::option_elsewhere(name, place.name, elsewhere.name);
    }
    match place.meant(name) {
        Some(meant) => errors::unknown_option_like(name, place.name, meant.name),
        None => errors::unknown_option(name, place.name, &list(place)),
    }
}

fn list(place: &Place) -> String {
    let names: Vec<String> = place.known.iter().map(|known| format!("`{}`", known.name)).collect();
    names.join(", ")
}

/// The single word of a value such as `unbounded`.
fn word(value: &Expr) -> Option<&Ident> {
    match value {
        Expr::Path(path) if path.qself.is_none() => path.path.get_ident(),
        _ => None,
    }
}

/// The literal `true` or `false`.
fn boolean(value: &Expr) -> Option<bool> {
    match value {
        Expr::Lit(literal) => match &literal.lit {
            syn::Lit::Bool(literal) => Some(literal.value),
            _ => None,
        },
        _ => None,
    }
}

/// Where the library is: `crate = ::path`, or its own name.
fn library(entry: Option<&Entry>, errors: &mut Errors) -> TokenStream {
    if let Some(Value::Expr(value)) = entry.map(|entry| &entry.value) {
        match &**value {
            Expr::Path(path) if path.qself.is_none() && !is_self(&path.path) => return quote!(#path),
            other => errors.push(other, errors::crate_path()),
        }
    }
    quote!(::actor_core)
}

/// Whether it begins with the type, in which there is no library.
fn is_self(path: &Path) -> bool {
    path.segments.first().is_some_and(|first| first.ident == "Self")
}
