use actor_core::test::schedule;

fn main() {
    schedule::check(1, || async { 5 });
}
