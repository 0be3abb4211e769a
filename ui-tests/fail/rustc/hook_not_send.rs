use actor_core::prelude::*;

struct NotSend(*const u8);

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[on_start]
    async fn begin(&mut self) {
        let kept = NotSend(std::ptr::null());
        std::future::ready(()).await;
        drop(kept);
    }
}

fn main() {}
