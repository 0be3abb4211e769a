//! Where a text has actors: the items with the attribute, and the tokens in them.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::ops::Range;

/// Attributes that mean something in an actor's item only.
pub const HELPERS: [&str; 5] = ["message", "on_start", "on_stop", "on_exit", "every"];

/// An item with `#[actor]`, as siblings of one level.
#[derive(Debug)]
pub struct Site {
    /// The tokens of the item from the attribute on.
    tokens: Vec<TokenTree>,
}

/// A token of a site.
#[derive(Clone, Debug)]
pub struct Spot {
    /// Where it stands in the text.
    pub range: Range<usize>,
    /// Where the next one of its level stands.
    pub next: Option<Range<usize>>,
    /// What it says; of a group, nothing.
    pub word: String,
    /// Whether an attribute may stand before it.
    pub starts: bool,
    /// Whether it lies in the body of a method.
    pub in_body: bool,
    /// Whether it is of the item's own name, or stands beside it.
    pub names: bool,
}

/// All items with the attribute, wherever they are.
///
/// # Panics
///
/// If the text is no Rust at all: those of the repository are.
#[must_use]
pub fn sites(text: &str) -> Vec<Site> {
    let tokens: TokenStream = text.parse().expect("text that compiles");
    let mut sites = Vec::new();
    find(tokens, &mut sites);
    sites
}

fn find(tokens: TokenStream, sites: &mut Vec<Site>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if is_attribute(&tokens[at..], |name| name == "actor") {
            let length = length(&tokens[at..]);
            sites.push(Site { tokens: tokens[at..at + length].to_vec() });
            at += length;
            continue;
        }
        if let TokenTree::Group(group) = &tokens[at] {
            find(group.stream(), sites);
        }
        at += 1;
    }
}

/// Whether an attribute of such a name comes; the name is the last of its path.
#[must_use]
pub fn is_attribute(tokens: &[TokenTree], is: impl Fn(&str) -> bool) -> bool {
    let [TokenTree::Punct(hash), TokenTree::Group(group), ..] = tokens else { return false };
    if hash.as_char() != '#' || group.delimiter() != Delimiter::Bracket {
        return false;
    }
    let path = group.stream().into_iter().take_while(|token| match token {
        TokenTree::Ident(_) => true,
        TokenTree::Punct(punct) => punct.as_char() == ':',
        _ => false,
    });
    path.last().is_some_and(|last| is(&last.to_string()))
}

/// How many tokens the item has that starts with these.
fn length(tokens: &[TokenTree]) -> usize {
    let ends = |token: &TokenTree| match token {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    };
    tokens.iter().position(ends).map_or(tokens.len(), |end| end + 1)
}

impl Site {
    /// All of its tokens.
    #[must_use]
    pub fn spots(&self) -> Vec<Spot> {
        let mut spots = Vec::new();
        walk(&self.tokens, 0, false, &mut spots);
        spots
    }
}

fn walk(tokens: &[TokenTree], depth: usize, in_body: bool, spots: &mut Vec<Spot>) {
    let pieces = pieces(tokens);
    for (number, piece) in pieces.iter().enumerate() {
        let token = piece[0];
        let before = number.checked_sub(1).map(|before| pieces[before][0]);
        let next = pieces.get(number + 1);
        spots.push(Spot {
            range: range(piece),
            next: next.map(|next| range(next)),
            word: if matches!(token, TokenTree::Group(_)) { String::new() } else { token.to_string() },
            starts: before.is_none_or(ends),
            in_body,
            names: depth == 0
                && [before, Some(token), next.map(|next| next[0])].into_iter().flatten().any(is_name),
        });
        if let TokenTree::Group(group) = token {
            let inner: Vec<TokenTree> = group.stream().into_iter().collect();
            // The braces of an item hold methods or fields; those in them hold bodies.
            let in_body = in_body || depth == 1 && group.delimiter() == Delimiter::Brace;
            walk(&inner, depth + 1, in_body, spots);
        }
    }
}

/// What stands or falls together: a doc comment is several tokens of one place, and a lifetime torn apart makes a literal of
/// what comes next.
fn pieces(tokens: &[TokenTree]) -> Vec<Vec<&TokenTree>> {
    let mut pieces: Vec<Vec<&TokenTree>> = Vec::new();
    for token in tokens {
        match pieces.last_mut() {
            Some(piece) if range(piece).end > token.span().byte_range().start => {}
            Some(piece) if matches!(piece[..], [TokenTree::Punct(tick)] if tick.as_char() == '\'') => {
                piece.push(token);
            }
            _ => pieces.push(vec![token]),
        }
    }
    pieces
}

fn range(piece: &[&TokenTree]) -> Range<usize> {
    let ranges = piece.iter().map(|token| token.span().byte_range());
    ranges.reduce(|first, last| first.start..last.end).unwrap_or_default()
}

/// Whether it looks like the name of a type.
fn is_name(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(word) if word.to_string().starts_with(char::is_uppercase))
}

/// Whether something new begins behind it: an item, a parameter, a field.
fn ends(token: &TokenTree) -> bool {
    match token {
        TokenTree::Group(group) => group.delimiter() != Delimiter::Parenthesis,
        TokenTree::Punct(punct) => matches!(punct.as_char(), ',' | ';'),
        _ => false,
    }
}
