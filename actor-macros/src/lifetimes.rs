//! Borrows inside of types: a message and a reply own what they carry.

use crate::show::show;
use crate::types::{arguments, type_arguments};
use quote::ToTokens;
use syn::visit::Visit;
use syn::{
    GenericArgument, Lifetime, ParenthesizedGenericArguments, Type, TypeFnPtr, TypeParamBound, TypePath,
    TypeReference,
};

/// The first borrow or lifetime in a type, other than `'static` and those of `fn(&T)` and `dyn Fn(&T)`, which are not its own.
pub(crate) fn find_borrow(ty: &Type) -> Option<Borrow> {
    let mut finder = Finder { found: None };
    finder.visit_type(ty);
    finder.found
}

pub(crate) enum Borrow {
    Reference(TypeReference),
    Lifetime(Lifetime),
}

impl Borrow {
    pub(crate) fn is_mutable(&self) -> bool {
        matches!(self, Borrow::Reference(reference) if reference.mutability.is_some())
    }

    /// What to write in its place.
    pub(crate) fn owned(&self) -> String {
        match self {
            Borrow::Reference(reference) => owned_of(&reference.elem),
            Borrow::Lifetime(_) => "'static".to_owned(),
        }
    }
}

impl ToTokens for Borrow {
    fn to_tokens(&self, tokens: &mut proc_macro2::TokenStream) {
        match self {
            Borrow::Reference(reference) => reference.to_tokens(tokens),
            Borrow::Lifetime(lifetime) => lifetime.to_tokens(tokens),
        }
    }
}

/// Such a borrow of a field if nothing says for how long.
pub(crate) fn find_elided(field: &Type) -> Option<Borrow> {
    find_borrow(field).filter(|borrow| match borrow {
        Borrow::Reference(reference) => reference.lifetime.as_ref().is_none_or(is_elided),
        Borrow::Lifetime(lifetime) => is_elided(lifetime),
    })
}

fn is_elided(lifetime: &Lifetime) -> bool {
    lifetime.ident == "_"
}

/// Whether it is written `'static`.
pub(crate) fn is_static(lifetime: Option<&Lifetime>) -> bool {
    lifetime.is_some_and(|lifetime| lifetime.ident == "static")
}

struct Finder {
    found: Option<Borrow>,
}

impl<'ast> Visit<'ast> for Finder {
    fn visit_type_reference(&mut self, reference: &'ast TypeReference) {
        if is_static(reference.lifetime.as_ref()) {
            self.visit_type(&reference.elem);
        } else if self.found.is_none() {
            self.found = Some(Borrow::Reference(reference.clone()));
        }
    }

    fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
        if !is_static(Some(lifetime)) && self.found.is_none() {
            self.found = Some(Borrow::Lifetime(lifetime.clone()));
        }
    }

    fn visit_type_fn_ptr(&mut self, _: &'ast TypeFnPtr) {}

    fn visit_parenthesized_generic_arguments(&mut self, _: &'ast ParenthesizedGenericArguments) {}

    fn visit_trait_bound(&mut self, bound: &'ast syn::TraitBound) {
        // `dyn for<'a> Visit<'a>` brings its lifetimes along.
        if bound.lifetimes.is_none() {
            syn::visit::visit_trait_bound(self, bound);
        }
    }
}

/// The first request of an actor in a type, which borrows the handle that it was made with: `Request<'_, M, T>`.
pub(crate) fn find_request(ty: &Type) -> Option<&TypePath> {
    struct Search<'ast>(Option<&'ast TypePath>);
    impl<'ast> Visit<'ast> for Search<'ast> {
        fn visit_type_path(&mut self, path: &'ast TypePath) {
            let is_request = path.path.segments.last().is_some_and(|last| {
                let borrows = |argument: &GenericArgument| {
                    matches!(argument, GenericArgument::Lifetime(lifetime) if !is_static(Some(lifetime)))
                };
                last.ident == "Request" && arguments(last).any(borrows) && type_arguments(last).len() > 1
            });
            self.0 = self.0.or(Some(path).filter(|_| is_request));
            syn::visit::visit_type_path(self, path);
        }
    }
    let mut search = Search(None);
    search.visit_type(ty);
    search.0
}

/// `PendingReply<T>` of `Request<'_, M, T>`.
pub(crate) fn pending_of(request: &TypePath) -> String {
    let types = request.path.segments.last().map(type_arguments).unwrap_or_default();
    let types: Vec<String> = types.iter().skip(1).map(show).collect();
    format!("PendingReply<{}>", types.join(", "))
}

/// Whether one of the named lifetimes occurs.
pub(crate) fn mentions_any(tokens: &impl ToTokens, names: &[&Lifetime]) -> bool {
    struct Search<'a>(&'a [&'a Lifetime], bool);
    impl<'ast> Visit<'ast> for Search<'_> {
        fn visit_lifetime(&mut self, lifetime: &'ast Lifetime) {
            self.1 |= self.0.contains(&lifetime);
        }
    }
    let mut search = Search(names, false);
    match syn::parse2::<Type>(tokens.to_token_stream()) {
        Ok(ty) => search.visit_type(&ty),
        Err(_) => return false,
    }
    search.1
}

/// How the owned form of a borrow is written: `String` for `&str`.
pub(crate) fn owned_form(ty: &Type) -> String {
    match crate::types::peel(ty) {
        Type::Reference(reference) => owned_of(&reference.elem),
        other => show(other),
    }
}

/// `T::Owned`, as a person would write it.
pub(crate) fn owned_of(ty: &Type) -> String {
    match crate::types::peel(ty) {
        Type::Slice(slice) => format!("Vec<{}>", owned_form(&slice.elem)),
        Type::TraitObject(object) => {
            let says_send = object.bounds.iter().any(|bound| match bound {
                TypeParamBound::Trait(bound) => bound.path.is_ident("Send"),
                _ => false,
            });
            format!("Box<{}{}>", show(object), if says_send { "" } else { " + Send" })
        }
        other => match show(other).as_str() {
            "str" => "String".to_owned(),
            name => owned_path(name).unwrap_or_else(|| name.to_owned()),
        },
    }
}

/// `std::path::PathBuf` of `std::path::Path`, also by a shorter path.
fn owned_path(name: &str) -> Option<String> {
    const NAMES: [(&str, &str); 3] = [("Path", "PathBuf"), ("OsStr", "OsString"), ("CStr", "CString")];
    NAMES.iter().find_map(|(borrowed, owned)| {
        let before = name.strip_suffix(borrowed)?;
        (before.is_empty() || before.ends_with("::")).then(|| format!("{before}{owned}"))
    })
}
