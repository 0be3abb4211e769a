//! The examples of the documentation, each a program.

use crate::program::Program;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Where they are, beside the README.
const FOLDERS: [&str; 2] = ["docs", "actor-macros/docs"];
/// What is about another package than the library, and needs it.
const OTHERS: [(&str, &str); 1] = [("docs/between-machines.md", "actor-remote")];

/// The examples that have an actor and compile.
///
/// # Errors
///
/// If a file cannot be read.
pub fn programs(repository: &Path) -> io::Result<Vec<Program>> {
    let mut documents = vec![PathBuf::from("README.md")];
    for folder in FOLDERS {
        for file in fs::read_dir(repository.join(folder))? {
            documents.push(Path::new(folder).join(file?.file_name()));
        }
    }
    documents.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    documents.sort();
    let mut programs = Vec::new();
    for document in documents {
        let package = package(&document);
        let examples = examples(&fs::read_to_string(repository.join(&document))?);
        for (line, text) in examples.into_iter().filter(|(_, text)| has_actor(text)) {
            programs.push(Program::single(package, format!("{}:{line}", document.display()), text));
        }
    }
    Ok(programs)
}

/// The packages that they need.
pub fn packages() -> impl Iterator<Item = &'static str> {
    OTHERS.iter().map(|(_, package)| *package)
}

fn package(document: &Path) -> &'static str {
    let other = OTHERS.iter().find(|(path, _)| document == Path::new(path));
    other.map_or("actor-core", |(_, package)| package)
}

/// Whether there is something to mutate.
#[must_use]
pub fn has_actor(text: &str) -> bool {
    text.contains("#[actor") || text.contains("::actor")
}

/// The blocks that are Rust and compile, as rustdoc takes them, with the lines that they begin at.
fn examples(document: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut lines = document.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(language) = line.strip_prefix("```") else { continue };
        let block = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```");
        let block: String = block.map(|line| format!("{}\n", shown(line))).collect();
        if matches!(language, "" | "rust" | "rust,no_run") {
            found.push((number + 1, in_main(block)));
        }
    }
    found
}

/// A line without what hides it from readers.
fn shown(line: &str) -> &str {
    if line == "#" { "" } else { line.strip_prefix("# ").unwrap_or(line) }
}

fn in_main(text: String) -> String {
    if text.contains("fn main()") { text } else { format!("fn main() {{\n{text}}}\n") }
}
