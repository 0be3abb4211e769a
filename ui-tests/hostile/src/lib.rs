//! Actors in scopes, under names, attributes and lints that a macro may trip over: each module compiles, and `run` says whether
//! its actors answer.

pub mod attributes;
pub mod copies;
pub mod macros;
pub mod names;
pub mod places;
pub mod protocols;
pub mod scope;
pub mod statics;
pub mod strict;

#[cfg(test)]
mod tests {
    fn answers(run: impl Future<Output = Result<(), Box<dyn std::error::Error>>>) {
        let built = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let outcome = built.map_err(Into::into).and_then(|runtime| runtime.block_on(run));
        assert!(outcome.is_ok(), "{outcome:?}");
    }

    #[test]
    fn attributes() {
        answers(crate::attributes::run());
    }

    #[test]
    fn copies() {
        answers(crate::copies::run());
    }

    #[test]
    fn macros() {
        answers(crate::macros::run());
    }

    #[test]
    fn names() {
        answers(crate::names::run());
    }

    #[test]
    fn places() {
        answers(crate::places::run());
    }

    #[test]
    fn protocols() {
        answers(crate::protocols::run());
    }

    #[test]
    fn scope() {
        answers(crate::scope::run());
    }

    #[test]
    fn statics() {
        answers(crate::statics::run());
    }

    #[test]
    fn strict() {
        answers(crate::strict::run());
    }
}
