use actor_core::prelude::*;
use actor_core::Exit;

#[actor]
struct Account;

#[actor]
impl Account {
    #[on_exit]
    fn lost(&mut self, _exit: Exit, _name: String) {}
}

fn main() {}
