//! Calls with arguments that may be compiled out. An argument cannot have a `#[cfg]`, so there is a call for each case.

use proc_macro2::TokenStream;
use quote::quote;

/// An argument of a call, with the condition for its being there.
pub(super) struct Argument {
    pub(super) condition: Option<TokenStream>,
    pub(super) value: TokenStream,
}

/// The call of `function` with those of the arguments that are there.
pub(super) fn call(function: &TokenStream, arguments: &[Argument]) -> TokenStream {
    let conditions: Vec<&TokenStream> =
        arguments.iter().filter_map(|argument| argument.condition.as_ref()).collect();
    if conditions.is_empty() {
        let values = arguments.iter().map(|argument| &argument.value);
        return quote!(#function(#(#values,)*));
    }
    let cases = (0_usize..1 << conditions.len()).map(|case| {
        let holds = |number: usize| case >> number & 1 == 1;
        let predicates = conditions.iter().enumerate().map(|(number, condition)| {
            if holds(number) { quote!(#condition) } else { quote!(not(#condition)) }
        });
        let mut number = 0;
        let values = arguments.iter().filter_map(|argument| {
            let there = argument.condition.is_none() || {
                number += 1;
                holds(number - 1)
            };
            there.then_some(&argument.value)
        });
        quote! { #[cfg(all(#(#predicates),*))] { #function(#(#values,)*) } }
    });
    quote!({ #(#cases)* })
}
