use actor_core::test::actor_test;

#[actor_test]
pub struct Thing;

fn main() {}
