//! What the user says of type parameters.

use crate::types::is_named;
use proc_macro2::Ident;
use quote::ToTokens;
use syn::{Generics, TraitBound, Type, TypeParamBound, WherePredicate};

/// Whether the user asks a parameter to be what has this name.
pub(crate) fn says(generics: &Generics, param: &Ident, name: &str) -> bool {
    let is_it = |bound: &TypeParamBound| match bound {
        TypeParamBound::Trait(bound) => last(bound) == name,
        other => other.to_token_stream().to_string() == name,
    };
    let predicates = generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    let in_clause = predicates.into_iter().any(|predicate| match predicate {
        WherePredicate::Type(predicate) => {
            is_named(&predicate.bounded_ty, &param.to_string()) && predicate.bounds.iter().any(is_it)
        }
        _ => false,
    });
    in_clause
        || generics
            .type_params()
            .any(|declared| declared.ident == *param && declared.bounds.iter().any(is_it))
}

pub(crate) fn last(bound: &TraitBound) -> String {
    bound.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}

/// Whether a type is a parameter that has a size, and whose owned form is not asked to be another type.
pub(crate) fn is_sized_parameter(ty: &Type, generics: &Generics) -> bool {
    let mut names = generics.type_params().map(|param| &param.ident);
    let name = names.find(|name| matches!(ty, Type::Path(path) if path.path.is_ident(*name)));
    name.is_some_and(|name| !says(generics, name, "Sized") && !says(generics, name, "ToOwned"))
}
