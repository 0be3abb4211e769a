//! The modules of `hostile` in edition 2021.

#[path = "../../hostile/src/attributes.rs"]
pub mod attributes;
#[path = "../../hostile/src/macros.rs"]
pub mod macros;
#[path = "../../hostile/src/places.rs"]
pub mod places;
#[path = "../../hostile/src/scope.rs"]
pub mod scope;
#[path = "../../hostile/src/strict.rs"]
pub mod strict;

#[test]
fn answers() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        attributes::run().await.expect("attributes");
        macros::run().await.expect("macros");
        places::run().await.expect("places");
        scope::run().await.expect("scope");
        strict::run().await.expect("strict");
    });
}
