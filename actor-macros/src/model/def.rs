//! The struct of an actor.

use crate::errors::Errors;
use crate::input::StructInput;
use crate::options::StructOptions;
use proc_macro2::TokenStream;
use syn::{Attribute, Generics, Ident, Type, Visibility};

pub(crate) struct ActorDef {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) fields: Vec<Type>,
    pub(crate) options: StructOptions,
}

impl ActorDef {
    pub(crate) fn new(input: StructInput, options: TokenStream, errors: &mut Errors) -> Self {
        let StructInput { attrs, vis, ident, generics, fields } = input;
        ActorDef { attrs, vis, ident, generics, fields, options: StructOptions::parse(options, errors) }
    }
}
