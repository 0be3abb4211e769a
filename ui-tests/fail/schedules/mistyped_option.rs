use actor_core::test::actor_test;

#[actor_test(seed = 17)]
async fn one() {}

#[actor_test(patient = true)]
async fn patient() {}

fn main() {}
