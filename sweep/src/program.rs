//! The programs that are mutated: what of the repository has actors and compiles.

use crate::documents;
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

/// All of them.
///
/// # Errors
///
/// If a file cannot be read.
pub fn all(repository: &Path) -> io::Result<Vec<Program>> {
    let mut programs = natural(repository)?;
    programs.extend(documents::programs(repository)?);
    programs.extend(conformance(repository)?);
    programs.extend(crate_files("actor-core", &repository.join("actor-core/tests"), "expansion.rs")?);
    for example in ["auction", "filesync"] {
        programs.extend(crate_files(
            example,
            &repository.join("examples").join(example).join("src"),
            "main.rs",
        )?);
    }
    programs.retain(|program| documents::has_actor(program.text()));
    Ok(programs)
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

/// A case a program, with the modules that it uses.
fn conformance(repository: &Path) -> io::Result<Vec<Program>> {
    let folder = repository.join("actor-core/tests/conformance");
    let mut modules = Vec::new();
    for path in sources(&folder)?.into_iter().filter(|path| path != Path::new("main.rs")) {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let text = fs::read_to_string(folder.join(&path))?;
        modules.push((name, path, text));
    }
    let programs = modules.iter().filter(|(name, ..)| name != "kit").map(|(name, target, _)| {
        let names = used(name, &modules);
        let used = modules.iter().filter(|(other, ..)| names.contains(&other.as_str()));
        let mut text = "#[macro_use]\nmod kit;\n".to_owned();
        for (module, ..) in used.clone().filter(|(other, ..)| other != "kit") {
            text.push_str(&format!("mod {module};\n"));
        }
        let root = PathBuf::from("main.rs");
        let mut files: Vec<_> = used.map(|(_, path, text)| (path.clone(), text.clone())).collect();
        files.push((root.clone(), text));
        let name = format!("actor-core/tests/conformance/{name}.rs");
        Program { package: "actor-core", name, files, root, target: target.clone() }
    });
    Ok(programs.collect())
}

/// The case, and all that it uses, also by way of others.
fn used<'a>(case: &'a str, modules: &'a [(String, PathBuf, String)]) -> Vec<&'a str> {
    let mut names = vec!["kit", case];
    let mut at = 0;
    while let Some(name) = names.get(at) {
        let text = modules.iter().find(|(other, ..)| other == name).map_or("", |(.., text)| text);
        for (other, ..) in modules {
            if text.contains(&format!("crate::{other}")) && !names.contains(&other.as_str()) {
                names.push(other);
            }
        }
        at += 1;
    }
    names
}

/// All files of a crate: a program for each, with the others as they are.
fn crate_files(package: &'static str, folder: &Path, root: &str) -> io::Result<Vec<Program>> {
    let mut files = Vec::new();
    for path in sources(folder)? {
        let text = fs::read_to_string(folder.join(&path))?;
        files.push((path, text));
    }
    let programs =
        files.iter().filter(|(path, _)| !path.starts_with("conformance")).map(|(path, _)| Program {
            package,
            name: format!("{package}/{}", path.display()),
            files: files.clone(),
            root: PathBuf::from(root),
            target: path.clone(),
        });
    Ok(programs.filter(|program| program.target != Path::new("model.rs")).collect())
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
