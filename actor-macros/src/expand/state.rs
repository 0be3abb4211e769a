//! That the actor's state may go to its task. It is asked in one place, where rustc says what is wrong with it; all else that is generated takes
//! it for granted, so that the same is not said of each handler.

use super::names::Names;
use super::{bounds, lints};
use crate::model::{ActorDef, ActorImpl};
use crate::options::StructOptions;
use crate::self_type::relocate;
use crate::types::{culprit, may_be_bare, suspect};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{GenericParam, Lifetime, Path, Type};

/// By the struct, at the type of the field that is most likely wrong; where a block can name the struct without arguments.
pub(super) fn of_struct(def: &ActorDef) -> Option<TokenStream> {
    let has_default = |param: &GenericParam| match param {
        GenericParam::Type(param) => param.default.is_some(),
        GenericParam::Const(param) => param.default.is_some(),
        GenericParam::Lifetime(_) => false,
    };
    if !def.generics.params.iter().all(has_default) {
        return None;
    }
    let ActorDef { ident, options: StructOptions { library, .. }, .. } = def;
    let fields: Vec<&Type> = def.fields.iter().collect();
    // Only the last field can be one without a size.
    let last = || fields.last().copied().filter(|ty| may_be_bare(ty));
    let place = suspect(&fields).or_else(last).map_or(ident.span(), culprit);
    let generics = bounds::owned(&def.generics);
    let (params, arguments, where_clause) = generics.split_for_impl();
    // Of its parameters it knows nothing.
    let is_sent = (!def.generics.params.is_empty()).then(|| quote!(#ident #arguments: ::core::marker::Send,));
    let where_clause = bounds::extend(&where_clause.to_token_stream(), &is_sent.unwrap_or_default());
    let actor = relocate(quote!(#ident #arguments), place);
    let allow = lints::of_def(def);
    Some(quote! {
        #[automatically_derived]
        #allow
        impl #params #library::macro_support::State for #actor #where_clause {}
    })
}

/// By the block of a generic actor, which says what its parameters are.
pub(super) fn of_block(block: &ActorImpl, names: &Names<'_>) -> Option<TokenStream> {
    let Names { library, actor, impl_generics, where_state, .. } = names;
    let allow = lints::of_block(block);
    has_arguments(&names.handle).then(|| {
        quote! {
            #[automatically_derived]
            #allow
            impl #impl_generics #library::macro_support::StateWith for #actor #where_state {}
        }
    })
}

/// The clause with that. It has a lifetime in it, or rustc would ask it once more.
pub(super) fn assuming(clause: &TokenStream, block: &ActorImpl, path: &Path) -> TokenStream {
    let (library, actor) = (&block.options.library, &block.self_ty);
    let place = Lifetime::new("'a", Span::mixed_site());
    let assumed = if has_arguments(path) { quote!(SentWith) } else { quote!(Sent) };
    bounds::extend(clause, &quote!(for<#place> #actor: #library::macro_support::#assumed<#place>,))
}

/// Whether it is one of a generic actor, as far as its block can tell.
fn has_arguments(path: &Path) -> bool {
    path.segments.iter().any(|segment| !segment.arguments.is_none())
}
