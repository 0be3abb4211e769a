//! The stages as a whole, outside of a compiler.

#![allow(clippy::expect_used, reason = "a test may fail")]

mod expansion;
mod reference;

use crate::{run, scheduled};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use std::path::Path;
use syn::Item;

#[path = "../../ui-tests/product/generator/mod.rs"]
#[allow(
    dead_code,
    unused_imports,
    clippy::indexing_slicing,
    clippy::needless_range_loop,
    reason = "the build script that writes the legal combinations needs the rest"
)]
mod product;

/// All items with `#[actor(..)]` of the programs that compile: its options, and the rest.
fn items() -> Vec<(TokenStream, TokenStream)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui-tests/pass");
    let mut items = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the folder of the programs") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("a program");
        collect(syn::parse_file(&text).expect("a program that compiles").items, &mut items);
    }
    items
}

fn collect(from: Vec<Item>, items: &mut Vec<(TokenStream, TokenStream)>) {
    for mut item in from {
        let attrs = match &mut item {
            Item::Struct(item) => &mut item.attrs,
            Item::Impl(item) => &mut item.attrs,
            Item::Enum(item) => &mut item.attrs,
            Item::Fn(item) => &mut item.attrs,
            Item::Trait(item) => &mut item.attrs,
            Item::Mod(module) => {
                collect(module.content.take().map(|(_, items)| items).unwrap_or_default(), items);
                continue;
            }
            _ => continue,
        };
        let is_ours =
            |attr: &syn::Attribute| attr.path().segments.last().is_some_and(|last| last.ident == "actor");
        let Some(at) = attrs.iter().position(is_ours) else { continue };
        let options = match attrs.remove(at).meta {
            syn::Meta::List(list) => list.tokens,
            _ => TokenStream::new(),
        };
        items.push((options, item.to_token_stream()));
    }
}

/// The tokens without the one of this number, counted through all groups.
fn without(tokens: TokenStream, number: &mut usize) -> TokenStream {
    let mut kept = Vec::new();
    for token in tokens {
        let is_it = *number == 0;
        *number = number.wrapping_sub(1);
        match token {
            _ if is_it => {}
            TokenTree::Group(group) => {
                kept.push(TokenTree::Group(Group::new(group.delimiter(), without(group.stream(), number))));
            }
            other => kept.push(other),
        }
    }
    kept.into_iter().collect()
}

fn count(tokens: TokenStream) -> usize {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => 1 + count(group.stream()),
            _ => 1,
        })
        .sum()
}

#[test]
fn what_compiles_expands_to_items() {
    let items = items();
    assert!(items.len() > 20, "only {} items were found", items.len());
    for (options, item) in items {
        let expansion = run(options, item.clone());
        assert!(!expansion.to_string().contains("compile_error"), "{item}");
        syn::parse2::<syn::File>(expansion).expect("items");
    }
}

#[test]
fn a_test_with_any_token_missing_is_no_reason_to_panic() {
    let item = quote! {
        #[ignore = "slow"]
        pub async fn waits<'a, T>(n: &'a T) -> Result<(), E> where T: Other { body(1).await }
    };
    let options = quote!(seeds = 10, from = 1, patient, steps = N, crate = ::a);
    for number in 0..count(item.clone()) {
        scheduled::run(options.clone(), without(item.clone(), &mut { number }));
    }
    for number in 0..count(options.clone()) {
        scheduled::run(
            without(options.clone(), &mut { number }),
            quote!(
                async fn waits() {}
            ),
        );
    }
    let test = scheduled::run(
        options,
        quote!(
            async fn waits() {}
        ),
    );
    assert!(!test.to_string().contains("compile_error"), "{test}");
    syn::parse2::<syn::File>(test).expect("items");
}

#[test]
fn an_item_with_any_token_missing_is_no_reason_to_panic() {
    for (options, item) in items() {
        for number in 0..count(item.clone()) {
            run(options.clone(), without(item.clone(), &mut { number }));
        }
        for number in 0..count(options.clone()) {
            run(without(options.clone(), &mut { number }), item.clone());
        }
    }
}

#[test]
fn the_users_item_comes_first_and_untouched() {
    let item = quote! {
        impl Account {
            pub unsafe fn open(&self) -> &str { half typed. }
        }
    };
    let expansion = run(TokenStream::new(), item.clone()).to_string();
    assert!(expansion.starts_with(&item.to_string()), "{expansion}");
    assert_eq!(errors(&expansion).len(), 2, "{expansion}");
}

/// Whoever sends a handle is not wrong because a method of its actor is.
#[test]
fn a_handle_travels_whatever_is_wrong_with_its_messages() {
    let block = quote!(impl Listener { pub fn hear(&mut self, text: &mut String) {} });
    let protocol = quote!(
        trait Hears {
            fn hear<const N: usize>(&mut self);
        }
    );
    for item in [block, protocol] {
        let expansion = run(quote!(derive(Serialize, Deserialize)), item).to_string();
        assert!(!errors(&expansion).is_empty(), "{expansion}");
        assert!(expansion.contains("travels !"), "{expansion}");
    }
}

/// What a derive of another crate asks of a field it says where the field begins.
#[test]
fn a_field_begins_at_its_argument() {
    let block = "impl Board {\n\n    pub fn add(&mut self, listener: ListenerHandle) {}\n}";
    let expansion = run(TokenStream::new(), block.parse().expect("tokens"));
    let tokens: Vec<TokenTree> = expansion.into_iter().collect();
    let variants = tokens.windows(2).find_map(|pair| match pair {
        [TokenTree::Ident(name), TokenTree::Group(variants)] if name == "BoardMessage" => {
            Some(variants.stream())
        }
        _ => None,
    });
    let fields = variants.expect("the enum").into_iter().find_map(|token| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
        _ => None,
    });
    let first = fields.expect("a variant").into_iter().next().expect("a field");
    assert_eq!((first.span().start().line, first.span().start().column), (3, 36));
}

/// Whatever else stands in a trait stays, also where it is half typed.
#[test]
fn of_a_trait_only_what_is_asked_is_made_send() {
    let kept = quote! {
        /// A bidder.
        unsafe trait Bidder<K = u8>: Send where K: Copy {
            const N: usize = { 1; 2 };
            type Money: Into<u64>;
            other!(a, b);
            #[must_use] fn beaten(&mut self, (a, b): (u8, u8)) -> u8 { half typed. }
            fn half(&self) -> ;
        }
    };
    let sent = crate::expand::with_send(kept.clone(), &quote!(::actor_core));
    assert_eq!(sent.to_string(), kept.to_string());
    let changed = quote! {
        trait Bidder {
            #[cfg(a)]
            async fn limit(&mut self, mut n: u8) -> Result<u8, E> { half typed. }
        }
    };
    let expected = quote! {
        trait Bidder {
            #[cfg(a)]
            fn limit(&mut self, mut n: u8)
                -> impl ::core::future::Future<Output = Result<u8, E> > + ::core::marker::Send
            where Self: ::core::marker::Send + ::core::marker::Sized
            { async move { half typed. } }
        }
    };
    let sent = crate::expand::with_send(changed, &quote!(::actor_core));
    assert_eq!(sent.to_string(), expected.to_string());
}

/// What stands in no brackets is no attribute of ours, whoever wrote it.
#[test]
fn what_looks_like_an_attribute_stays() {
    let invisible = Group::new(Delimiter::None, quote!(message(skip)));
    let item = quote!(impl Account { # #invisible pub fn open(&self) {} });
    let expansion = run(TokenStream::new(), item.clone()).to_string();
    assert!(expansion.starts_with(&item.to_string()), "{expansion}");
}

/// Every argument with every reply, each with every option, legal or not; the receivers, `async` and the visibilities by turns.
#[test]
fn every_combination_is_refused_with_the_right_words_or_not_at_all() {
    use product::{ACTORS, ARGUMENTS, CHOICES, Combination, RECEIVERS, REPLIES, VISIBILITIES};
    let (mut turn, mut refused) = (0, 0);
    for argument in 0..ARGUMENTS.len() {
        for reply in 0..REPLIES.len() {
            // Every other one: all three together would take minutes.
            for choice in ((argument + reply) % 2..CHOICES.len()).step_by(2) {
                turn += 1;
                let receiver = turn % RECEIVERS.len();
                let actor = turn / 3 % ACTORS.len();
                let visibility = turn % VISIBILITIES.len();
                let places =
                    [argument, reply, choice, receiver, turn / RECEIVERS.len() % 2, visibility, actor];
                let combination = Combination::at(places);
                if !combination.is_open() {
                    check(&combination);
                    refused += usize::from(!combination.refusals().is_empty());
                }
            }
        }
    }
    assert!(refused > 5_000, "{refused}");
}

/// The texts of the errors. One may stand there several times, also as a type.
fn errors(expansion: &str) -> std::collections::BTreeSet<&str> {
    let texts = expansion.split("compile_error ! {").skip(1);
    texts.filter_map(|text| text.split_once("\" }").map(|(text, _)| text)).collect()
}

/// One error for each thing that is wrong.
fn check(combination: &product::Combination) {
    let product::Actor { name, parameters, arguments, .. } = combination.actor;
    let source = format!("impl{parameters} {name}{arguments} {{ {} }}", combination.method(0));
    let expansion = run(TokenStream::new(), source.parse().expect("tokens")).to_string();
    let errors = errors(&expansion);
    let expected = combination.refusals();
    let is_said = |text: &&str| errors.iter().any(|error| error.contains(*text));
    assert!(
        errors.len() == expected.len() && expected.iter().all(is_said),
        "{source}\n{expected:#?}\n{errors:#?}"
    );
}
