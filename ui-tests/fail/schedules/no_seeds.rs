use actor_core::test::actor_test;

#[actor_test(seeds = 0)]
async fn nothing() {}

fn main() {}
