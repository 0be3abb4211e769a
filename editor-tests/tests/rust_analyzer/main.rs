//! Asks rust-analyzer, over the protocol that editors speak, about the actor in `fixture.rs`.
//!
//! Outside the ordinary test run, since it needs rust-analyzer: the one of the variable `RUST_ANALYZER`, or of the path.

mod client;
mod text;

use client::Client;
use text::{FIXTURE, Text};

#[test]
#[ignore = "needs rust-analyzer"]
fn an_editor_understands_an_actor() {
    let mut client = Client::start();
    let text = Text::new(FIXTURE);
    client.open(&text);

    // ---- a call through a handle leads to the user's method, and shows its documentation
    let call = text.after("account.dep");
    assert_eq!(client.definitions(call), [text.line("pub fn deposit")]);
    assert!(client.hover(call).contains("Adds `amount` and returns the new balance."));
    assert!(client.completions(text.after("account.")).contains(&"deposit".to_owned()));
    assert_eq!(client.definitions(text.after("account: &AccountHandle")), [text.line("pub struct Account")]);

    // ---- a half-typed body
    let typed = text.with("self.balance += amount;", "self.");
    client.change(&typed);
    assert!(client.completions(typed.after("        self.")).contains(&"balance".to_owned()));
    // And what is generated is still there.
    assert_eq!(client.definitions(typed.after("account.dep")), [typed.line("pub fn deposit")]);
    assert!(client.hover(typed.after("account.dep")).contains("Adds `amount`"));

    // ---- a half-typed list of parameters
    let typed = text.with("other: AccountHandle)", "other: Acc)");
    client.change(&typed);
    assert!(client.completions(typed.after("other: Acc")).contains(&"AccountHandle".to_owned()));
    let typed = text.with("account.deposit(10)", "account.deposit(acc)");
    client.change(&typed);
    assert!(client.completions(typed.after("deposit(acc")).contains(&"account".to_owned()));

    // ---- a half-typed attribute: the others stay
    let typed = text.with("std::time::Duration::from_secs(1)", "std::time::Dura");
    client.change(&typed);
    assert!(client.completions(typed.after("std::time::Dura")).contains(&"Duration".to_owned()));
    assert_eq!(client.definitions(typed.after("account.dep")), [typed.line("pub fn deposit")]);
}
