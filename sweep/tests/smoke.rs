//! A few dozen mutants of the full run, so that every test run has some.

use std::path::Path;
use sweep::compiler::Compiler;
use sweep::run::Mutants;
use sweep::{program, report};

/// The sample is the same each time: an actor that is added is covered by the full run first.
const SEED: u64 = 5;
const COUNT: usize = 40;

#[test]
fn no_mistake_makes_the_macro_panic_or_blame_itself_or_flood() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let programs = program::natural(&repository).expect("the programs");
    let compiler = Compiler::new(&repository, &["actor-core"], false).expect("the library");
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("smoke");
    let _ = std::fs::remove_dir_all(&scratch);
    let mutants = Mutants::of(&programs).sample(COUNT, SEED);
    let outcomes = mutants.run(&compiler, &scratch, 2, |_| {}).expect("verdicts");
    assert_eq!(outcomes.len(), COUNT);
    let wrong = outcomes.iter().filter(|outcome| !outcome.said.is_empty()).count();
    assert!(wrong > COUNT / 2, "only {wrong} of them are wrong: the compiler is not asked");
    let violations = report::violations(&outcomes);
    assert!(violations.is_empty(), "{violations}");
}
