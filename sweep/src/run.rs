//! A run: a sample of all mutants, compiled side by side.

use crate::baseline::without_attributes;
use crate::compiler::{Compiler, Finding};
use crate::judge::{Verdict, Violation, judge};
use crate::mutation::{self, Mutation};
use crate::program::Program;
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// A mutant and what came of it.
#[derive(Debug)]
pub struct Outcome {
    /// By it a mutant is compiled again: program, kind, byte.
    pub name: String,
    /// What was changed, for a reader.
    pub line: String,
    /// All errors.
    pub said: Vec<Finding>,
    /// What is to be said of them.
    pub verdict: Verdict,
}

/// The mutants of some programs.
#[derive(Debug)]
pub struct Mutants<'a> {
    all: Vec<(&'a Program, Mutation)>,
}

impl<'a> Mutants<'a> {
    /// Every mutant of them.
    #[must_use]
    pub fn of(programs: &'a [Program]) -> Self {
        let of =
            |program: &'a Program| mutation::all(program.text()).into_iter().map(move |one| (program, one));
        Mutants { all: programs.iter().flat_map(of).collect() }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// As many as asked for, chosen by the seed. One in ten changes the body of a method, which is not the macro's business.
    #[must_use]
    pub fn sample(mut self, count: usize, seed: u64) -> Self {
        let mut random = seed;
        shuffle(&mut self.all, &mut random);
        let (bodies, signatures): (Vec<_>, Vec<_>) = self.all.into_iter().partition(|(_, one)| one.in_body);
        let mut all: Vec<_> = bodies.into_iter().take(count / 10).collect();
        all.extend(signatures.into_iter().take(count - all.len()));
        // Of a run that is cut off it is one in ten as well.
        shuffle(&mut all, &mut random);
        Mutants { all }
    }

    /// Those whose name contains the text.
    #[must_use]
    pub fn only(mut self, text: &str) -> Self {
        self.all.retain(|(program, one)| name(program, one).contains(text));
        self
    }

    /// Compiles all of them. What there is so far is `told` with each, the last one: a run takes long, and may be cut off.
    ///
    /// # Errors
    ///
    /// If the compiler cannot be run, or a program does not compile before any mistake.
    pub fn run(
        &self,
        compiler: &Compiler,
        scratch: &Path,
        threads: usize,
        told: impl Fn(&[Outcome]) + Sync,
    ) -> io::Result<Vec<Outcome>> {
        let usual = Mutex::new(HashMap::new());
        let (next, outcomes) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let work = |number: usize| -> io::Result<()> {
            let scratch = scratch.join(number.to_string());
            while let Some((program, mutation)) = self.all.get(next.fetch_add(1, Ordering::Relaxed)) {
                let known = usual.lock().ok().and_then(|usual| usual.get(&program.name).cloned());
                let before = match known {
                    Some(before) => before,
                    None => {
                        let before = before(program, compiler, &scratch)?;
                        if let Ok(mut usual) = usual.lock() {
                            usual.insert(program.name.clone(), before.clone());
                        }
                        before
                    }
                };
                let outcome = one(program, mutation, &before, compiler, &scratch)?;
                if let Ok(mut outcomes) = outcomes.lock() {
                    outcomes.push(outcome);
                    told(&outcomes);
                }
            }
            Ok(())
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|number| scope.spawn(move || work(number))).collect();
            workers.into_iter().try_for_each(|worker| {
                worker.join().unwrap_or_else(|_| Err(io::Error::other("a worker panicked")))
            })
        })?;
        let mut outcomes = outcomes.into_inner().unwrap_or_default();
        outcomes.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(outcomes)
    }
}

/// What the program without the macro has of errors before any mistake: its users miss what the macro generates.
fn before(program: &Program, compiler: &Compiler, scratch: &Path) -> io::Result<Vec<Finding>> {
    if let Some(error) = compiler.compile(program, program.text(), scratch)?.first() {
        return Err(io::Error::other(format!("{} does not compile: {}", program.name, error.message)));
    }
    match without_attributes(program.text()) {
        Some(plain) => compiler.compile(program, &plain, scratch),
        None => Ok(Vec::new()),
    }
}

fn one(
    program: &Program,
    mutation: &Mutation,
    before: &[Finding],
    compiler: &Compiler,
    scratch: &Path,
) -> io::Result<Outcome> {
    let (mutant, place) = mutation.apply(program.text());
    let said = compiler.compile(program, &mutant, scratch)?;
    // One error is what a mistake makes at least.
    let without = match without_attributes(&mutant) {
        Some(plain) if said.len() > 1 => compiler.compile(program, &plain, scratch)?,
        _ => before.to_vec(),
    };
    let file = program.target.display().to_string();
    let mut verdict = judge(&said, &without, before, &mutant, &file, &place);
    // Whoever uses it is wrong then, as with any type that has another name.
    verdict.violations.retain(|violation| *violation != Violation::Many || !mutation.renames);
    Ok(Outcome { name: name(program, mutation), line: line(&mutant, place.start), said, verdict })
}

fn name(program: &Program, mutation: &Mutation) -> String {
    format!("{} {} {}", program.name, mutation.kind, mutation.at())
}

/// The line around a byte.
fn line(text: &str, at: usize) -> String {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
    text[start..end].trim().to_owned()
}

fn shuffle<T>(all: &mut [T], random: &mut u64) {
    for at in (1..all.len()).rev() {
        all.swap(at, below(at + 1, random));
    }
}

/// A number below the bound, by splitmix64.
fn below(bound: usize, state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    usize::try_from(mixed % u64::try_from(bound).unwrap_or(1)).unwrap_or_default()
}
