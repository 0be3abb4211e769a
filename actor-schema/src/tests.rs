//! Schemas of many types.

mod changes;
mod hostile;
mod messages;
mod particular;
mod recursion;
mod search;
mod types;
mod vectors;
mod wire;

use super::{Entry, Schema};
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// A message with one argument.
#[derive(Deserialize)]
#[allow(dead_code)]
enum One<T> {
    Of(T),
}

#[derive(Deserialize)]
enum Done {
    Of(()),
}

/// What is learned of `T`.
fn entry<T: DeserializeOwned>() -> Entry {
    let schema = Schema::of::<One<T>, Done>().unwrap();
    Entry::clone(schema.by_name("Of").unwrap())
}

/// The fingerprint of `T`, all of which must be seen.
fn print<T: DeserializeOwned>() -> u64 {
    let entry = entry::<T>();
    assert_eq!(entry.gaps, [], "{}", entry.text);
    entry.fingerprint
}

/// The text of `T`.
fn text<T: DeserializeOwned>() -> String {
    let text = entry::<T>().text;
    text.strip_prefix("Of(").unwrap().strip_suffix(") -> ()").unwrap().to_owned()
}

/// The places of `T` that are not seen.
fn gaps<T: DeserializeOwned>() -> Vec<String> {
    entry::<T>().gaps.iter().map(ToString::to_string).collect()
}

/// The fingerprint of the type `T` that the items define.
macro_rules! derived {
    ($($item:item)*) => {{
        $(#[derive(Deserialize)] #[allow(dead_code)] $item)*
        $crate::tests::print::<T>()
    }};
}
use derived;
