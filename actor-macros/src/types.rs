//! Recognising types by how they are written, which is all that a macro sees.

use crate::show::show;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{
    GenericArgument, Path, PathArguments, PathSegment, Token, Type, TypeImplTrait, TypeParamBound, TypePath,
    TypeTraitObject,
};

const SCALARS: [&str; 18] = [
    "bool", "char", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
    "f32", "f64", "String", "Duration",
];
const HOLDERS: [&str; 7] = ["Option", "Vec", "Box", "Result", "VecDeque", "HashMap", "BTreeMap"];

/// The type without parentheses and the invisible groups that `$t:ty` leaves.
pub(crate) fn peel(mut ty: &Type) -> &Type {
    loop {
        match ty {
            Type::Group(group) => ty = &group.elem,
            Type::Paren(paren) => ty = &paren.elem,
            _ => return ty,
        }
    }
}

/// `Name<..>` of `some::path::Name<..>`.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match peel(ty) {
        Type::Path(path) if path.qself.is_none() => path.path.segments.last(),
        _ => None,
    }
}

/// Whether the last name of the path is `name`.
pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == name)
}

/// The generic arguments in angle brackets.
pub(crate) fn arguments(segment: &PathSegment) -> impl Iterator<Item = &GenericArgument> {
    match &segment.arguments {
        PathArguments::AngleBracketed(list) => Some(list.args.iter()),
        _ => None,
    }
    .into_iter()
    .flatten()
}

/// The types among them, if there is nothing else but lifetimes.
pub(crate) fn type_arguments(segment: &PathSegment) -> Vec<&Type> {
    arguments(segment)
        .filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        })
        .collect()
}

/// `T` of `Name<T>`.
pub(crate) fn only_argument<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let segment = last_segment(ty).filter(|segment| segment.ident == name)?;
    let mut all = arguments(segment);
    match (all.next(), all.next()) {
        (Some(GenericArgument::Type(ty)), None) => Some(ty),
        _ => None,
    }
}

/// Whether it is `&mut Context<..>` or `&Context<..>`.
pub(crate) fn is_context(ty: &Type) -> bool {
    matches!(peel(ty), Type::Reference(reference) if only_argument(&reference.elem, "Context").is_some())
}

/// Whether it is `&mut Context` without its actor, or with more than that, which rustc says.
pub(crate) fn is_wrong_context(ty: &Type) -> bool {
    matches!(peel(ty), Type::Reference(reference) if reference.mutability.is_some()
    && last_segment(&reference.elem).is_some_and(|segment| {
        segment.ident == "Context"
            && !arguments(segment).any(|argument| matches!(argument, GenericArgument::Lifetime(_)))
    }))
}

/// `&` of `&ReplyTo<T>`, and what it borrows.
pub(crate) fn borrowed_reply_to(ty: &Type) -> Option<(&Token![&], &Type)> {
    match ty {
        Type::Reference(reference) => {
            only_argument(&reference.elem, "ReplyTo").map(|_| (&reference.and_token, &*reference.elem))
        }
        _ => None,
    }
}

/// Whether it is `()`.
pub(crate) fn is_unit(ty: &Type) -> bool {
    matches!(peel(ty), Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// The first `impl Trait` in a type, which no field can have.
pub(crate) fn find_impl(ty: &Type) -> Option<&TypeImplTrait> {
    struct Search<'ast>(Option<&'ast TypeImplTrait>);
    impl<'ast> Visit<'ast> for Search<'ast> {
        fn visit_type_impl_trait(&mut self, found: &'ast TypeImplTrait) {
            self.0 = self.0.or(Some(found));
        }
    }
    let mut search = Search(None);
    search.visit_type(ty);
    search.0
}

/// Where a type is: a borrowed one at what it borrows.
pub(crate) fn place(ty: &Type) -> Span {
    match peel(ty) {
        Type::Reference(reference) => place(&reference.elem),
        other => other.span(),
    }
}

/// Whether a `_` occurs in it, which no signature can have.
pub(crate) fn is_placeholder(ty: &Type) -> bool {
    struct Search(bool);
    impl<'ast> Visit<'ast> for Search {
        fn visit_type_infer(&mut self, _: &'ast syn::TypeInfer) {
            self.0 = true;
        }
    }
    let mut search = Search(false);
    search.visit_type(ty);
    search.0
}

/// Whether it is one that has no size by itself.
pub(crate) fn is_bare(ty: &Type) -> bool {
    const NAMES: [&str; 4] = ["str", "path::Path", "ffi::CStr", "ffi::OsStr"];
    let is_known = |path: &Path| {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let name = names.join("::");
        NAMES.iter().any(|known| name == *known || name == format!("std::{known}"))
    };
    matches!(peel(ty), Type::Slice(_) | Type::TraitObject(_))
        || matches!(peel(ty), Type::Path(path) if is_known(&path.path))
}

/// Whether something in it has no size where it needs one.
pub(crate) fn holds_unsized(ty: &Type) -> bool {
    let is_unsized = |inner: &Type| is_bare(inner) || holds_unsized(inner);
    match peel(ty) {
        Type::Tuple(tuple) => tuple.elems.iter().any(is_unsized),
        Type::Array(array) => is_unsized(&array.elem),
        Type::Slice(slice) => is_unsized(&slice.elem),
        Type::Reference(reference) => holds_unsized(&reference.elem),
        other => last_segment(other).is_some_and(|segment| {
            // A box is where it may be.
            let holds = segment.ident != "Box" && HOLDERS.iter().any(|name| segment.ident == name);
            holds && type_arguments(segment).into_iter().any(is_unsized)
        }),
    }
}

/// Whether it may be one: if the name is that of the standard library's.
pub(crate) fn may_be_bare(ty: &Type) -> bool {
    matches!(peel(ty), Type::Path(path)
        if ["CStr", "OsStr", "Path"].iter().any(|name| path.path.is_ident(name)))
}

/// The first `Self` in it.
pub(crate) fn find_self(ty: &Type) -> Option<Ident> {
    fn search(tokens: TokenStream) -> Option<Ident> {
        tokens.into_iter().find_map(|token| match token {
            TokenTree::Ident(word) if word == "Self" => Some(word),
            TokenTree::Group(group) => search(group.stream()),
            _ => None,
        })
    }
    search(ty.to_token_stream())
}

/// Of types that all must be `Send`, the one to blame if they are not: one that is known for it, one with an object if all objects are of one
/// trait, or the only one that may be.
pub(crate) fn suspect<'a>(types: &[&'a Type]) -> Option<&'a Type> {
    if let Some(known) = types.iter().find(|ty| is_notorious(ty)) {
        return Some(known);
    }
    let mut objects = types.iter().filter_map(|ty| Some((*ty, loose_object(ty)?)));
    if let Some((ty, first)) = objects.next() {
        return objects.all(|(_, other)| other.ident == first.ident).then_some(ty);
    }
    let mut unclear = types.iter().copied().filter(|ty| !is_plain_data(ty));
    unclear.next().filter(|_| unclear.next().is_none())
}

/// Where in that one: at the trait of the object.
pub(crate) fn culprit(ty: &Type) -> Span {
    loose_object(ty).filter(|_| !is_notorious(ty)).map_or_else(|| place(ty), |name| name.ident.span())
}

/// The trait of the first object in a type that does not say `Send`. The trait may.
pub(crate) fn loose_object(ty: &Type) -> Option<&PathSegment> {
    struct Search<'ast>(Option<&'ast PathSegment>);
    impl<'ast> Visit<'ast> for Search<'ast> {
        fn visit_type_trait_object(&mut self, object: &'ast TypeTraitObject) {
            let name = principal(object).and_then(|path| path.segments.last());
            self.0 = self.0.or(name.filter(|_| !says(object, "Send")));
        }
    }
    let mut search = Search(None);
    search.visit_type(ty);
    search.0
}

/// Whether a name in it says that it stays on its thread.
fn is_notorious(ty: &Type) -> bool {
    struct Search(bool);
    impl<'ast> Visit<'ast> for Search {
        fn visit_path_segment(&mut self, segment: &'ast PathSegment) {
            self.0 |= ["Rc", "MutexGuard", "RwLockReadGuard", "RwLockWriteGuard", "NonNull"]
                .iter()
                .any(|name| segment.ident == name);
            syn::visit::visit_path_segment(self, segment);
        }
        fn visit_type_ptr(&mut self, _: &'ast syn::TypePtr) {
            self.0 = true;
        }
    }
    let mut search = Search(false);
    search.visit_type(ty);
    search.0
}

/// What stays on its thread.
pub(crate) enum Local<'a> {
    Rc(&'a TypePath),
    Object {
        object: &'a TypeTraitObject,
        /// Several threads have it at once.
        shared: bool,
    },
}

impl ToTokens for Local<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Local::Rc(path) => path.to_tokens(tokens),
            Local::Object { object, .. } => object.to_tokens(tokens),
        }
    }
}

impl Local<'_> {
    /// What to write for it.
    pub(crate) fn sent_form(&self) -> String {
        match self {
            Local::Rc(path) => shared_form(path),
            // Any error converts into the one that is both, and into none that is only `Send`.
            Local::Object { object, shared } => {
                let both = *shared || principal(object).is_some_and(|path| ends_in(path, "Error"));
                let bounds = if both && !says(object, "Sync") { "Send + Sync" } else { "Send" };
                format!("{} + {bounds}", show(object))
            }
        }
    }
}

/// What is certain to be in it and to stay on its thread: an `Rc`, or an object of a trait that is known for not saying `Send`. What another
/// type makes of the one in it, such as a `SendWrapper`, is only known to rustc.
pub(crate) fn find_local(ty: &Type) -> Option<Local<'_>> {
    find_local_in(ty, false)
}

fn find_local_in(ty: &Type, shared: bool) -> Option<Local<'_>> {
    match peel(ty) {
        Type::Tuple(tuple) => tuple.elems.iter().find_map(|elem| find_local_in(elem, shared)),
        Type::Array(array) => find_local_in(&array.elem, shared),
        Type::Slice(slice) => find_local_in(&slice.elem, shared),
        Type::TraitObject(object) if is_local(object) => Some(Local::Object { object, shared }),
        Type::Path(path) => {
            let segment = path.path.segments.last()?;
            let inner = type_arguments(segment);
            if segment.ident == "Rc" && inner.len() == 1 && is_of(&path.path, "rc") {
                return Some(Local::Rc(path));
            }
            let shares = segment.ident == "Arc";
            let holds = shares || segment.ident == "Pin" || HOLDERS.iter().any(|name| segment.ident == name);
            inner.into_iter().filter(|_| holds).find_map(|held| find_local_in(held, shared || shares))
        }
        _ => None,
    }
}

/// Whether an object may be of one thread: nothing says `Send`, and its trait is the standard library's, which does not either. What borrows is
/// an error for that.
fn is_local(object: &TypeTraitObject) -> bool {
    const TRAITS: [(&str, &str); 9] = [
        ("Fn", "ops"),
        ("FnMut", "ops"),
        ("FnOnce", "ops"),
        ("Any", "any"),
        ("Debug", "fmt"),
        ("Display", "fmt"),
        ("Error", "error"),
        ("Future", "future"),
        ("Iterator", "iter"),
    ];
    let is_standard = |path| TRAITS.iter().any(|(name, module)| ends_in(path, name) && is_of(path, module));
    let borrows = object.bounds.iter().any(|bound| match bound {
        TypeParamBound::Lifetime(lifetime) => lifetime.ident != "static",
        _ => false,
    });
    !borrows && !says(object, "Send") && principal(object).is_some_and(is_standard)
}

/// The trait of an object, which comes before what it says besides.
fn principal(object: &TypeTraitObject) -> Option<&Path> {
    object.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => Some(&bound.path),
        _ => None,
    })
}

fn says(object: &TypeTraitObject, name: &str) -> bool {
    object.bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => ends_in(&bound.path, name),
        _ => false,
    })
}

fn ends_in(path: &Path, name: &str) -> bool {
    path.segments.last().is_some_and(|segment| segment.ident == name)
}

/// Whether it may be what the standard library has in that module: what is of the user's own is written by its path.
fn is_of(path: &Path, module: &str) -> bool {
    path.segments.iter().rev().nth(1).is_none_or(|before| before.ident == module)
}

/// What to write for an `Rc`: a cell in it is for one thread, too.
fn shared_form(rc: &TypePath) -> String {
    let inner = |segment| type_arguments(segment).first().copied();
    let Some(held) = rc.path.segments.last().and_then(inner) else { return "Arc<T>".to_owned() };
    let cell =
        last_segment(held).filter(|segment| ["RefCell", "Cell"].iter().any(|name| segment.ident == name));
    match cell.and_then(inner) {
        Some(held) => format!("Arc<Mutex<{}>>", show(held)),
        None => format!("Arc<{}>", show(held)),
    }
}

/// Whether a path is one of a type that every program has, and whose impl block no program can write.
pub(crate) fn is_standard(path: &Path) -> bool {
    const NAMES: [&str; 8] = ["Arc", "Box", "HashMap", "Mutex", "Option", "Rc", "Result", "Vec"];
    let Some(last) = path.segments.last() else { return false };
    match path.segments.first().filter(|_| path.segments.len() > 1) {
        Some(first) => ["std", "core", "alloc"].iter().any(|name| first.ident == name),
        None if matches!(last.arguments, PathArguments::None) => {
            SCALARS.iter().take(16).any(|name| last.ident == name)
        }
        None => NAMES.iter().any(|name| last.ident == name),
    }
}

/// Whether one can see that it is owned data that any thread may have, whatever it holds: then nothing needs to be asserted.
pub(crate) fn is_plain_data(ty: &Type) -> bool {
    match peel(ty) {
        Type::Tuple(tuple) => tuple.elems.iter().all(is_plain_data),
        Type::Array(array) => is_plain_data(&array.elem),
        Type::Slice(slice) => is_plain_data(&slice.elem),
        other => last_segment(other).is_some_and(|segment| {
            if matches!(segment.arguments, PathArguments::None) {
                SCALARS.iter().any(|name| segment.ident == name)
            } else {
                HOLDERS.iter().any(|name| segment.ident == name)
                    && type_arguments(segment).into_iter().all(is_plain_data)
            }
        }),
    }
}
