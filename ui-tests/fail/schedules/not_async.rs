use actor_core::test::actor_test;

#[actor_test]
fn at_once() {}

fn main() {}
