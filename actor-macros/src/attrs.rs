//! Attributes: which are ours, and where the user's others go.

use crate::{built, naming};
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Path, Token};

/// The attributes that only mean something inside a block with `#[actor]`.
pub(crate) const INERT: [&str; 5] = ["message", "on_start", "on_stop", "on_exit", "every"];

/// The item without the attributes that are ours; nothing else in it is touched, so that errors in its bodies stay there.
pub(crate) fn without_ours(item: TokenStream) -> TokenStream {
    // The field of a struct may have a `#[message]` of another macro.
    let is_struct =
        item.clone().into_iter().any(|token| matches!(token, TokenTree::Ident(word) if word == "struct"));
    // On a block those of methods mean nothing, and would make one of their own of what is kept.
    strip(item, &|attribute| is_ours(attribute) || !is_struct && is_named(attribute, &is_inert))
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace && !is_struct => {
                let is_ours = |name: &Ident| is_inert(name) || meant(name).is_some();
                let kept = strip(group.stream(), &|attribute| is_named(attribute, &is_ours));
                // One that is made anew has its braces elsewhere: what rustc has said of it, it would say again.
                if count(kept.clone()) == count(group.stream()) {
                    return TokenTree::Group(group);
                }
                let mut changed = Group::new(Delimiter::Brace, kept);
                changed.set_span(group.span());
                TokenTree::Group(changed)
            }
            other => other,
        })
        .collect()
}

fn count(tokens: TokenStream) -> usize {
    tokens.into_iter().count()
}

fn strip(tokens: TokenStream, is_ours: &dyn Fn(&Group) -> bool) -> TokenStream {
    let mut kept = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let hash = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        let is_attribute = |group: &Group| group.delimiter() == Delimiter::Bracket && is_ours(group);
        if hash && matches!(tokens.peek(), Some(TokenTree::Group(group)) if is_attribute(group)) {
            tokens.next();
        } else {
            kept.push(token);
        }
    }
    kept.into_iter().collect()
}

fn is_named(attribute: &Group, is_ours: &dyn Fn(&Ident) -> bool) -> bool {
    let mut inner = attribute.stream().into_iter();
    let name = match inner.next() {
        Some(TokenTree::Ident(name)) => name,
        // `$meta:meta` from `macro_rules!`.
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::None => {
            return is_named(&group, is_ours);
        }
        _ => return false,
    };
    match inner.next() {
        // `#[message::other]` is somebody else's.
        Some(TokenTree::Punct(punct)) if punct.as_char() == ':' => false,
        Some(TokenTree::Group(list)) if name == "cfg_attr" => {
            list.stream().into_iter().any(|token| matches!(token, TokenTree::Ident(ident) if is_ours(&ident)))
        }
        _ => is_ours(&name),
    }
}

/// Whether it is a second `#[actor]`.
fn is_ours(attribute: &Group) -> bool {
    is_named(attribute, &|name| name == "actor")
        || syn::parse2::<Meta>(attribute.stream()).is_ok_and(|meta| is_actor(meta.path()))
}

/// `actor`, or `actor_core::actor`.
pub(crate) fn is_actor(path: &Path) -> bool {
    let mut names = path.segments.iter().map(|segment| &segment.ident);
    names.next_back().is_some_and(|name| name == "actor")
        && names.next_back().is_none_or(|name| name == "actor_core")
        && names.next_back().is_none()
}

/// Whether it is one of our attributes on methods.
pub(crate) fn is_inert(name: &Ident) -> bool {
    INERT.iter().any(|inert| name == inert)
}

/// Of our attributes on methods, the one that this name is meant for: a slip of the finger, or another library's ending.
pub(crate) fn meant(name: &Ident) -> Option<&'static str> {
    let word = name.to_string();
    let mut ours =
        ["message"].into_iter().chain(built::HOOKS).filter(|ours| word.len() > 3 && word != **ours);
    // `on_started` is a hook of others.
    ours.find(|ours| naming::distance(&word, ours) == 1 || ours.starts_with("on_") && word.starts_with(ours))
}

/// The attributes of a method or parameter, sorted by where they are repeated in generated code.
#[derive(Default)]
pub(crate) struct Routed {
    /// On whatever stands for the method: without it, it would be there when the method is not.
    pub(crate) cfg: TokenStream,
    /// On its variant and on its method of the handle.
    pub(crate) docs: TokenStream,
    pub(crate) deprecated: TokenStream,
    /// On all that repeats its signature.
    pub(crate) allows: TokenStream,
    /// Whether they allow what is deprecated.
    pub(crate) allows_deprecated: bool,
}

impl Routed {
    pub(crate) fn new(attrs: &[Attribute]) -> Self {
        let allows_deprecated = speaks_of_deprecated(attrs);
        let mut routed = Routed { allows_deprecated, ..Routed::default() };
        let is_deprecated = |attr: &Attribute| attr.path().is_ident("deprecated");
        for (number, attr) in attrs.iter().enumerate() {
            // A second one is an error of the method itself.
            if !is_deprecated(attr) || !attrs.iter().take(number).any(is_deprecated) {
                routed.add(&attr.meta, &|meta| quote!(#[#meta]));
            }
        }
        routed
    }

    fn add(&mut self, meta: &Meta, wrap: &dyn Fn(TokenStream) -> TokenStream) {
        let path = meta.path();
        let place = if path.is_ident("cfg") {
            &mut self.cfg
        } else if path.is_ident("doc") {
            &mut self.docs
        } else if let Some(allowed) = allowed(meta) {
            return self.allows.extend(wrap(allowed));
        } else if path.is_ident("deprecated") {
            &mut self.deprecated
        } else if path.is_ident("cfg_attr") {
            return self.add_conditional(meta, wrap);
        } else {
            // `#[must_use]`, `#[inline]`, `#[track_caller]`, `#[instrument]`: these are of the user's own method.
            return;
        };
        place.extend(wrap(meta.to_token_stream()));
    }

    fn add_conditional(&mut self, meta: &Meta, wrap: &dyn Fn(TokenStream) -> TokenStream) {
        let mut parts = conditional(meta).into_iter().flatten();
        let Some(condition) = parts.next() else { return };
        for part in parts {
            self.add(&part, &|inner| wrap(quote!(cfg_attr(#condition, #inner))));
        }
    }
}

/// What an attribute allows. What is expected of the user's own code may be in its copies as well, but need not be.
fn allowed(meta: &Meta) -> Option<TokenStream> {
    let lints = meta.require_list().ok()?;
    let says = |word: &str| lints.path.is_ident(word);
    let word = lints.path.get_ident().filter(|_| says("allow") || says("expect"))?;
    let (allow, tokens) = (Ident::new("allow", word.span()), &lints.tokens);
    Some(quote!(#allow(#tokens)))
}

/// What attributes allow, for copies of what they stand on.
pub(crate) fn allows(attrs: &[Attribute]) -> TokenStream {
    attrs.iter().filter_map(|attr| allowed(&attr.meta)).map(|allowed| quote!(#[#allowed])).collect()
}

/// Whether an attribute is `#[deprecated]`, or says that something may be.
pub(crate) fn speaks_of_deprecated(attrs: &[Attribute]) -> bool {
    attrs.iter().any(|attr| {
        ["allow", "expect", "deprecated", "cfg_attr"].iter().any(|name| attr.path().is_ident(name))
            && mentions_deprecated(attr.meta.to_token_stream())
    })
}

fn mentions_deprecated(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(word) => word == "deprecated" || word == "warnings",
        TokenTree::Group(group) => mentions_deprecated(group.stream()),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// The condition of a `cfg_attr`, and what it stands for.
pub(crate) fn conditional(meta: &Meta) -> Option<Punctuated<Meta, Token![,]>> {
    let list = meta.require_list().ok().filter(|list| list.path.is_ident("cfg_attr"))?;
    list.parse_args_with(Punctuated::parse_terminated).ok()
}

/// Whether it is no `#[cfg]`, or one that rustc can evaluate.
pub(crate) fn is_sound_cfg(attr: &Attribute) -> bool {
    !attr.path().is_ident("cfg") || attr.meta.require_list().is_ok_and(|list| is_predicate(&list.tokens))
}

/// Whether it can stand in a `#[cfg(..)]`. What cannot, rustc refuses.
fn is_predicate(tokens: &TokenStream) -> bool {
    if syn::parse2::<syn::LitBool>(tokens.clone()).is_ok() {
        return true;
    }
    match syn::parse2::<Meta>(tokens.clone()) {
        Ok(Meta::List(list)) if ["all", "any", "not"].iter().any(|name| list.path.is_ident(name)) => {
            let mut pieces = vec![TokenStream::new()];
            for token in list.tokens {
                if matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',') {
                    pieces.push(TokenStream::new());
                } else if let Some(last) = pieces.last_mut() {
                    last.extend([token]);
                }
            }
            // Behind the last comma there may be nothing.
            if pieces.last().is_some_and(TokenStream::is_empty) {
                pieces.pop();
            }
            pieces.iter().all(is_predicate)
        }
        parsed => parsed.is_ok(),
    }
}

/// Names of our own attributes inside a `cfg_attr`, which a macro cannot evaluate.
pub(crate) fn conditional_ours(attr: &Attribute) -> Option<Path> {
    conditional(&attr.meta)?
        .into_iter()
        .skip(1)
        .map(|part| part.path().clone())
        .find(|path| INERT.iter().any(|name| path.is_ident(name)))
}
