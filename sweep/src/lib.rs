//! The mutation sweep: every actor of the repository that compiles, with every small mistake, and what the compiler says.
//!
//! A mistake is a token left out, written twice or swapped with its neighbour, an unknown type, or an attribute where none
//! belongs. Whatever it is, the macro must not panic, must not blame its own attribute, and must not bury it in errors.

pub mod baseline;
pub mod compiler;
pub mod documents;
pub mod judge;
pub mod modules;
pub mod mutation;
pub mod program;
pub mod report;
pub mod run;
pub mod site;
