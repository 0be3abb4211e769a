//! What the objects do, one operation after the other.

use serde::{Deserialize, Serialize};
use stateright::semantics::SequentialSpec;

/// A number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Register(pub u64);

/// What can be done with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RegisterOp {
    /// Says it.
    Read,
    /// Replaces it.
    Write(u64),
    /// Replaces the first by the second, if it is the first.
    Swap(u64, u64),
}

/// What it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RegisterRet {
    /// It was this.
    Value(u64),
    /// It is now.
    Written,
    /// Whether it was the first.
    Swapped(bool),
}

impl SequentialSpec for Register {
    type Op = RegisterOp;
    type Ret = RegisterRet;

    fn invoke(&mut self, op: &RegisterOp) -> RegisterRet {
        match *op {
            RegisterOp::Read => RegisterRet::Value(self.0),
            RegisterOp::Write(value) => {
                self.0 = value;
                RegisterRet::Written
            }
            RegisterOp::Swap(from, to) => {
                let is_it = self.0 == from;
                if is_it {
                    self.0 = to;
                }
                RegisterRet::Swapped(is_it)
            }
        }
    }
}

/// Three accounts.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bank(pub [u64; 3]);

impl Default for Bank {
    fn default() -> Self {
        Bank([100; 3])
    }
}

/// What can be done with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BankOp {
    /// What is in each.
    Balances,
    /// So much from one to another.
    Transfer(usize, usize, u64),
}

/// What it answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BankRet {
    /// This is in each.
    Balances([u64; 3]),
    /// Whether there was enough.
    Transferred(bool),
}

impl SequentialSpec for Bank {
    type Op = BankOp;
    type Ret = BankRet;

    fn invoke(&mut self, op: &BankOp) -> BankRet {
        match *op {
            BankOp::Balances => BankRet::Balances(self.0),
            BankOp::Transfer(from, to, amount) => {
                let (Some(&source), Some(_)) = (self.0.get(from), self.0.get(to)) else {
                    return BankRet::Transferred(false);
                };
                let is_enough = source >= amount;
                if is_enough {
                    self.0[from] -= amount;
                    self.0[to] += amount;
                }
                BankRet::Transferred(is_enough)
            }
        }
    }
}
