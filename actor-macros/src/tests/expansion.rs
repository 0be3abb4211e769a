//! The expansion that the documentation shows is the one that is written.
//!
//! After a change of it, `BLESS=1 cargo test -p actor-macros expansion` writes it down; read the difference.

use crate::run;
use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;
use std::path::Path;
use std::{env, fs};
use syn::visit_mut::{VisitMut, visit_field_value_mut, visit_type_mut};
use syn::{Attribute, Expr, FieldValue, File, Ident, Item, Member, Type, parse_quote};

const HEAD: &str = "
# What it writes

For the account of the README, behind the struct and the impl block, which stay as they are. In truth all paths are whole, from
`::core` and `::actor_core` on, so that no name in scope matters, and three lints of clippy's restrictions are allowed; both are left
out here, and so are `#[automatically_derived]`, the `Clone`, `Debug`, `PartialEq`, `Eq` and `Hash` of the handle, the call of a macro of
the library that writes its `Serialize` and `Deserialize` where handles travel, and the two underscores before the names of locals, which
no static of yours is called. What a block writes stands in the call of a macro that only the first block of an actor can make.

```ignore
";

const PROTOCOL_HEAD: &str = "
## For a protocol

The trait comes first, as it is but for its `async fn`s. This one is declared with `#[actor(extends = Named)]`.

```ignore
";

const PROTOCOL: &str = "
/// Whoever has a title.
pub trait Titled: Named {
    /// The title.
    fn title(&self) -> &'static str;
    /// Asks whoever gives titles.
    async fn rise(&mut self, to: &str) -> bool;
}
";

#[test]
fn the_documentation_shows_what_is_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(folder.join("../README.md")).expect("the README");
    let program = readme.split("```rust\n").nth(1).and_then(|rest| rest.split("```").next());
    let program = syn::parse_file(program.expect("the program of the README")).expect("a program");
    let mut shown = syn::parse_file("").expect("an empty program");
    for item in program.items {
        shown.items.extend(generated(item));
    }
    assert!(shown.items.len() > 8, "only {} items", shown.items.len());
    let protocol = run("extends = Named".parse().expect("options"), PROTOCOL.parse().expect("a trait"));
    let mut protocol: File = syn::parse2(protocol).expect("items");
    protocol.items.retain(|item| !is_usual(item) || is_conversion(item));
    assert!(protocol.items.len() > 8, "only {} items", protocol.items.len());
    let text = format!("{HEAD}{}```\n{PROTOCOL_HEAD}{}```\n", written(shown), written(protocol));
    let path = folder.join("EXPANSION.md");
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &text).expect("the file is writable");
    }
    let known = fs::read_to_string(path).expect("the documentation");
    assert!(known == text, "the documentation shows another expansion: see the head of this test");
}

/// As text, without what nobody would write by hand.
fn written(mut file: File) -> String {
    Shown.visit_file_mut(&mut file);
    let file = syn::parse2(without_roots(file.into_token_stream())).expect("items");
    spaced(&prettyplease::unparse(&file))
}

/// What an item with `#[actor]` becomes, without the item itself.
fn generated(mut item: Item) -> Vec<Item> {
    let attrs = match &mut item {
        Item::Struct(item) => &mut item.attrs,
        Item::Impl(item) => &mut item.attrs,
        _ => return Vec::new(),
    };
    let all = attrs.len();
    attrs.retain(|attr| !attr.path().is_ident("actor"));
    if attrs.len() == all {
        return Vec::new();
    }
    let expansion: File = syn::parse2(run(TokenStream::new(), item.to_token_stream())).expect("items");
    expansion.items.into_iter().skip(1).filter(|item| !is_usual(item)).collect()
}

/// Whether it implements a trait that everybody knows.
fn is_usual(item: &Item) -> bool {
    if let Item::Macro(item) = item {
        return item.mac.path.segments.last().is_some_and(|last| last.ident == "travels");
    }
    let Item::Impl(item) = item else { return false };
    let first = |path: &syn::Path| path.segments.first().is_some_and(|first| first.ident == "core");
    item.trait_.as_ref().is_some_and(|(path, _)| first(path))
}

/// Whether it says what a handle is made from.
fn is_conversion(item: &Item) -> bool {
    let Item::Impl(item) = item else { return false };
    let last = |path: &syn::Path| path.segments.last().is_some_and(|last| last.ident == "From");
    item.trait_.as_ref().is_some_and(|(path, _)| last(path))
}

/// Leaves out what nobody would write by hand.
struct Shown;

impl VisitMut for Shown {
    fn visit_ident_mut(&mut self, name: &mut Ident) {
        if let Some(shown) = name.to_string().strip_prefix("__") {
            *name = Ident::new(shown, name.span());
        }
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Paren(paren) = ty {
            *ty = (*paren.elem).clone();
        }
        visit_type_mut(self, ty);
    }

    fn visit_field_value_mut(&mut self, field: &mut FieldValue) {
        visit_field_value_mut(self, field);
        if matches!((&field.member, &field.expr), (Member::Named(name), Expr::Path(value)) if value.path.is_ident(name))
        {
            field.colon_token = None;
        }
    }

    fn visit_attributes_mut(&mut self, attrs: &mut Vec<Attribute>) {
        attrs
            .retain(|attr| !["allow", "automatically_derived"].iter().any(|name| attr.path().is_ident(name)));
        for attr in attrs {
            // As from a comment, which begins with a space.
            if let syn::Meta::NameValue(syn::MetaNameValue {
                value: Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }),
                ..
            }) = &attr.meta
                && !text.value().starts_with(' ')
            {
                let text = format!(" {}", text.value());
                *attr = parse_quote!(#[doc = #text]);
            }
        }
    }
}

/// Paths without their roots, and what everybody has in scope by its name alone.
fn without_roots(tokens: TokenStream) -> TokenStream {
    let mut shown: Vec<TokenTree> = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    'all: while let Some(token) = tokens.next() {
        let is_root = matches!(&token, TokenTree::Ident(ident) if ["core", "std", "actor_core"].iter().any(|root| ident == root));
        match token {
            TokenTree::Group(group) => {
                shown.push(Group::new(group.delimiter(), without_roots(group.stream())).into());
            }
            _ if is_root => {
                // The colons before it.
                shown.truncate(shown.len() - 2);
                // Modules, up to a type or to the last name.
                let mut name = token;
                while is_colon(tokens.peek()) && !is_type(&name) {
                    let colons: Vec<TokenTree> = tokens.by_ref().take(2).collect();
                    match tokens.next_if(|token| matches!(token, TokenTree::Ident(_))) {
                        Some(next) => name = next,
                        None => {
                            // The arguments of a function.
                            shown.push(name);
                            shown.extend(colons);
                            continue 'all;
                        }
                    }
                }
                let is_prelude =
                    matches!(&name, TokenTree::Ident(kind) if kind == "Option" || kind == "Result");
                if is_prelude && is_colon(tokens.peek()) {
                    tokens.by_ref().take(2).for_each(drop);
                } else {
                    shown.push(name);
                }
            }
            other => shown.push(other),
        }
    }
    shown.into_iter().collect()
}

fn is_type(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident.to_string().starts_with(char::is_uppercase))
}

fn is_colon(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == ':')
}

/// With a line between items.
fn spaced(text: &str) -> String {
    text.replace("\n}\n", "\n}\n\n").replace(" {}\n", " {}\n\n").trim_end().to_owned() + "\n"
}
