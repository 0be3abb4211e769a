//! Only what the compiler says of such an attribute.

use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub fn balance(&self) -> String {
        #[message(skip)]
        if self.balance == 0 {
            return String::new();
        }
        drop(#[on_start] self.balance);
        let text = String::from(#[message] format!("{}", self.balance));
        text
    }
}

fn main() {
    drop(Account { balance: 0 }.spawn());
}
