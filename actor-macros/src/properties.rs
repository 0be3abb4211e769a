//! What holds of any tokens at all: valid items with mistakes in them, and streams of anything.
//!
//! `PROPTEST_CASES` says how many are tried. A case is numbers, so that it shrinks well; `Words` makes tokens of them.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test may fail")]

use crate::attrs::{self, INERT};
use crate::{expand, fallback, misplaced, run, scheduled};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use proptest::prelude::*;
use std::cell::RefCell;

/// Items as users write them, with the options of their attribute before `=>`. Small ones: many are tried.
const ITEMS: &[(&str, &str)] = &[
    ("mailbox = 64, overflow = reject", "pub struct Account { balance: u64 }"),
    (
        "timeout = Duration::from_secs(5), direct = false, watchdog = Duration::MAX",
        "struct Pair<T: Clone, const N: usize = 4>(pub T, [u8; N]) where T: Send;",
    ),
    ("mailbox = unbounded, crate = ::a::b", "#[derive(Debug)] pub(crate) struct Unit;"),
    (
        "",
        "impl Account { pub fn deposit(&mut self, amount: u64) -> u64 { self.balance += amount; self.balance } }",
    ),
    (
        "derive(Clone, Debug)",
        "impl Account { #[message(timeout = Self::T, name = Add)] fn add(&mut self, text: &str, _: u8) -> Result<u8, E> { x } pub const N: u8 = 1; }",
    ),
    (
        "derive_reply(Debug)",
        "impl<T: Send + 'static> Queue<T> where T: Clone { pub async fn pop(&self, (a, b): (u8, Vec<T>), ctx: &mut Context<Self>) -> Option<T> { None } }",
    ),
    (
        "",
        "impl A { #[message(when = n <= self.free)] pub fn take(&mut self, ctx: &Context<Self>, n: u8) {} #[on_start] async fn begin(&mut self, ctx: &mut Context<Self>) -> Result<(), E> { Ok(()) } #[cfg(x)] pub fn f(self, #[cfg(y)] n: &[u8], reply: ReplyTo<u8>) {} }",
    ),
    (
        "crate = ::a",
        "impl m::A { /// Doc.\n #[message(skip)] pub fn g<T>(&self, t: T) {} type X = u8; pub fn h(self: &mut Self, c: Cow<'_, str>, i: impl Into<String>) -> [u8; Self::N] { y } m!(); }",
    ),
    (
        "extends = a::Named, derive(Debug)",
        "pub trait Bidder<K: Clone = u8>: Named + Sync where K: Send { const N: u8; fn beaten(&mut self, best: &str, key: K); async fn limit(&self) -> u32 { 1 } #[message(interleave)] fn all(&self) -> impl Stream<Item = u8>; }",
    ),
    ("", "impl Bidder for Account { fn beaten(&mut self, best: u32) {} }"),
    ("", "pub enum Shape { Round, Square(u8) }"),
    ("", "fn main() { run(1); }"),
    ("", "struct Loose<T> where T: Send { n: T, name: str }"),
];

/// Tokens that come in from elsewhere.
const VOCABULARY: &str = "
    a B Self self u8 str T 'a 'static _ r#type Context ReplyTo Result Option Cow Into Stream message on_start on_stop on_exit every
    actor skip name timeout when urgent result mailbox derive derive_message overflow direct unbounded crate cfg cfg_attr doc
    pub fn async const unsafe extern impl struct enum trait type where for in dyn mut ref static use mod move default union true
    # ! & * - > < = : , ; . + | ? @ $ / :: -> => .. ... == && || 1 0 -1 1.5 \"text\" b\"bytes\" 'c' c\"c\"
    () [] {} (self) (&mut self) (&self, x: u8) <T> [u8; 3] { x: u8 } #[message] #[message()] #[message(skip)] #[message = 1]
    #[on_start] #[on_start(x)] #[actor] #[cfg(a)] #[cfg_attr(a, message)] #[cfg_attr(a, doc = \"b\")] #[every(1)] ///doc
    ";

/// The tokens that cases are made of.
struct Words {
    items: Vec<(TokenStream, TokenStream)>,
    vocabulary: Vec<TokenTree>,
    /// Cases since they were read.
    age: usize,
}

impl Words {
    fn read() -> Self {
        let parse = |text: &str| text.parse::<TokenStream>().expect("tokens");
        Words {
            items: ITEMS.iter().map(|(options, item)| (parse(options), parse(item))).collect(),
            vocabulary: VOCABULARY.lines().flat_map(|line| parse(&format!("{line}\n"))).collect(),
            age: 0,
        }
    }
}

/// All texts that are parsed are remembered for their spans: now and then that is let go.
fn with_words<R>(f: impl FnOnce(&Words) -> R) -> R {
    thread_local!(static WORDS: RefCell<Option<Words>> = const { RefCell::new(None) });
    WORDS.with_borrow_mut(|words| {
        if words.as_ref().is_none_or(|words| words.age > 10_000) {
            *words = None;
            proc_macro2::extra::invalidate_current_thread_spans();
        }
        let words = words.get_or_insert_with(Words::read);
        words.age += 1;
        f(words)
    })
}

/// A mistake: which, of what token, with which word.
type Mistake = (u8, u16, u16);

/// The tokens with a mistake at one of them.
fn mutated(tokens: TokenStream, (kind, place, word): Mistake, words: &Words) -> TokenStream {
    let mut left = usize::from(place) % count(&tokens).max(1);
    change(tokens, &mut left, kind, &words.vocabulary[usize::from(word) % words.vocabulary.len()])
}

fn count(tokens: &TokenStream) -> usize {
    let one = |token: TokenTree| match token {
        TokenTree::Group(group) => 1 + count(&group.stream()),
        _ => 1,
    };
    tokens.clone().into_iter().map(one).sum()
}

fn change(tokens: TokenStream, left: &mut usize, kind: u8, word: &TokenTree) -> TokenStream {
    let mut changed = Vec::new();
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        let is_it = *left == 0;
        *left = left.wrapping_sub(1);
        if is_it {
            match kind % 6 {
                0 => {}
                1 => changed.extend([token.clone(), token]),
                2 => changed.extend(tokens.next().into_iter().chain([token])),
                3 => changed.push(word.clone()),
                4 => changed.extend([word.clone(), token]),
                _ => changed.extend(match token {
                    TokenTree::Group(group) => group.stream().into_iter().collect(),
                    other => vec![invisible(other)],
                }),
            }
            changed.extend(tokens);
            break;
        }
        changed.push(match token {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), change(group.stream(), left, kind, word));
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            other => other,
        });
    }
    changed.into_iter().collect()
}

/// As `$x:tt` and its like leave it.
fn invisible(token: TokenTree) -> TokenTree {
    let span = token.span();
    let mut group = Group::new(Delimiter::None, token.into());
    group.set_span(span);
    group.into()
}

/// Any tokens: each number is a word, or opens or closes a group.
fn stream(numbers: &[u16], words: &Words) -> TokenStream {
    let mut levels: Vec<(Delimiter, Vec<TokenTree>)> = vec![(Delimiter::None, Vec::new())];
    let close = |levels: &mut Vec<(Delimiter, Vec<TokenTree>)>| {
        if levels.len() > 1
            && let Some((delimiter, inner)) = levels.pop()
            && let Some((_, outer)) = levels.last_mut()
        {
            let mut group = Group::new(delimiter, inner.into_iter().collect());
            group.set_span(words.vocabulary[0].span());
            outer.push(group.into());
        }
    };
    for number in numbers {
        match number % 16 {
            0 => levels.push((Delimiter::Parenthesis, Vec::new())),
            1 => levels.push((Delimiter::Brace, Vec::new())),
            2 => levels.push((Delimiter::Bracket, Vec::new())),
            3 => levels.push((Delimiter::None, Vec::new())),
            4 | 5 => close(&mut levels),
            _ => {
                let word = &words.vocabulary[usize::from(number / 16) % words.vocabulary.len()];
                if let Some((_, inner)) = levels.last_mut() {
                    inner.push(word.clone());
                }
            }
        }
    }
    while levels.len() > 1 {
        close(&mut levels);
    }
    levels.pop().map(|(_, inner)| inner.into_iter().collect()).unwrap_or_default()
}

/// Runs the macro and looks at what it says; how many errors there are.
fn check(options: TokenStream, item: TokenStream) -> Result<usize, TestCaseError> {
    let output: Vec<TokenTree> = run(options, item.clone()).into_iter().collect();
    let starts_with = |kept: TokenStream| prefix(&kept.into_iter().collect::<Vec<_>>(), &output, false);
    // Of a trait, what is asked is made `Send`; of a struct that borrows, its fields borrow for ever.
    let sent = || expand::with_send(attrs::without_ours(item.clone()), &quote::quote!(::actor_core));
    let owning = || fallback::without_borrows(item.clone());
    // Those without a size have a box around them, and those that stay on their thread are errors.
    let sized = |item| {
        let sized = fallback::with_sizes(fallback::closed(attrs::without_ours(item)));
        fallback::without_locals(sized)
    };
    let kept = starts_with(item.clone())
        .or_else(|| starts_with(sent()))
        .or_else(|| starts_with(owning()))
        .or_else(|| starts_with(sized(item.clone())))
        .or_else(|| starts_with(sized(owning())));
    let Some(kept) = kept else {
        let output: TokenStream = output.into_iter().collect();
        return Err(TestCaseError::fail(format!(
            "the user's item is not what the output starts with: {output}"
        )));
    };
    let generated: TokenStream = output.into_iter().skip(kept).collect();
    let parsed = syn::parse2::<syn::File>(generated.clone()).map(drop);
    let is_rust = |tokens: TokenStream| syn::parse2::<syn::File>(tokens).is_ok();
    prop_assert!(parsed.is_ok() || !is_rust(item.clone()), "no items, {parsed:?}, of {item}: {generated}");
    errors_with_places(generated)
}

/// How many errors there are. Each is at some token of the user's.
fn errors_with_places(generated: TokenStream) -> Result<usize, TestCaseError> {
    let mut errors = Vec::new();
    find_errors(generated, &mut errors);
    for (text, place) in &errors {
        prop_assert!(!place.is_empty(), "no place of the user's: {text}");
    }
    errors.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.start.cmp(&b.1.start)));
    errors.dedup();
    Ok(errors.len())
}

/// How many tokens of the output are the item, without what is ours in it; `whole` if it has nothing else.
fn prefix(item: &[TokenTree], output: &[TokenTree], whole: bool) -> Option<usize> {
    let Some(token) = item.first() else { return (!whole || output.is_empty()).then_some(0) };
    let kept = output.split_first().filter(|(other, _)| same(token, other));
    let kept = kept.and_then(|(_, rest)| prefix(&item[1..], rest, whole).map(|kept| kept + 1));
    kept.or_else(|| if is_ours(item) { prefix(&item[2..], output, whole) } else { None })
}

fn same(a: &TokenTree, b: &TokenTree) -> bool {
    match (a, b) {
        (TokenTree::Group(a), TokenTree::Group(b)) => {
            let inner = |group: &Group| group.stream().into_iter().collect::<Vec<TokenTree>>();
            let (of_a, of_b) = (inner(a), inner(b));
            a.delimiter() == b.delimiter() && prefix(&of_a, &of_b, true).is_some()
        }
        (TokenTree::Punct(a), TokenTree::Punct(b)) => {
            a.as_char() == b.as_char() && a.spacing() == b.spacing()
        }
        (TokenTree::Ident(a), TokenTree::Ident(b)) => a == b,
        _ => a.to_string() == b.to_string(),
    }
}

fn is_ours(tokens: &[TokenTree]) -> bool {
    let [TokenTree::Punct(hash), TokenTree::Group(group), ..] = tokens else { return false };
    let text = group.stream().to_string();
    let is_attribute = hash.as_char() == '#' && group.delimiter() == Delimiter::Bracket;
    is_attribute && INERT.iter().chain(&["actor"]).any(|name| text.contains(name))
}

/// The texts and places of all `compile_error!`.
fn find_errors(tokens: TokenStream, found: &mut Vec<(String, std::ops::Range<usize>)>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (number, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Ident(name) if name == "compile_error" => {
                let text = tokens.get(number + 2).map(ToString::to_string).unwrap_or_default();
                found.push((text, name.span().byte_range()));
            }
            TokenTree::Group(group) => find_errors(group.stream(), found),
            _ => {}
        }
    }
}

#[test]
fn valid_items_have_no_errors_but_those_of_their_kind() {
    with_words(|words| {
        for (number, (options, item)) in words.items.iter().enumerate() {
            let errors = check(options.clone(), item.clone()).expect("what holds of any tokens");
            assert_eq!(errors, usize::from(number > 8), "{item}");
        }
    });
}

/// Each that there is, once.
#[test]
#[ignore = "takes minutes"]
fn every_single_mistake_makes_three_errors_at_most() {
    let (mut tried, mut wrong) = (0_usize, Vec::new());
    for (number, in_options) in (0..ITEMS.len()).flat_map(|number| [(number, true), (number, false)]) {
        let (places, vocabulary) = with_words(|words| {
            let (options, item) = &words.items[number];
            (count(if in_options { options } else { item }), words.vocabulary.len())
        });
        for mistake in mistakes(places, vocabulary) {
            let errors = with_words(|words| {
                let (options, item) = words.items[number].clone();
                match in_options {
                    true => check(mutated(options, mistake, words), item),
                    false => check(options, mutated(item, mistake, words)),
                }
            });
            let case = format_args!("item {number}, in its options: {in_options}, {mistake:?}");
            match errors {
                Ok(errors) if errors <= 3 => {}
                Ok(errors) => wrong.push(format!("{errors} errors, {case}")),
                Err(error) => wrong.push(format!("{error}, {case}")),
            }
            tried += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {tried} mistakes: {wrong:#?}", wrong.len());
    println!("{tried} mistakes");
}

/// All that can be made at so many places with so many words.
fn mistakes(places: usize, vocabulary: usize) -> impl Iterator<Item = Mistake> {
    let number = |number: usize| u16::try_from(number).expect("few");
    let at = move |place: usize, kind: u8| {
        let words = if matches!(kind, 3 | 4) { vocabulary } else { 1 };
        (0..words).map(move |word| (kind, number(place), number(word)))
    };
    (0..places).flat_map(move |place| (0..6).flat_map(move |kind| at(place, kind)))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn one_mistake_makes_three_errors_at_most(item: u8, mistake: Mistake) {
        with_words(|words| {
            let (options, item) = words.items[usize::from(item) % words.items.len()].clone();
            let errors = check(options, mutated(item, mistake, words))?;
            prop_assert!(errors <= 3, "{errors} errors");
            Ok(())
        })?;
    }

    #[test]
    fn a_mistake_in_the_options_makes_three_errors_at_most(item: u8, mistake: Mistake) {
        with_words(|words| {
            let (options, item) = words.items[usize::from(item) % words.items.len()].clone();
            let errors = check(mutated(options, mistake, words), item)?;
            prop_assert!(errors <= 3, "{errors} errors");
            Ok(())
        })?;
    }

    #[test]
    fn many_mistakes_leave_the_item_and_have_a_place(item: u8, mistakes in prop::collection::vec(any::<Mistake>(), 2..6)) {
        with_words(|words| {
            let (options, item) = words.items[usize::from(item) % words.items.len()].clone();
            let item = mistakes.iter().fold(item, |item, mistake| mutated(item, *mistake, words));
            prop_assume!(!item.is_empty());
            check(options, item).map(drop)
        })?;
    }

    #[test]
    fn any_tokens_are_left_and_any_error_has_a_place(
        options in prop::collection::vec(any::<u16>(), 0..8),
        item in prop::collection::vec(any::<u16>(), 1..24),
        kind: u8,
    ) {
        with_words(|words| {
            let (options, item) = (stream(&options, words), stream(&item, words));
            // Half of them where something is expected of them.
            let starts = ["", "struct A", "impl A", "trait A", "impl A { pub fn f(&self,", "struct A<"];
            let start = starts[usize::from(kind) % starts.len()];
            let item = match start.strip_suffix(" { pub fn f(&self,") {
                Some(header) => in_braces(header, item),
                None => start.parse::<TokenStream>().expect("tokens").into_iter().chain(item).collect(),
            };
            prop_assume!(!item.is_empty());
            check(options, item).map(drop)
        })?;
    }

    #[test]
    fn words_elsewhere_leave_the_item_and_say_one_thing(
        item: u8,
        mistake: Mistake,
        tokens in prop::collection::vec(any::<u16>(), 0..24),
    ) {
        with_words(|words| {
            let number = usize::from(item);
            let item = match words.items.get(number % (2 * words.items.len())) {
                Some((_, item)) => mutated(item.clone(), mistake, words),
                None => stream(&tokens, words),
            };
            let (name, place) = (INERT[number % INERT.len()], words.vocabulary[0].span());
            let output = misplaced::attribute(name, place, item.clone(), |block| block);
            // On an expression the compiler takes none.
            let expected = usize::from(!misplaced::is_expression(&item));
            let (item, output) = (Vec::from_iter(item), Vec::from_iter(output));
            let Some(kept) = prefix(&item, &output, false) else {
                return Err(TestCaseError::fail("the item is not what the output starts with"));
            };
            let errors = errors_with_places(output.into_iter().skip(kept).collect())?;
            prop_assert!(errors == expected, "{errors} errors");
            Ok(())
        })?;
    }

    #[test]
    fn errors_of_a_test_have_a_place(
        options in prop::collection::vec(any::<u16>(), 0..8),
        item in prop::collection::vec(any::<u16>(), 0..24),
        kind: u8,
    ) {
        with_words(|words| {
            let starts = ["", "async fn a() {}", "async fn a()", "async fn", "fn a"];
            let start = starts[usize::from(kind) % starts.len()].parse::<TokenStream>().expect("tokens");
            let item: TokenStream = start.into_iter().chain(stream(&item, words)).collect();
            prop_assume!(!item.is_empty());
            errors_with_places(scheduled::run(stream(&options, words), item)).map(drop)
        })?;
    }
}

/// `header { pub fn f(&self, ..) {} ..}`
fn in_braces(header: &str, inner: TokenStream) -> TokenStream {
    let header: Vec<TokenTree> = header.parse::<TokenStream>().expect("tokens").into_iter().collect();
    let group = |delimiter, inner| {
        let mut group = Group::new(delimiter, inner);
        group.set_span(header[0].span());
        group
    };
    let params = group(Delimiter::Parenthesis, quote::quote!(&self, #inner));
    let body = group(Delimiter::Brace, quote::quote!(pub fn f #params {} #inner));
    quote::quote!(#(#header)* #body)
}
