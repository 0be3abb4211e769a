//! The same text without the macro: what the compiler says of the mistake by itself.

use crate::site::{HELPERS, is_attribute};
use proc_macro2::{TokenStream, TokenTree};
use std::ops::Range;

/// The text with spaces in place of `#[actor]` and its helpers; `None` if it is no Rust.
#[must_use]
pub fn without_attributes(text: &str) -> Option<String> {
    let tokens: TokenStream = text.parse().ok()?;
    let mut ours = Vec::new();
    find(tokens, &mut ours);
    let mut plain = text.to_owned();
    for range in ours {
        let blank: String = text[range.clone()]
            .chars()
            .map(|c| if c == '\n' { "\n".to_owned() } else { " ".repeat(c.len_utf8()) })
            .collect();
        plain.replace_range(range, &blank);
    }
    Some(plain)
}

fn find(tokens: TokenStream, ours: &mut Vec<Range<usize>>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (number, token) in tokens.iter().enumerate() {
        if is_attribute(&tokens[number..], |name| name == "actor" || HELPERS.contains(&name)) {
            let end = tokens.get(number + 1).map_or(0, |group| group.span().byte_range().end);
            ours.push(token.span().byte_range().start..end);
        }
        // One within the brackets of another is the mistake.
        let before = number.checked_sub(1).map(|before| tokens[before].to_string());
        if let TokenTree::Group(group) = token
            && before.is_none_or(|before| before != "#")
        {
            find(group.stream(), ours);
        }
    }
}
