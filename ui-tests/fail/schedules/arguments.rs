use actor_core::test::actor_test;

#[actor_test]
async fn of(number: u32, other: u32) {
    let _ = (number, other);
}

#[actor_test]
async fn of_any<T>() {}

fn main() {}
