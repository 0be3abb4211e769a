use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[message(when = self.balance > 0)]
    pub fn take<T: Send + 'static>(&mut self, what: T) {
        drop(what);
    }
}

fn main() {}
