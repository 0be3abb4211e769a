use actor_core::prelude::*;

#[actor(mailbx = 3, timeout = Duration::ZERO overflow = wait, direct)]
struct Account;

#[actor]
impl Account {
    pub fn open(&self) {}
}

fn main() {}
