//! From objects on one thread: what several of them change is counted and checked at run time.

use actor_core::prelude::*;
use std::cell::RefCell;
use std::rc::Rc;

struct Statistics {
    changes: u64,
}

#[actor]
struct Account {
    balance: u64,
    statistics: Rc<RefCell<Statistics>>,
}

#[actor]
impl Account {
    pub fn deposit(&mut self, amount: u64) {
        self.balance += amount;
        self.statistics.borrow_mut().changes += 1;
    }
}

fn main() {
    let statistics = Rc::new(RefCell::new(Statistics { changes: 0 }));
    Account { balance: 0, statistics }.spawn();
}
