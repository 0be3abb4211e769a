//! From actix: the address of the actor, from its context, and messages that are sent to it.

use actor_core::prelude::*;

#[actor]
struct Clock {
    ticks: u64,
}

#[actor]
impl Clock {
    #[on_start]
    fn started(&mut self, ctx: &mut Context<Self>) {
        let own = ctx.address();
        own.do_send(ClockMessage::Tick);
    }

    pub fn tick(&mut self) {
        self.ticks += 1;
    }
}

fn main() {
    let clock = Clock { ticks: 0 }.start();
    drop(clock);
}
