use actor_core::test::actor_test;

#[actor_test(seeds = "many")]
async fn many() {}

fn main() {}
