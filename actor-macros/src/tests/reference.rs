//! What the reference says of each refusal is what the macro says, and nothing else of it is refused.
//!
//! `BLESS=1 cargo test -p actor-macros reference` writes the errors below the lines that have them; read the difference.

use super::collect;
use crate::attrs::INERT;
use crate::{misplaced, run, scheduled};
use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use std::path::Path;
use std::{env, fs};
use syn::spanned::Spanned;

/// How long a line of a comment may be.
const WIDTH: usize = 110;
/// What begins the first line of an error, and the others.
const FIRST: &str = "// error: ";
const NEXT: &str = "//     ";

#[test]
fn the_reference_says_what_is_said() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut refusals = 0;
    for entry in fs::read_dir(folder).expect("the folder of the reference") {
        let path = entry.expect("an entry").path();
        let read = || fs::read_to_string(&path).expect("a chapter");
        let text = chapter(&read());
        refusals += text.matches(FIRST).count();
        if env::var_os("BLESS").is_some() {
            fs::write(&path, &text).expect("the file is writable");
        }
        let known = read();
        assert!(known == text, "{} shows other errors: see the head of this test", path.display());
    }
    assert!(refusals > 60, "only {refusals} refusals are shown");
}

/// The chapter with its errors as they are.
fn chapter(known: &str) -> String {
    let mut text = String::new();
    let mut block: Option<(&str, String)> = None;
    for line in known.lines() {
        match &mut block {
            None => {
                if let Some(kind) = line.strip_prefix("```") {
                    block = Some((kind, String::new()));
                }
                text += &format!("{line}\n");
            }
            Some((kind, code)) if line == "```" => {
                text += &checked(kind, code);
                text += "```\n";
                block = None;
            }
            Some((_, code)) => *code += &format!("{line}\n"),
        }
    }
    assert!(block.is_none(), "a block without an end");
    text
}

/// The code of a block with its errors. Only one that does not compile for the macro's own reasons has any.
fn checked(kind: &str, code: &str) -> String {
    let is_ours = |line: &&str| [FIRST, NEXT].iter().any(|start| line.trim_start().starts_with(start));
    let lines: Vec<&str> = code.lines().filter(|line| !is_ours(line)).collect();
    let errors = errors(&lines);
    let is_refused = kind == "compile_fail" && !code.starts_with("# // rustc's own");
    assert_eq!(errors.is_empty(), !is_refused, "{kind}\n{code}\n{errors:?}");
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        text += &format!("{line}\n");
        let indent = &line[..line.len() - line.trim_start().len()];
        for (_, error) in errors.iter().filter(|(place, _)| *place == number + 1) {
            text += &comment(indent, error);
        }
    }
    text
}

fn comment(indent: &str, error: &str) -> String {
    let mut text = String::new();
    let mut line = format!("{indent}{}", FIRST.trim_end());
    for word in error.split(' ') {
        if line.len() + 1 + word.len() > WIDTH {
            text += &format!("{line}\n");
            line = format!("{indent}{}", NEXT.trim_end());
            line += &" ".repeat(NEXT.len() - NEXT.trim_end().len() - 1);
        }
        line += &format!(" {word}");
    }
    format!("{text}{line}\n")
}

/// What the macro says of the items in a block: the line, and the text.
fn errors(lines: &[&str]) -> Vec<(usize, String)> {
    // What documentation hides begins with `# `.
    let shown = |line: &&str| line.strip_prefix("# ").unwrap_or(line).replace("#![", "// ![");
    let code: Vec<String> = lines.iter().map(shown).collect();
    let code = code.join("\n");
    // Where there is no `main`, the block is the body of one.
    let items = match syn::parse_file(&code) {
        Ok(file) => file.items,
        Err(_) => {
            let body: syn::Block = syn::parse_str(&format!("{{ {code}\n}}")).expect("statements");
            let items = body.stmts.into_iter().filter_map(|statement| match statement {
                syn::Stmt::Item(item) => Some(item),
                _ => None,
            });
            items.collect()
        }
    };
    let tests = tests(&items);
    let misplaced = misplaced(&items);
    let mut actors = Vec::new();
    collect(items, &mut actors);
    let mut errors = Vec::new();
    for (options, item) in actors {
        said(run(options, item), &mut errors);
    }
    for (options, item) in tests {
        said(scheduled::run(options, item), &mut errors);
    }
    misplaced.into_iter().for_each(|expansion| said(expansion, &mut errors));
    errors.sort_by_key(|(line, _)| *line);
    errors
}

/// The items with `#[actor_test(..)]`: its options, and the rest.
fn tests(items: &[syn::Item]) -> Vec<(TokenStream, TokenStream)> {
    let options = |attr: &syn::Attribute| match &attr.meta {
        syn::Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    let test = |item: &syn::Item| {
        let mut item = item.clone();
        let attrs = match &mut item {
            syn::Item::Fn(item) => &mut item.attrs,
            syn::Item::Struct(item) => &mut item.attrs,
            _ => return None,
        };
        let at = attrs.iter().position(|attr| attr.path().is_ident("actor_test"))?;
        let options = options(&attrs.remove(at));
        Some((options, item.to_token_stream()))
    };
    items.iter().filter_map(test).collect()
}

/// What becomes of attributes and derives of ours that no `#[actor]` takes away.
fn misplaced(items: &[syn::Item]) -> Vec<TokenStream> {
    let mut expansions = Vec::new();
    let mut expand = |attrs: &[syn::Attribute], item: TokenStream| {
        for attr in attrs {
            let place = attr.span();
            if let Some(name) = INERT.iter().find(|name| attr.path().is_ident(name)) {
                expansions.push(misplaced::attribute(name, place, item.clone(), |block| block));
            }
            let derives = |name: &str| {
                attr.path().is_ident("derive") && attr.meta.to_token_stream().to_string().contains(name)
            };
            expansions.extend(derives("Actor").then(|| misplaced::derived_actor(place)));
            expansions.extend(derives("Message").then(|| misplaced::derived_message(place)));
        }
    };
    for item in items {
        match item {
            syn::Item::Struct(item) => expand(
                &item.attrs,
                quote!(
                    struct S;
                ),
            ),
            syn::Item::Impl(block) if block.attrs.is_empty() => {
                let methods = block.items.iter().filter_map(|item| match item {
                    syn::ImplItem::Fn(method) => Some(method),
                    _ => None,
                });
                methods.for_each(|method| expand(&method.attrs, method.to_token_stream()));
            }
            _ => {}
        }
    }
    expansions
}

/// The errors in an expansion.
fn said(expansion: TokenStream, errors: &mut Vec<(usize, String)>) {
    let mut tokens = expansion.into_iter();
    while let Some(token) = tokens.next() {
        if let TokenTree::Group(group) = &token {
            said(group.stream(), errors);
        }
        if !matches!(&token, TokenTree::Ident(word) if word == "compile_error") {
            continue;
        }
        if let Some(TokenTree::Group(text)) = tokens.by_ref().nth(1) {
            let text: syn::LitStr = syn::parse2(text.stream()).expect("a text");
            errors.push((token.span().start().line, without_number(&text.value())));
        }
    }
}

/// The line of another item is one of the block's hidden and shown ones, which tells a reader nothing.
fn without_number(text: &str) -> String {
    match text.split_once("here: line ") {
        Some((before, after)) => {
            format!("{before}here: line ..{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        None => text.to_owned(),
    }
}
