//! `#[actor_test]`: an `async fn` becomes a test that runs under many schedules.

use crate::errors::{self, Errors};
use crate::input;
use crate::naming;
use crate::options::TestOptions;
use proc_macro2::{TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, ReturnType, Signature};

pub(crate) fn run(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let options = TestOptions::parse(options, &mut errors);
    let Some(test) = parse(item.clone(), &mut errors) else {
        let errors = errors.into_tokens();
        return quote!(#item #errors);
    };
    validate(&test, &mut errors);
    if errors.is_sound() { expand(&test, &options) } else { kept(&test, errors) }
}

struct Test {
    attrs: Vec<Attribute>,
    sig: Signature,
    body: TokenStream,
}

/// The function; its body stays as it is, so that what is wrong in there is said there.
fn parse(item: TokenStream, errors: &mut Errors) -> Option<Test> {
    let parser = |input: ParseStream<'_>| {
        let function = input::parse_function(&input.fork());
        let Some((attrs, _, sig)) = function else {
            let token = input.fork().parse::<TokenTree>()?;
            // An item that is no function, or one that is broken.
            let words = input.parse::<TokenStream>()?;
            let place = keyword(&words).unwrap_or(token);
            if place.to_string() == "fn" {
                return syn::parse2::<syn::ItemFn>(words).map(|_| None);
            }
            errors.push(&place, errors::test_of_no_function(&place));
            return Ok(None);
        };
        input::parse_function(input);
        Ok(Some(Test { attrs, sig, body: input.parse()? }))
    };
    match parser.parse2(item) {
        Ok(test) => test,
        Err(error) => {
            errors.push_item(error);
            None
        }
    }
}

/// What tells what an item is.
fn keyword(item: &TokenStream) -> Option<TokenTree> {
    let known = ["struct", "impl", "trait", "enum", "union", "mod", "const", "static", "type", "use", "fn"];
    let is_keyword = |token: &TokenTree| known.iter().any(|word| token.to_string() == *word);
    item.clone().into_iter().find(is_keyword)
}

fn validate(Test { attrs, sig, .. }: &Test, errors: &mut Errors) {
    if sig.asyncness.is_none() {
        errors.push(&sig.fn_token, errors::test_not_async(&sig.ident));
    }
    for input in &sig.inputs {
        errors.push(input, errors::test_argument(&sig.ident));
    }
    if !sig.generics.params.is_empty() {
        errors.push(&sig.generics, errors::test_generic(&sig.ident));
    }
    for attr in attrs {
        let path = attr.path();
        if path.segments.last().is_some_and(|last| last.ident == "test") {
            errors.push(path, errors::test_twice());
        }
    }
}

fn expand(Test { attrs, sig, body }: &Test, TestOptions { calls, library }: &TestOptions) -> TokenStream {
    let name = &sig.ident;
    let label = name.to_string();
    let label = label.trim_start_matches("r#");
    // Where what it returns is no outcome, that is what is wrong.
    let place = match &sig.output {
        ReturnType::Default => name.span(),
        ReturnType::Type(_, ty) => ty.span(),
    };
    let check = quote_spanned! {place=>
        #library::test::schedule::Schedule::check(&schedule, #name)
    };
    quote! {
        #(#attrs)*
        #[::core::prelude::v1::test]
        fn #name() {
            #sig #body
            let schedule = #library::test::schedule::Schedule::new()
                #(.#calls)*
                .name(::core::concat!(::core::module_path!(), "::", #label));
            #check;
        }
    }
}

/// What the user wrote, and what is wrong with it.
fn kept(Test { attrs, sig, body }: &Test, errors: Errors) -> TokenStream {
    let errors = errors.into_tokens();
    // Nobody calls it, which need not be said as well.
    let sig = Signature { ident: naming::repeated(&sig.ident), ..sig.clone() };
    let attrs = attrs.iter().filter(|attr| !attr.path().is_ident("test"));
    quote! {
        #(#attrs)*
        #sig #body
        #errors
    }
}
