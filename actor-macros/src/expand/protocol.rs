//! From a trait: its enums, how all who implement it handle its messages, and the handle that leads to any of them.

use super::conditional;
use super::dispatch::{Mode, arguments, arm_with, assuming, mode, policy, timeout_of};
use super::handle_type::{HandleType, unused};
use super::message::{any, message_carrier};
use super::names::Names;
use super::{bounds, guard, handle, lints, message, reply, travels};
use crate::model::Protocol;
use crate::naming;
use crate::self_type::relocate;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{GenericParam, Generics, Path};

/// With errors in the trait, `sound` is false: then all of it is there but does nothing.
pub(crate) fn protocol(protocol: &Protocol, sound: bool) -> TokenStream {
    let block = &protocol.block;
    let Some(names) = Names::new(block) else { return TokenStream::new() };
    let route = match protocol.base() {
        Some(_) => {
            let library = names.library;
            quote!(#library::ActorHandle::route(self))
        }
        None => quote!(self.route),
    };
    let names = Names { route: Some(route), ..names };
    let message = message::expand(block, &names);
    let reply = reply::expand(block, &names);
    let handled = handled(protocol, &names, sound);
    let type_ = handle_type(protocol, &names, sound);
    let conversions = conversions(protocol, &names);
    let handle = handle::expand(block, &names, sound);
    let travels = travels::expand(block, &names);
    quote! { #message #reply #handled #type_ #conversions #handle #travels }
}

/// The parameters with one more behind them.
fn with(param: &TokenStream, generics: &Generics) -> TokenStream {
    let params = generics.params.iter().map(|param| {
        let mut param = param.clone();
        match &mut param {
            GenericParam::Type(param) => param.default = None,
            GenericParam::Const(param) => param.default = None,
            GenericParam::Lifetime(_) => {}
        }
        param
    });
    quote!(<#(#params,)* #param>)
}

/// `HandledBy<A>` for the messages, where `A` implements the trait.
fn handled(protocol: &Protocol, names: &Names<'_>, sound: bool) -> TokenStream {
    let Names { library, message: enum_, ty_generics, where_sent, .. } = names;
    let block = &protocol.block;
    let where_sent = assuming(where_sent, block, names);
    let actor = unused("__A", &block.generics);
    let trait_ = &block.actor;
    let params = with(&quote!(#actor: #library::Actor + #trait_), &names.generics);
    let policy = if sound {
        let arms = block.distinct().map(|message| {
            let (cfg, pattern, policy) = (&message.attrs.cfg, any(message, enum_), policy(message, library));
            quote! { #cfg #pattern => #policy, }
        });
        let arms: TokenStream = arms.collect();
        let never = message_carrier(block, names).no_arm(enum_);
        quote! { match *self { #arms #never } }
    } else {
        quote!(const { &#library::Policy::plain("") })
    };
    let first = protocol.base().filter(|_| sound).map(|base| first(base, &actor, names));
    let handlers = sound.then(|| {
        let handlers = [Mode::Plain, Mode::Exclusive, Mode::Concurrent, Mode::Last]
            .map(|mode| handler(mode, protocol, &actor, names));
        let guard = guard(protocol, &actor, names);
        quote!(#guard #(#handlers)*)
    });
    let allow = lints::of_block(block);
    quote_spanned! {names.place=>
        #[automatically_derived]
        #allow
        impl #params #library::macro_support::HandledBy<#actor> for #enum_ #ty_generics #where_sent {
            #first

            fn policy(&self) -> &'static #library::Policy {
                #policy
            }

            #handlers
        }
    }
}

/// Of a protocol that extends another: the route that its handles hold is that one's, which leads on to its own.
fn first(base: &Path, actor: &Ident, names: &Names<'_>) -> TokenStream {
    let library = names.library;
    let base = naming::handle_path(base);
    let further = unused("X", &names.generics);
    let support = quote!(#library::macro_support);
    quote! {
        fn first<#further: #support::Extension>() -> #support::AnyRoute {
            <<#base as #library::ActorHandle>::Message as #support::HandledBy<#actor>>::first::<
                #support::By<#actor, Self, #further>,
            >()
        }
    }
}

/// The guards: they say `self` of the actor, and so stand in a trait of its own.
fn guard(protocol: &Protocol, actor: &Ident, names: &Names<'_>) -> Option<TokenStream> {
    let Names { impl_generics, ty_generics, where_sent, .. } = names;
    let block = &protocol.block;
    let guards = guard::expand(block, names)?;
    let trait_ = &block.actor;
    let params = with(&quote!(#actor: #trait_), &names.generics);
    let this = naming::local("actor");
    Some(quote! {
        fn guard(&self, #this: &#actor) -> ::core::primitive::bool {
            trait __Guards #impl_generics: #trait_ #where_sent { #guards }
            impl #params __Guards #ty_generics for #actor #where_sent {}
            __Guards::guard(#this, self)
        }
    })
}

/// One of the `handle` methods, if any message needs it.
fn handler(of: Mode, protocol: &Protocol, actor: &Ident, names: &Names<'_>) -> Option<TokenStream> {
    let Names { library, reply, ty_generics, .. } = names;
    let block = &protocol.block;
    let trait_ = &block.actor;
    let (this, context) = (naming::local("actor"), naming::local("ctx"));
    let here = block.distinct().filter(|message| mode(message) == of);
    let arms = here.map(|message| {
        let name = &message.name;
        let arguments = arguments(message, &this.to_token_stream(), Some(library));
        arm_with(message, conditional::call(&quote!(<#actor as #trait_>::#name), &arguments), names)
    });
    let arms: TokenStream = arms.collect();
    if arms.is_empty() {
        return None;
    }
    let others = block.distinct().any(|message| mode(message) != of);
    let rest = others.then(|| quote!(_ => ::core::option::Option::None,));
    let answer = quote!(::core::option::Option<#reply #ty_generics>);
    let future = quote!(impl ::core::future::Future<Output = #answer> + ::core::marker::Send);
    let body = quote! { match self { #arms #rest } };
    Some(match of {
        Mode::Plain => {
            quote! { fn handle(self, #this: &mut #actor, #context: &mut #library::Context<#actor>) -> #answer { #body } }
        }
        Mode::Exclusive => quote! {
            fn handle_exclusive(self, #this: &mut #actor, #context: &mut #library::Context<#actor>) -> #future { async move { #body } }
        },
        Mode::Concurrent => quote! {
            fn handle_concurrent<'a>(
                self,
                #this: &'a #actor,
                #context: &'a mut #library::Context<#actor>,
            ) -> #future {
                async move { #body }
            }

            fn phase(&self) -> ::core::option::Option<#library::macro_support::Phase<#actor>> {
                ::core::option::Option::Some(#library::macro_support::letters)
            }
        },
        Mode::Last => {
            quote! { fn handle_last(self, #this: #actor, #context: &mut #library::Context<#actor>) -> #future { async move { #body } } }
        }
    })
}

/// What a protocol's handle has in it.
struct Inside {
    fields: TokenStream,
    /// The fields but the first, of one that is made of a pointer alone.
    fresh: Option<TokenStream>,
    /// Those of a copy.
    copied: Option<TokenStream>,
    /// How it gives its route, and takes it.
    routes: TokenStream,
}

fn inside(base: Option<&Path>, names: &Names<'_>) -> Inside {
    let Names { library, message, ty_generics, .. } = names;
    let support = quote!(#library::macro_support);
    let route = quote!(::core::option::Option<&'static #support::Route<#message #ty_generics>>);
    let any_route = quote!(::core::option::Option<#support::AnyRoute>);
    let by = naming::local("route");
    let Some(base) = base else {
        return Inside {
            fields: quote!(raw: #library::RawHandle, route: #route),
            fresh: Some(quote!(route: ::core::option::Option::None,)),
            copied: Some(quote!(route: self.route,)),
            routes: quote! {
                fn route(&self) -> #route {
                    self.route
                }
                fn by_first(self, #by: #any_route) -> Self {
                    Self { route: #by.and_then(|#by| #by.downcast_ref()), ..self }
                }
            },
        };
    };
    // For parameters that the other's handle need not have.
    let has_marker = !names.generics.params.is_empty();
    let marker_type = quote!(::core::marker::PhantomData<fn() -> #message #ty_generics>);
    let field = has_marker.then(|| quote!(messages: #marker_type,));
    let marker = has_marker.then(|| quote!(messages: ::core::marker::PhantomData,));
    Inside {
        fields: quote!(base: #base, #field),
        fresh: marker.clone(),
        copied: marker.clone(),
        routes: quote! {
            fn route(&self) -> #route {
                #library::ActorHandle::route(&self.base).and_then(#support::Route::extension)
            }
            fn first(&self) -> #any_route {
                #library::ActorHandle::first(&self.base)
            }
            fn by_first(self, #by: #any_route) -> Self {
                Self { base: #library::ActorHandle::by_first(self.base, #by), #marker }
            }
        },
    }
}

/// The handle: a pointer to the actor, and one to how the messages reach it. Of a protocol that extends another it is that one's handle
/// inside, which has both.
fn handle_type(protocol: &Protocol, names: &Names<'_>, sound: bool) -> TokenStream {
    let Names { library, message, impl_generics, ty_generics, where_sent, .. } = names;
    let Protocol { vis, ident, block, .. } = protocol;
    let where_handle = assuming(where_sent, block, names);
    let handle = naming::handle(ident);
    let params = &names.generics.params;
    let declared = (!params.is_empty()).then(|| quote!(<#params>));
    let base = protocol.base().map(naming::handle_path);
    let Inside { fields, fresh, copied, routes } = inside(base.as_ref(), names);
    let doc = format!("A handle of any actor that is a `{ident}`: two pointers, and a method a message.");
    let allow = lints::of_block(block);
    let traits = HandleType {
        library,
        handle: &handle,
        generics: &block.generics,
        params: impl_generics.clone(),
        static_params: impl_generics.clone(),
        arguments: ty_generics.clone(),
        where_clause: where_sent.clone(),
        has_base: base.is_some(),
        fresh,
        copied,
        allow: allow.clone(),
    }
    .traits();
    let timeouts: Vec<TokenStream> = block
        .distinct()
        .filter_map(|method| {
            let (cfg, timeout) = (&method.attrs.cfg, method.options.timeout.as_ref()?);
            let pattern = any(method, message);
            Some(quote! { #cfg #pattern => ::core::option::Option::Some(|| #timeout), })
        })
        .collect();
    let timeout_of = (sound && !timeouts.is_empty()).then(|| {
        let rest =
            (timeouts.len() < block.distinct().count()).then(|| quote!(_ => ::core::option::Option::None,));
        let content = naming::local("message");
        timeout_of(names, &quote!(match *#content { #(#timeouts)* #rest }))
    });
    let mentions = sound.then(|| handle::mentions(block, names));
    quote! {
        #[doc = #doc]
        #allow
        #vis struct #handle #declared #where_sent { #fields }

        #traits

        #[automatically_derived]
        #allow
        impl #impl_generics #library::ActorHandle for #handle #ty_generics #where_handle {
            type Message = #message #ty_generics;
            #routes
            #timeout_of
            #mentions
        }
    }
}

/// From the handles of all actors that implement the trait, and into that of the protocol that it extends.
fn conversions(protocol: &Protocol, names: &Names<'_>) -> TokenStream {
    let Names { library, handle, where_sent, .. } = names;
    let block = &protocol.block;
    let from = unused("__H", &block.generics);
    let trait_ = &block.actor;
    let params = with(&quote!(#from), &names.generics);
    let whose = naming::local("handle");
    let bounds = quote!(
        #from: #library::ConcreteHandle,
        <#from as #library::ConcreteHandle>::Actor: #library::Actor + #trait_,
    );
    let where_clause = bounds::extend(where_sent, &bounds);
    let allow = lints::of_block(block);
    let base = protocol.base().map(|base| into_base(base, names, &allow));
    quote_spanned! {names.place=>
        #[automatically_derived]
        #allow
        impl #params ::core::convert::From<#from> for #handle #where_clause {
            fn from(#whose: #from) -> Self {
                #library::macro_support::leading::<<#from as #library::ConcreteHandle>::Actor, Self>(
                    #library::Handle::raw(&#whose),
                )
            }
        }

        #base
    }
}

/// As that one, which it also is wherever one is looked for.
fn into_base(base: &Path, names: &Names<'_>, allow: &TokenStream) -> TokenStream {
    let Names { handle, impl_generics, where_sent, .. } = names;
    let place = base.span();
    let base = naming::handle_path(base);
    let whose = naming::local("handle");
    // One that is less visible is wrong where it is named.
    let target = relocate(quote!(type Target = #base;), place);
    quote! {
        #[automatically_derived]
        #allow
        impl #impl_generics ::core::convert::From<#handle> for #base #where_sent {
            fn from(#whose: #handle) -> Self {
                #whose.base
            }
        }

        #[automatically_derived]
        #allow
        impl #impl_generics ::core::ops::Deref for #handle #where_sent {
            #target

            fn deref(&self) -> &#base {
                &self.base
            }
        }
    }
}
