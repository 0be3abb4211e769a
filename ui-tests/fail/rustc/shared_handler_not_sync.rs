use actor_core::prelude::*;

struct NotSync(*const u8);

unsafe impl Send for NotSync {}

#[actor]
struct Account {
    balance: NotSync,
}

#[actor]
impl Account {
    pub async fn get(&self) {
        std::future::ready(()).await;
    }
}

fn main() {}
