use actor_core::prelude::*;

struct NotSend(*const u8);

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    pub async fn get(&mut self) {
        let kept = NotSend(std::ptr::null());
        std::future::ready(()).await;
        drop(kept);
    }
}

fn main() {}
