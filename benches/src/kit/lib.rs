//! What the programs of this package share: tables, the pages that they write into, and the clock of a thread.

pub mod clock;
pub mod fit;
pub mod pages;
pub mod plot;
pub mod table;
