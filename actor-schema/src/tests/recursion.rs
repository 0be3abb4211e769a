//! Types that contain themselves.

use super::{derived, entry, print, text};
use serde::Deserialize;
use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};

#[test]
fn a_recursive_enum_ends() {
    #[derive(Deserialize)]
    #[allow(dead_code)]
    enum Tree {
        Node(Box<Tree>, Box<Tree>),
        Leaf(u8),
    }
    assert_eq!(text::<Tree>(), "Tree { Node(Tree, Tree), Leaf(u8) }");
    let known = print::<Tree>();
    assert_eq!(known, derived! { enum T { Node(Box<T>, Box<T>), Leaf(u8) } });
    assert_ne!(known, derived! { enum T { Node(Box<T>, Box<T>), Leaf(u16) } });
    assert_ne!(known, derived! { enum T { Node(Box<T>, u8), Leaf(u8) } });
}

#[test]
fn a_recursive_struct_ends() {
    let by_seq = derived! { struct T { children: Vec<T>, name: String } };
    let by_option = derived! { struct T { children: Option<Box<T>>, name: String } };
    let by_map = derived! { struct T { children: BTreeMap<u8, T>, name: String } };
    assert_ne!(by_seq, by_option);
    assert_ne!(by_seq, by_map);
    assert_ne!(by_seq, derived! { struct T { children: Vec<T>, name: char } });
    assert_ne!(by_seq, derived! { struct T { children: Vec<U>, name: String } struct U { name: String } });
}

#[test]
fn a_recursive_newtype_ends() {
    let known = derived! { struct T(Vec<T>); };
    assert_eq!(known, derived! { struct T(Vec<Inner>); struct Inner(Box<T>); });
    assert_ne!(known, derived! { struct T(Vec<Vec<u16>>); });
}

#[test]
fn it_does_not_matter_in_how_many_types_a_recursion_is_written() {
    let one = derived! { struct T { next: Vec<T>, x: u8 } };
    let two = derived! { struct T { next: Vec<U>, x: u8 } struct U { next: Vec<T>, x: u8 } };
    let unrolled = derived! { struct T { next: Vec<U>, x: u8 } struct U { next: Vec<U>, x: u8 } };
    assert_eq!(one, two);
    assert_eq!(one, unrolled);
    assert_ne!(one, derived! { struct T { next: Vec<U>, x: u8 } struct U { next: Vec<T>, x: u16 } });
}

#[derive(Deserialize)]
#[allow(dead_code)]
enum Expr {
    Add(Box<Expr>, Box<Expr>),
    Block(Vec<Stmt>),
    Call { name: String, args: Vec<Expr> },
    Closure(Box<Stmt>),
    Lit(Lit),
}

#[derive(Deserialize)]
#[allow(dead_code)]
enum Stmt {
    While(Expr, Box<Stmt>),
    Let { name: String, ty: Option<Type>, value: Expr },
    Return(Result<Expr, Lit>),
}

#[derive(Deserialize)]
#[allow(dead_code)]
enum Type {
    Array(Box<Type>, Expr),
    Fn { from: Vec<Type>, to: Box<Type>, body: Box<Stmt> },
    Never,
}

#[derive(Deserialize)]
#[allow(dead_code)]
enum Lit {
    Int(i128),
    Text(String),
}

#[test]
fn types_that_contain_each_other_end() {
    let entry = entry::<Expr>();
    assert_eq!(entry.gaps, []);
    for variant in ["Closure(", "While(", "Return(", "ty: Option<Type", "Never", "Text(str)"] {
        assert!(entry.text.contains(variant), "{variant} in {}", entry.text);
    }
}

#[test]
fn the_same_generic_within_itself_is_not_taken_for_a_recursion() {
    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Page<T> {
        items: Vec<T>,
    }
    assert_eq!(text::<Page<Page<u8>>>(), "Page { items: [Page { items: [u8] }] }");
    assert_eq!(
        text::<Result<Result<u8, u16>, Result<u32, ()>>>(),
        "Result<Result<u8, u16>, Result<u32, ()>>"
    );
}

/// Each of which has a variant for each of the others.
macro_rules! all_of_all {
    ($all:tt $($one:ident)*) => {$(
        all_of_all! { @ $one $all }
    )*};
    (@ $one:ident ($($other:ident)*)) => {
        #[derive(Deserialize)]
        #[allow(dead_code, clippy::enum_variant_names)]
        enum $one {
            $($other(Box<$other>, Vec<$other>),)*
            End { at: Option<Box<$one>> },
        }
    };
}

all_of_all! { (E0 E1 E2 E3 E4 E5 E6 E7 E8 E9 Ea Eb) E0 E1 E2 E3 E4 E5 E6 E7 E8 E9 Ea Eb }

#[test]
fn many_types_that_contain_each_other_are_no_more_than_they_are() {
    let all: HashSet<u64> = [print::<E0>(), print::<E7>(), print::<Eb>()].into();
    // The names of variants are the same in all, so they are the same type.
    assert_eq!(all.len(), 1);
}

thread_local! {
    static VALUES: Cell<usize> = const { Cell::new(0) };
}

/// Counts how often it is made.
struct Counted;

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        VALUES.set(VALUES.get() + 1);
        <()>::deserialize(deserializer).map(|()| Counted)
    }
}

#[test]
fn variants_are_seen_one_after_the_other_and_not_in_all_combinations() {
    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Three(Counted, Seven, Wrap, Wrap);
    #[derive(Deserialize)]
    #[allow(dead_code)]
    struct Wrap(Seven, Option<Seven>);
    #[derive(Deserialize)]
    #[allow(dead_code)]
    enum Seven {
        A,
        B,
        C(bool),
        D,
        E(Other),
        F,
        G,
    }
    #[derive(Deserialize)]
    enum Other {
        A,
        B,
        C,
    }
    VALUES.set(0);
    print::<Three>();
    // 7 variants of the field's own; those of the wrapped ones are mostly seen meanwhile.
    assert!((7..=14).contains(&VALUES.get()), "{} values", VALUES.get());
}
