//! Lints and generated code. To allow one that the user forbids is an error, so hardly any is: almost all look past what a macro has
//! written, as long as it lies in the macro.

use crate::attrs::{allows, speaks_of_deprecated};
use crate::model::{ActorDef, ActorImpl, Message, Taken};
use proc_macro2::TokenStream;
use quote::quote;
use syn::visit::{Visit, visit_path_segment};
use syn::{Attribute, GenericArgument, PathArguments, PathSegment, Type};

/// For what a struct makes.
pub(super) fn of_def(def: &ActorDef) -> TokenStream {
    allowed(&def.attrs, speaks_of_deprecated(&def.attrs))
}

/// For what an impl block makes.
pub(super) fn of_block(block: &ActorImpl) -> TokenStream {
    let of_messages = block
        .messages
        .iter()
        .any(|message| !message.attrs.deprecated.is_empty() || message.attrs.allows_deprecated);
    allowed(&block.attrs, of_messages || speaks_of_deprecated(&block.attrs))
}

/// For the enums, which are exhaustive as the actor's messages are.
pub(super) fn of_enum(block: &ActorImpl) -> TokenStream {
    let allowed = of_block(block);
    quote!(#allowed #[allow(clippy::exhaustive_enums)])
}

/// For the handle's methods, which may be called as what all handles can do.
pub(super) fn of_handle(block: &ActorImpl) -> TokenStream {
    let allowed = of_block(block);
    quote!(#allowed #[allow(clippy::same_name_method)])
}

/// For one of the handle's methods.
pub(super) fn of_method(message: &Message) -> TokenStream {
    let allowed = of_copy(message);
    let is_impl = message.fields().any(|field| !matches!(field.taken, Taken::AsStored));
    let is_impl = is_impl.then(|| quote!(#[allow(clippy::impl_trait_in_params)]));
    quote!(#allowed #is_impl)
}

/// For whatever repeats a part of a message's signature: what is to be said of that is said of the user's own, where that may be changed.
pub(super) fn of_copy(message: &Message) -> TokenStream {
    let own = &message.attrs.allows;
    let are_many = (message.params.len() >= 7).then(|| quote!(#[allow(clippy::too_many_arguments)]));
    let mut types = message.fields().map(|field| &field.written).chain([&message.reply.ty]);
    let are_odd = types.any(is_odd).then(|| {
        quote! {
            #[allow(
                clippy::box_collection,
                clippy::linkedlist,
                clippy::option_option,
                clippy::owned_cow,
                clippy::rc_buffer,
                clippy::rc_mutex,
                clippy::redundant_allocation,
                clippy::vec_box,
            )]
        }
    });
    quote!(#own #are_many #are_odd)
}

/// Whether clippy has something to say of a type, which it spares where others may rely on it.
fn is_odd(ty: &Type) -> bool {
    let mut odd = Odd(false);
    odd.visit_type(ty);
    odd.0
}

struct Odd(bool);

impl Visit<'_> for Odd {
    fn visit_path_segment(&mut self, found: &PathSegment) {
        self.0 |= found.ident == "LinkedList";
        if let PathArguments::AngleBracketed(list) = &found.arguments {
            let inner = list.args.iter().filter_map(|argument| match argument {
                GenericArgument::Type(Type::Path(inner)) => inner.path.segments.last(),
                _ => None,
            });
            self.0 |=
                inner.into_iter().any(|inner| is_odd_in(&found.ident.to_string(), &inner.ident.to_string()));
        }
        visit_path_segment(self, found);
    }
}

fn is_odd_in(outer: &str, inner: &str) -> bool {
    const OWNED: [&str; 9] =
        ["BTreeMap", "BTreeSet", "HashMap", "HashSet", "OsString", "PathBuf", "String", "Vec", "VecDeque"];
    match outer {
        "Arc" | "Box" | "Rc" => ["Arc", "Box", "Mutex", "Rc"].contains(&inner) || OWNED.contains(&inner),
        "Cow" => OWNED.contains(&inner),
        "Option" => inner == "Option",
        "Vec" => inner == "Box",
        _ => false,
    }
}

/// What the user allows in the item holds for its copies. What is deprecated is used by what is generated, and that lint looks everywhere.
fn allowed(attrs: &[Attribute], is_deprecated: bool) -> TokenStream {
    let (own, deprecated) = (allows(attrs), is_deprecated.then(|| quote!(#[allow(deprecated)])));
    quote!(#own #deprecated)
}
