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

    // ---- what is borrowed, whose owned form the editor works out, as it does what comes back
    for (call, method, said) in [
        ("account.no", "pub fn note", "Writes an entry down."),
        ("account.co", "pub async fn copy", "Writes down what another one has"),
        ("shelf.ho", "pub fn hold", "Takes one to hold."),
        ("keeper.ke", "async fn keep", "Keeps an entry."),
    ] {
        let place = text.after(call);
        assert_eq!(client.definitions(place), [text.line(method)], "{call}");
        assert!(client.hover(place).contains(said), "{call}");
    }
    for (name, ty) in [
        ("noted", "Result<usize, CallError>"),
        ("copied", "Result<Entry, CallError<String>>"),
        ("held", "Result<Option<Entry>, CallError>"),
        ("kept", "Result<usize, CallError>"),
    ] {
        let hover = client.hover(text.after(&format!("let {name}")));
        assert!(hover.contains(&format!("{name}: {ty}")), "{hover}");
    }
    assert_eq!(client.errors(), []);

    // ---- a half-typed argument of that type, and one that has no owned form: the others stay
    let typed = text.with("note(Entry { amount: 1 })", "note(Entry { am })");
    client.change(&typed);
    assert!(client.completions(typed.after("note(Entry { am")).contains(&"amount".to_owned()));
    assert!(!client.errors().is_empty());
    let typed = text.with("#[derive(Clone)]", "");
    client.change(&typed);
    assert_eq!(client.definitions(typed.after("account.dep")), [typed.line("pub fn deposit")]);
    assert_eq!(client.definitions(typed.after("account.no")), [typed.line("pub fn note")]);

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
