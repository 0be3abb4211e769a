use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[message(concurrent)]
    pub async fn show<T: Send + 'static>(&self, how: T) {
        drop(how);
    }
}

fn main() {}
