//! Links in documentation that is repeated: `Self` is another type there, which may have no such item.

use crate::model::ActorImpl;
use crate::naming;
use proc_macro2::{Group, Literal, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::{LitStr, Path};

/// Where `Self::item` leads.
pub(super) struct Links {
    actor: String,
    handle: String,
    messages: Vec<String>,
}

impl Links {
    pub(super) fn new(block: &ActorImpl, actor: &Path, handle: &Path) -> Self {
        Links {
            actor: plain(actor),
            handle: plain(handle),
            messages: block.messages.iter().map(|message| naming::plain(&message.name)).collect(),
        }
    }

    /// On the handle: it has the messages, the actor the rest.
    pub(super) fn on_handle(&self, docs: &TokenStream) -> TokenStream {
        self.lead(docs, |item| (!self.is_message(item)).then_some(&self.actor))
    }

    /// On a variant.
    pub(super) fn on_variant(&self, docs: &TokenStream) -> TokenStream {
        self.lead(docs, |item| Some(if self.is_message(item) { &self.handle } else { &self.actor }))
    }

    fn is_message(&self, item: &str) -> bool {
        self.messages.iter().any(|message| message == item)
    }

    /// The attributes with their links led to the type that `home` names; a link that is its own text gets a definition.
    fn lead<'a>(&self, docs: &TokenStream, home: impl Fn(&str) -> Option<&'a String>) -> TokenStream {
        if !docs.to_string().contains("Self::") {
            return docs.clone();
        }
        let mut definitions = Vec::new();
        let led = texts(docs.clone(), &mut |text| lead_text(text, &home, &mut definitions));
        if definitions.is_empty() {
            return led;
        }
        quote! { #led #[doc = ""] #(#[doc = #definitions])* }
    }
}

/// The path without arguments.
fn plain(path: &Path) -> String {
    let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.unraw().to_string()).collect();
    let start = if path.leading_colon.is_some() { "::" } else { "" };
    format!("{start}{}", names.join("::"))
}

/// The attributes with the literals of `doc = ".."` changed.
fn texts(docs: TokenStream, change: &mut dyn FnMut(&str) -> String) -> TokenStream {
    docs.into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => {
                let mut changed = Group::new(group.delimiter(), texts(group.stream(), change));
                changed.set_span(group.span());
                TokenTree::Group(changed)
            }
            TokenTree::Literal(literal) => TokenTree::Literal(change_literal(literal, change)),
            other => other,
        })
        .collect()
}

fn change_literal(literal: Literal, change: &mut dyn FnMut(&str) -> String) -> Literal {
    let Ok(text) = syn::parse2::<LitStr>(literal.to_token_stream()) else { return literal };
    let mut changed = Literal::string(&change(&text.value()));
    changed.set_span(literal.span());
    changed
}

fn lead_text<'a>(
    text: &str,
    home: &impl Fn(&str) -> Option<&'a String>,
    definitions: &mut Vec<String>,
) -> String {
    let mut led = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("Self::") {
        led.push_str(before);
        let item: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let behind = after.get(item.len()..).unwrap_or_default();
        // `[fn@Self::item]` says what it is.
        let kind = led.rsplit_once(|c: char| !c.is_alphanumeric() && c != '@').map_or("", |(_, kind)| kind);
        let kind = if kind.ends_with('@') { kind.to_owned() } else { String::new() };
        let start = led.strip_suffix(&kind).unwrap_or_default();
        match home(&item) {
            Some(home) if start.ends_with("](") || start.ends_with("]: ") => led.push_str(home),
            Some(home) => {
                if let Some((label, target)) = label(start, &kind, &item, behind) {
                    let definition = format!("[{label}]: {kind}{home}::{target}");
                    if !definitions.contains(&definition) {
                        definitions.push(definition);
                    }
                }
                led.push_str("Self");
            }
            None => led.push_str("Self"),
        }
        led.push_str("::");
        rest = after;
    }
    led.push_str(rest);
    led
}

/// What stands in the brackets of a link that is nothing but its text, and what it says of the type.
fn label(before: &str, kind: &str, item: &str, behind: &str) -> Option<(String, String)> {
    let tick = if before.ends_with("[`") { "`" } else { "" };
    let (inner, end) = behind.split_once(']')?;
    // `()`, `!` or the name of a section.
    let inner = inner.strip_suffix(tick)?;
    let is_word = !inner.contains(|c: char| c.is_whitespace() || c == '`' || c == '[');
    let is_alone = (before.ends_with('[') || before.ends_with("[`")) && !end.starts_with(['(', '[', ':']);
    let target = inner.strip_suffix("()").unwrap_or(inner);
    (is_alone && is_word)
        .then(|| (format!("{tick}{kind}Self::{item}{inner}{tick}"), format!("{item}{target}")))
}

#[cfg(test)]
mod tests {
    use super::lead_text;

    fn led(text: &str) -> (String, Vec<String>) {
        let (home, mut definitions) = ("Account".to_owned(), Vec::new());
        let led = lead_text(text, &|item| (item != "deposit").then_some(&home), &mut definitions);
        (led, definitions)
    }

    #[test]
    fn a_link_leads_to_where_its_item_is() {
        let same = |text: &str| (text.to_owned(), Vec::new());
        assert_eq!(led("see [it](Self::open)."), ("see [it](Account::open).".to_owned(), Vec::new()));
        assert_eq!(led("[it]: Self::open"), ("[it]: Account::open".to_owned(), Vec::new()));
        assert_eq!(led("see [`Self::deposit`]"), same("see [`Self::deposit`]"));
        assert_eq!(led("`Self::open` is no link"), same("`Self::open` is no link"));
        assert_eq!(
            led("[`Self::open`](other), [x: Self::open]"),
            same("[`Self::open`](other), [x: Self::open]")
        );
        let text = "[`Self::open`], [Self::ROOM], [`Self::open()`] and [`Self::open`]";
        let definitions = [
            "[`Self::open`]: Account::open",
            "[Self::ROOM]: Account::ROOM",
            "[`Self::open()`]: Account::open",
        ];
        assert_eq!(led(text), (text.to_owned(), definitions.map(str::to_owned).to_vec()));
        assert_eq!(led("[it](fn@Self::open)").0, "[it](fn@Account::open)");
        let text = "[`fn@Self::open`], [Self::ROOM#why] and [Self::ROOM of it]";
        let definitions = ["[`fn@Self::open`]: fn@Account::open", "[Self::ROOM#why]: Account::ROOM#why"];
        assert_eq!(led(text), (text.to_owned(), definitions.map(str::to_owned).to_vec()));
    }
}
