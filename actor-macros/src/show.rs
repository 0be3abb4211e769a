//! Types as a person writes them, for messages.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// The tokens as text, with spaces only where Rust code has them.
pub(crate) fn show(tokens: &impl ToTokens) -> String {
    let mut text = String::new();
    write(&mut text, tokens.to_token_stream());
    text
}

fn write(text: &mut String, tokens: TokenStream) {
    let mut after_lifetime = false;
    for token in tokens {
        let is_name_of_lifetime = text.ends_with('\'') && matches!(token, TokenTree::Ident(_));
        match token {
            TokenTree::Group(group) => {
                if after_lifetime || [" mut", "&mut", " dyn"].iter().any(|word| text.ends_with(word)) {
                    text.push(' ');
                }
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(text, group.stream());
                text.push_str(close);
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                ',' => text.push_str(", "),
                ';' => text.push_str("; "),
                '+' | '=' => {
                    text.push(' ');
                    text.push(punct.as_char());
                    text.push(' ');
                }
                '-' if punct.spacing() == Spacing::Joint => text.push_str(" -"),
                '>' if text.ends_with(" -") => text.push_str("> "),
                ':' if punct.spacing() == Spacing::Alone && !text.ends_with(':') => text.push_str(": "),
                sign => text.push(sign),
            },
            word => {
                if text.ends_with(|last: char| last.is_alphanumeric() || last == '_') {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
            }
        }
        after_lifetime = is_name_of_lifetime;
    }
}

#[cfg(test)]
mod tests {
    use super::show;
    use quote::quote;

    #[test]
    fn spaces_as_in_code() {
        for text in [
            "&'a [&'a str]",
            "Option<Vec<u8>>",
            "std::io::Result<u64>",
            "impl Into<String> + Send",
            "&mut T",
            "&mut [u8]",
            "Option<&'a mut (u8, u8)>",
            "impl Fn(&T) -> &str + Send",
        ] {
            let tokens: proc_macro2::TokenStream = text.parse().unwrap_or_default();
            assert_eq!(show(&quote!(#tokens)), text);
        }
    }
}
