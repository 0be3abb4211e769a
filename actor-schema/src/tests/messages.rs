//! Enums of messages and their replies.

use super::super::{Schema, SchemaError, Why};
use serde::Deserialize;

/// The schema of the enums `M` and `R` that the items define.
macro_rules! schema {
    ($($item:item)*) => {{
        $(#[derive(Deserialize)] #[allow(dead_code)] $item)*
        Schema::of::<M, R>()
    }};
}

fn print(schema: &Result<Schema, SchemaError>, name: &str) -> u64 {
    schema.as_ref().unwrap().by_name(name).unwrap().fingerprint
}

fn account() -> Result<Schema, SchemaError> {
    schema! {
        enum M { Deposit { amount: u64 }, Balance, Withdraw { amount: u64 } }
        enum R { Deposit(u64), Balance(u64), Withdraw(Result<u64, Overdrawn>) }
        struct Overdrawn { missing: u64 }
    }
}

#[test]
fn a_message_is_found_by_name_and_by_index() {
    let schema = account().unwrap();
    let withdraw = schema.by_index(2).unwrap();
    assert_eq!((withdraw.name, withdraw.index), ("Withdraw", 2));
    assert_eq!(schema.by_name("Withdraw").unwrap().index, 2);
    assert_eq!(withdraw.text, "Withdraw { amount: u64 } -> Result<u64, Overdrawn { missing: u64 }>");
    assert_eq!(schema.by_index(1).unwrap().text, "Balance -> u64");
    assert!(schema.by_name("withdraw").is_none());
    assert!(schema.by_index(3).is_none());
    assert_eq!(schema.entries().len(), 3);
}

#[test]
fn other_messages_change_nothing() {
    let other = schema! {
        enum M { Withdraw { amount: u64 }, Close(Vec<Reason>), Deposit { amount: u64 }, Balance }
        enum R { Withdraw(Result<u64, Overdrawn>), Close(()), Deposit(u64), Balance(u64) }
        enum Reason { Moved, Left(String) }
        struct Overdrawn { missing: u64 }
    };
    for name in ["Deposit", "Balance", "Withdraw"] {
        assert_eq!(print(&account(), name), print(&other, name), "{name}");
    }
}

#[test]
fn a_change_changes_its_message_only() {
    let other = schema! {
        enum M { Deposit { amount: u32 }, Balance, Withdraw { amount: u64 } }
        enum R { Deposit(u64), Balance(i64), Withdraw(Result<u64, Overdrawn>) }
        struct Overdrawn { missing: u64 }
    };
    assert_ne!(print(&account(), "Deposit"), print(&other, "Deposit"));
    assert_ne!(print(&account(), "Balance"), print(&other, "Balance"));
    assert_eq!(print(&account(), "Withdraw"), print(&other, "Withdraw"));
}

#[test]
fn an_error_belongs_to_the_reply() {
    let other = schema! {
        enum M { Deposit { amount: u64 }, Balance, Withdraw { amount: u64 } }
        enum R { Deposit(u64), Balance(u64), Withdraw(Result<u64, Overdrawn>) }
        struct Overdrawn { missing: u64, until: u64 }
    };
    assert_ne!(print(&account(), "Withdraw"), print(&other, "Withdraw"));
}

#[test]
fn the_name_belongs_to_the_message() {
    let schema = account();
    let other = schema! {
        enum M { PayIn { amount: u64 } }
        enum R { PayIn(u64) }
    };
    assert_ne!(print(&schema, "Deposit"), print(&other, "PayIn"));
}

#[test]
fn messages_and_replies_do_not_run_into_each_other() {
    let one = schema! { enum M { A(u8, u16) } enum R { A(u32) } };
    let other = schema! { enum M { A(u8) } enum R { A((u16, u32)) } };
    assert_ne!(print(&one, "A"), print(&other, "A"));
}

#[test]
fn two_results_are_two() {
    let schema = schema! {
        enum M { Read, Write }
        enum R { Read(Result<u8, Missing>), Write(Result<Vec<u16>, Full>) }
        struct Missing;
        enum Full { Disk, Quota { left: u32 } }
    };
    let schema = schema.unwrap();
    assert_eq!(schema.by_index(0).unwrap().text, "Read -> Result<u8, ()>");
    let write = "Write -> Result<[u16], Full { Disk, Quota { left: u32 } }>";
    assert_eq!(schema.by_index(1).unwrap().text, write);
}

#[test]
fn a_message_may_carry_messages() {
    let known = schema! { enum M { Ping, All(Vec<M>) } enum R { Ping(()), All(()) } };
    let more = schema! { enum M { Ping, All(Vec<M>), Pong } enum R { Ping(()), All(()), Pong(()) } };
    assert_eq!(print(&known, "Ping"), print(&more, "Ping"));
    assert_ne!(print(&known, "All"), print(&more, "All"));
    assert_eq!(known.unwrap().by_name("All").unwrap().text, "All([M { Ping, All([M]) }]) -> ()");
}

#[test]
fn an_actor_may_have_no_messages() {
    let schema = schema! { enum M {} enum R {} };
    assert_eq!(schema.unwrap().entries().len(), 0);
}

#[test]
fn what_is_no_enum_is_refused() {
    let schema = schema! { struct M { a: u8 } enum R { A } };
    assert!(matches!(schema, Err(SchemaError::NotAnEnum { of }) if of.ends_with("M")), "{schema:?}");
    let schema = schema! { #[serde(untagged)] enum M { A(u8) } enum R { A } };
    assert!(matches!(schema, Err(SchemaError::NotAnEnum { .. })), "{schema:?}");
}

#[test]
fn a_message_without_a_reply_is_refused() {
    let schema = schema! { enum M { A, B } enum R { A } };
    assert!(matches!(schema, Err(SchemaError::NoReply { message: "B", .. })), "{schema:?}");
    let schema = schema! { enum M { A, B } enum R { B, A } };
    assert!(matches!(schema, Err(SchemaError::NoReply { message: "A", .. })), "{schema:?}");
}

#[test]
fn aliases_of_messages_are_refused() {
    let schema = schema! { enum M { A, #[serde(alias = "C")] B } enum R { A, B, C } };
    let error = schema.unwrap_err();
    assert!(matches!(error, SchemaError::Aliased { message: "C", .. }), "{error}");
}

#[test]
fn what_cannot_travel_is_said_of_its_message() {
    let schema = schema! {
        enum M { Fine(u8), Odd { what: Option<Untagged> }, Ask }
        enum R { Fine(()), Odd(()), Ask(Result<Tagged, ()>) }
        #[serde(untagged)] enum Untagged { Number(u8), Text(String) }
        #[serde(tag = "kind")] enum Tagged { A { x: u8 }, B }
    };
    let schema = schema.unwrap();
    assert!(schema.by_name("Fine").unwrap().obstacle().is_none());
    let odd = schema.by_name("Odd").unwrap().obstacle().unwrap();
    assert_eq!(
        (odd.place.as_str(), odd.of.as_str(), odd.why),
        ("Odd.what", "Option<Untagged>", Why::SelfDescribing)
    );
    let ask = schema.by_name("Ask").unwrap().obstacle().unwrap();
    assert_eq!((ask.place.as_str(), ask.of.as_str()), ("reply.Ok", "Tagged"));
}
