use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[message(fatal)]
    pub fn deposit(&mut self, amount: u64, reply: ReplyTo<u64>) {
        self.balance += amount;
        reply.send(self.balance).ok();
    }
}

fn main() {}
