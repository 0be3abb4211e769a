use actor_core::test::actor_test;

#[actor_test]
#[test]
async fn twice() {}

fn main() {}
