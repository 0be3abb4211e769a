//! Names of what is generated.

use proc_macro2::{Ident, Span};
use quote::format_ident;
use syn::Path;
use syn::ext::IdentExt;

/// `AccountHandle` for `Account`.
pub(crate) fn handle(actor: &Ident) -> Ident {
    format_ident!("{}Handle", actor.unraw(), span = place(actor))
}

/// `AccountMessage` for `Account`.
pub(crate) fn message(actor: &Ident) -> Ident {
    format_ident!("{}Message", actor.unraw(), span = place(actor))
}

/// `AccountReply` for `Account`.
pub(crate) fn reply(actor: &Ident) -> Ident {
    format_ident!("{}Reply", actor.unraw(), span = place(actor))
}

/// Where names that begin as the actor's lie. What is to be said of its case is said of its own.
fn place(actor: &Ident) -> Span {
    let name = plain(actor);
    let is_camel = !name.starts_with(char::is_lowercase) && !name.contains('_');
    if is_camel { actor.span() } else { repeated(actor).span() }
}

/// The user's name at its place, as a word of the macro's: lints look past those.
pub(crate) fn repeated(name: &Ident) -> Ident {
    let mut repeated = name.clone();
    repeated.set_span(Span::call_site().located_at(name.span()));
    repeated
}

/// `bank::AccountHandle<T>` for `bank::Account<T>`.
pub(crate) fn handle_path(actor: &Path) -> Path {
    let mut path = actor.clone();
    if let Some(last) = path.segments.last_mut() {
        last.ident = handle(&last.ident);
    }
    path
}

/// `BalanceLater` for `balance_later`. It has no place of its own: the user's name leads to the method of the handle only.
pub(crate) fn variant(method: &Ident) -> Ident {
    let name = method.unraw().to_string();
    let mut camel = String::new();
    for word in name.split('_').filter(|word| !word.is_empty()) {
        let mut letters = word.chars();
        camel.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        camel.push_str(letters.as_str());
    }
    // `self_` and `__` and `_1` make no names of their own.
    if camel.is_empty() || syn::parse_str::<Ident>(&camel).is_err() {
        camel = if camel == "Self" { "Self_".to_owned() } else { format!("_{camel}") };
    }
    if camel == "_" {
        camel = format!("_{name}");
    }
    Ident::new(&camel, Span::call_site())
}

/// Whether a variant may have the name: `Self` and `crate` are words, but no names.
pub(crate) fn is_free(name: &Ident) -> bool {
    !["Self", "self", "super", "crate"].iter().any(|word| name == word)
}

/// The method's name as callers and logs see it.
pub(crate) fn plain(method: &Ident) -> String {
    method.unraw().to_string()
}

/// A private local. A static of the user's would be in its way if it were called the same (E0530), and nobody calls one so.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(&format!("__{name}"), Span::mixed_site())
}

/// One where the user's code lies.
pub(crate) fn local_at(name: &str, place: Span) -> Ident {
    let mut local = local(name);
    local.set_span(local.span().located_at(place));
    local
}

/// The private local for the `ReplyTo` of a message, which no name of the user's can meet.
pub(crate) fn reply_to() -> Ident {
    local("reply")
}

/// A local that takes the content of a field. It is called as the field, which no private local can meet, since those have a scope
/// of their own; and it has no place, as the user's name leads to the method of the handle only.
pub(crate) fn taken_out(field: &Ident) -> Ident {
    let mut local = field.clone();
    local.set_span(Span::call_site());
    local
}

/// The best of `known` for a mistyped `name`.
pub(crate) fn closest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|candidate| (distance(name, candidate), *candidate))
        .filter(|(distance, candidate)| *distance <= candidate.len().max(name.len()) / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Edits that make one of the other: a letter more, less, another, or two that have changed places.
pub(crate) fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let at = |row: &[usize], number: usize| row.get(number).copied().unwrap_or_default();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    let mut above: Vec<usize> = Vec::new();
    let mut before = None;
    for (i, a) in from.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, b) in to.iter().enumerate() {
            let mut edits =
                (at(&row, j + 1) + 1).min(at(&next, j) + 1).min(at(&row, j) + usize::from(a != *b));
            let crossed = j > 0 && before == Some(*b) && to.get(j - 1) == Some(&a);
            if crossed {
                edits = edits.min(at(&above, j - 1) + 1);
            }
            next.push(edits);
        }
        above = std::mem::replace(&mut row, next);
        before = Some(a);
    }
    at(&row, to.len())
}

#[cfg(test)]
mod tests {
    use super::{closest, variant};
    use proc_macro2::{Ident, Span};

    #[test]
    fn camel_case() {
        let named = |name: &str| variant(&Ident::new(name, Span::call_site())).to_string();
        assert_eq!(named("balance_later"), "BalanceLater");
        assert_eq!(named("_x1"), "X1");
        assert_eq!(named("_1"), "_1");
        assert_eq!(named("__"), "___");
        assert_eq!(named("self_"), "Self_");
        assert_eq!(variant(&Ident::new_raw("match", Span::call_site())).to_string(), "Match");
    }

    #[test]
    fn did_you_mean() {
        let known = ["mailbox", "overflow", "timeout", "direct", "crate"];
        assert_eq!(closest("mailbx", &known), Some("mailbox"));
        assert_eq!(closest("timout", &known), Some("timeout"));
        assert_eq!(closest("capacity", &known), None);
        assert_eq!(super::distance("on_strat", "on_start"), 1);
        assert_eq!(super::distance("ab", "abcd"), 2);
        assert_eq!(super::distance("", "abc"), 3);
    }
}
