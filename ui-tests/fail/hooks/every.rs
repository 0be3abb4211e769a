use actor_core::prelude::*;

#[actor]
struct Account {
    balance: u64,
}

#[actor]
impl Account {
    #[every]
    fn never_said(&mut self) {}

    #[every(5)]
    fn of_what(&mut self) {}

    #[every = "1s"]
    fn not_so(&mut self) {}

    #[every(u64::MAX)]
    fn not_a_duration(&mut self) {}

    #[every(std::time::Duration::from_secs(1))]
    fn too_much(&mut self, how: u8) {}

    #[every(std::time::Duration::from_secs(1))]
    fn fine(&mut self) {}
}

fn main() {}
