//! What callers were told, against what servers have done ([`Ledger`]); and whether what they saw can have happened one after the other: linearizability, by the method of Wing and Gong with Lowe's cache, as in
//! *Testing for linearizability* (2017) and in Porcupine. Objects are described as for `stateright`, whose own checker is what this one is
//! held against in the tests; that one has no cache and no histories of this length.

mod check;
mod ledger;
mod objects;
mod told;

pub use check::{Done, History, Verdict};
pub use ledger::{Count, Ledger, contradiction};
pub use objects::{Bank, BankOp, BankRet, Register, RegisterOp, RegisterRet};
pub use told::Told;
