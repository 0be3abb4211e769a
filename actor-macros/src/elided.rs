//! `Request<T>` in a signature. An actor's own has a lifetime, which a signature may leave out and a field may not, and more arguments, which the
//! compiler misses where the user wrote it. So that it says nothing else, what is generated has the type as that of a function; another
//! type of that name stays what it is.

use crate::types::only_argument;
use proc_macro2::TokenStream;
use syn::spanned::Spanned;
use syn::visit_mut::{VisitMut, visit_type_mut};
use syn::{ParenthesizedGenericArguments, Type, TypeFnPtr, TypeImplTrait, parse_quote_spanned};

/// Whether that happens to a type.
pub(crate) fn spelt_out(ty: &mut Type, library: &TokenStream) -> bool {
    let mut spelling = Spelling { library, found: false };
    spelling.visit_type_mut(ty);
    spelling.found
}

struct Spelling<'a> {
    library: &'a TokenStream,
    found: bool,
}

impl VisitMut for Spelling<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        visit_type_mut(self, ty);
        if only_argument(ty, "Request").is_some() {
            let library = self.library;
            *ty = parse_quote_spanned!(ty.span()=> <fn(&()) -> #ty as #library::macro_support::Elided>::Type);
            self.found = true;
        }
    }

    // There it may be left out.
    fn visit_type_fn_ptr_mut(&mut self, _: &mut TypeFnPtr) {}

    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut ParenthesizedGenericArguments) {}

    // That is no data.
    fn visit_type_impl_trait_mut(&mut self, _: &mut TypeImplTrait) {}
}
