//! The programs that are mutated: what of the repository has actors and compiles.

use crate::documents;
use crate::modules::reachable;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A crate root with what it includes, copied to where it can be mutated.
#[derive(Clone, Debug)]
pub struct Program {
    /// The package whose dependencies it has.
    pub package: &'static str,
    /// How reports call it.
    pub name: String,
    /// Its files: paths below its folder, and texts.
    pub files: Vec<(PathBuf, String)>,
    /// The file that the compiler is given.
    pub root: PathBuf,
    /// The one that is mutated.
    pub target: PathBuf,
}

impl Program {
    /// The text that is mutated.
    #[must_use]
    pub fn text(&self) -> &str {
        self.files.iter().find(|(path, _)| *path == self.target).map_or("", |(_, text)| text)
    }

    /// A program of one file.
    pub(crate) fn single(package: &'static str, name: String, text: String) -> Self {
        let root = PathBuf::from("main.rs");
        Program { package, name, files: vec![(root.clone(), text)], root: root.clone(), target: root }
    }
}

/// Crates of several files: package, folder, root.
const CRATES: [(&str, &str, &str); 13] = [
    ("actor-core", "actor-core/tests", "allocations.rs"),
    ("actor-core", "actor-core/tests", "expansion.rs"),
    ("actor-core", "actor-core/tests", "protocol_expansion.rs"),
    ("actor-core", "actor-core/tests", "watchdog.rs"),
    ("actor-core", "actor-core/tests/kit", "main.rs"),
    ("actor-core", "actor-core/tests/tree", "main.rs"),
    ("auction", "examples/auction/src", "main.rs"),
    ("filesync", "examples/filesync/src", "main.rs"),
    ("savina", "examples/savina/src", "lib.rs"),
    ("supervised", "examples/supervised/src", "main.rs"),
    ("waiting", "examples/waiting/src", "main.rs"),
    ("soak", "soak/src/bin/deadlocks", "main.rs"),
    ("soak", "soak/src/bin", "timers.rs"),
];

/// All of them.
///
/// # Errors
///
/// If a file cannot be read.
pub fn all(repository: &Path) -> io::Result<Vec<Program>> {
    let mut programs = natural(repository)?;
    programs.extend(documents::programs(repository)?);
    programs.extend(conformance(repository)?);
    for (package, folder, root) in CRATES {
        programs.extend(crate_files(repository, package, folder, root)?);
    }
    programs.retain(|program| documents::has_actor(program.text()));
    Ok(programs)
}

/// The packages that the programs belong to.
#[must_use]
pub fn packages() -> Vec<&'static str> {
    let mut packages: Vec<&str> =
        CRATES.iter().map(|(package, ..)| *package).chain(documents::packages()).collect();
    packages.dedup();
    packages
}

/// The programs of `ui-tests/pass`, which need nothing but the library.
///
/// # Errors
///
/// If a file cannot be read.
pub fn natural(repository: &Path) -> io::Result<Vec<Program>> {
    let folder = repository.join("ui-tests/pass");
    let mut programs = Vec::new();
    for path in sources(&folder)? {
        let name = format!("ui-tests/pass/{}", path.display());
        programs.push(Program::single("actor-core", name, fs::read_to_string(folder.join(&path))?));
    }
    Ok(programs)
}

/// A case a program, with the modules that it uses, and one for each module below it.
fn conformance(repository: &Path) -> io::Result<Vec<Program>> {
    const FOLDER: &str = "actor-core/tests/conformance";
    let mut files = read(&repository.join(FOLDER))?;
    files.retain(|(path, _)| path != Path::new("main.rs"));
    let mut cases: Vec<String> = files.iter().map(|(path, _)| case(path)).collect();
    cases.sort();
    cases.dedup();
    let mut programs = Vec::new();
    for name in cases.iter().filter(|name| *name != "kit") {
        let mut text = "#[macro_use]\nmod kit;\n".to_owned();
        for module in used(name, &cases, &files).into_iter().filter(|module| *module != "kit") {
            text.push_str(&format!("mod {module};\n"));
        }
        let all = files.iter().cloned().chain([(PathBuf::from("main.rs"), text)]).collect();
        let of_crate = of_crate("actor-core", FOLDER, "main.rs", all);
        programs.extend(of_crate.into_iter().filter(|program| case(&program.target) == *name));
    }
    Ok(programs)
}

/// The module that a file belongs to.
fn case(path: &Path) -> String {
    let first = path.components().next().map(|first| PathBuf::from(first.as_os_str()).with_extension(""));
    first.unwrap_or_default().display().to_string()
}

/// The case, and all that it uses, also by way of others.
fn used<'a>(name: &'a str, cases: &'a [String], files: &[(PathBuf, String)]) -> Vec<&'a str> {
    let mut names = vec!["kit", name];
    let mut at = 0;
    while let Some(name) = names.get(at).copied() {
        let texts: String =
            files.iter().filter(|(path, _)| case(path) == name).map(|(_, text)| text.as_str()).collect();
        for other in cases {
            if texts.contains(&format!("crate::{other}")) && !names.contains(&other.as_str()) {
                names.push(other);
            }
        }
        at += 1;
    }
    names
}

/// All files of a crate: a program for each, with the others as they are.
fn crate_files(
    repository: &Path,
    package: &'static str,
    folder: &str,
    root: &str,
) -> io::Result<Vec<Program>> {
    Ok(of_crate(package, folder, root, read(&repository.join(folder))?))
}

fn of_crate(
    package: &'static str,
    folder: &str,
    root: &str,
    mut files: Vec<(PathBuf, String)>,
) -> Vec<Program> {
    let root = PathBuf::from(root);
    let reachable = reachable(&root, &files);
    files.retain(|(path, _)| reachable.contains(path));
    let program = |target: &PathBuf| Program {
        package,
        name: format!("{folder}/{}", target.display()),
        files: files.clone(),
        root: root.clone(),
        target: target.clone(),
    };
    reachable.iter().map(program).collect()
}

/// The Rust files below a folder, with their texts.
fn read(folder: &Path) -> io::Result<Vec<(PathBuf, String)>> {
    let read = |path: PathBuf| fs::read_to_string(folder.join(&path)).map(|text| (path, text));
    sources(folder)?.into_iter().map(read).collect()
}

/// The Rust files below a folder, in order.
fn sources(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(folder.join(&below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}
