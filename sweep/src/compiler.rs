//! The compiler, called directly: against what cargo has built, and without generating code.

use crate::program::Program;
use serde_json::Value;
use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is needed to compile the programs of some packages.
#[derive(Debug)]
pub struct Compiler {
    /// The `--extern`s of each package.
    externs: HashMap<String, Vec<OsString>>,
    folder: PathBuf,
    /// The one that cargo uses here: programs lie elsewhere, where another may be the default.
    rustc: PathBuf,
}

/// An error of the compiler.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// `E0425` and the like.
    pub code: Option<String>,
    /// What it says.
    pub message: String,
    /// The file and bytes of each primary span.
    pub places: Vec<(String, Range<usize>)>,
}

impl Compiler {
    /// Checks the packages, with a test for what tests depend on, and finds that.
    ///
    /// # Errors
    ///
    /// If cargo cannot be run, or the packages do not compile.
    pub fn new(repository: &Path, packages: &[&str], tests: bool) -> io::Result<Self> {
        let cargo = || {
            let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
            cargo.current_dir(repository);
            cargo
        };
        let mut build = cargo();
        // No mutant is linked. One test brings what the tests depend on.
        build.arg("check").args(if tests { &["--bins", "--test", "expansion"][..] } else { &[] });
        build.args(["--quiet", "--message-format=json"]);
        build.args(packages.iter().flat_map(|package| ["-p", package]));
        let built = output(&mut build)?;
        let libraries = libraries(&built);
        let metadata = output(cargo().args(["metadata", "--format-version=1"]))?;
        let metadata: Value = serde_json::from_str(&metadata)?;
        let mut externs = HashMap::new();
        for package in packages {
            externs.insert((*package).to_owned(), dependencies(package, &metadata, &libraries));
        }
        let folder = libraries
            .values()
            .filter_map(|(_, path)| path.parent())
            // What was asked for lies above the others as well.
            .find(|folder| folder.ends_with("deps"))
            .ok_or_else(|| io::Error::other("cargo built no library"))?;
        let sysroot = output(Command::new("rustc").current_dir(repository).args(["--print", "sysroot"]))?;
        let rustc = Path::new(sysroot.trim()).join("bin/rustc");
        Ok(Compiler { externs, folder: folder.to_owned(), rustc })
    }

    /// What is wrong with the program, with another text for its target, in a folder of its own.
    ///
    /// # Errors
    ///
    /// If the compiler cannot be run or the files cannot be written.
    pub fn compile(&self, program: &Program, text: &str, folder: &Path) -> io::Result<Vec<Finding>> {
        let folder = folder.join(program.name.replace(['/', '.'], "_"));
        if !folder.exists() {
            for (path, text) in &program.files {
                let path = folder.join(path);
                fs::create_dir_all(path.parent().unwrap_or(&folder))?;
                fs::write(path, text)?;
            }
        }
        fs::write(folder.join(&program.target), text)?;
        let mut rustc = Command::new(&self.rustc);
        rustc
            .current_dir(&folder)
            .env("CARGO_PKG_NAME", program.package)
            .env("CARGO_PKG_VERSION", "0.0.0")
            .env("CARGO_PKG_DESCRIPTION", "")
            .args([
                "--edition=2024",
                "--crate-type=lib",
                "--crate-name=mutant",
                "--emit=metadata=mutant.rmeta",
            ])
            .args(["--error-format=json", "--cap-lints=allow", "-L"])
            .arg(format!("dependency={}", self.folder.display()))
            .args(self.externs.get(program.package).into_iter().flatten())
            .arg(&program.root);
        let output = rustc.output()?;
        let text = String::from_utf8_lossy(&output.stderr);
        Ok(text.lines().filter_map(finding).collect())
    }
}

fn output(command: &mut Command) -> io::Result<String> {
    let output = command.output()?;
    if !output.status.success() {
        return Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The libraries by package, with their names.
fn libraries(built: &str) -> HashMap<String, (String, PathBuf)> {
    let artifacts = built.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let libraries = artifacts.filter_map(|artifact| {
        let kinds = artifact["target"]["kind"].as_array()?;
        let is_library =
            kinds.iter().any(|kind| matches!(kind.as_str(), Some("lib" | "rlib" | "proc-macro")));
        if !is_library || artifact["profile"]["test"] == true {
            return None;
        }
        let files = artifact["filenames"].as_array()?.iter().filter_map(Value::as_str);
        // A macro is a library that runs.
        let file = files.clone().find(|file| !file.ends_with(".rmeta")).or_else(|| files.clone().next())?;
        let name = artifact["target"]["name"].as_str()?.replace('-', "_");
        Some((artifact["package_id"].as_str()?.to_owned(), (name, PathBuf::from(file))))
    });
    libraries.collect()
}

/// `--extern name=path` of all that a package depends on, and of itself.
fn dependencies(
    package: &str,
    metadata: &Value,
    libraries: &HashMap<String, (String, PathBuf)>,
) -> Vec<OsString> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let id = list(&metadata["packages"])
        .into_iter()
        .find(|known| known["name"] == package)
        .map(|known| known["id"].clone())
        .unwrap_or_default();
    let node =
        list(&metadata["resolve"]["nodes"]).into_iter().find(|node| node["id"] == id).unwrap_or_default();
    let mut all: Vec<(Option<String>, String)> = list(&node["deps"])
        .into_iter()
        .filter_map(|dep| Some((Some(dep["name"].as_str()?.to_owned()), dep["pkg"].as_str()?.to_owned())))
        .collect();
    all.push((None, id.as_str().unwrap_or_default().to_owned()));
    let mut arguments = Vec::new();
    for (name, id) in all {
        let Some((own, path)) = libraries.get(&id) else { continue };
        let name = name.as_ref().unwrap_or(own);
        arguments.push("--extern".into());
        arguments.push(format!("{name}={}", path.display()).into());
    }
    arguments
}

fn finding(line: &str) -> Option<Finding> {
    let Ok(said) = serde_json::from_str::<Value>(line) else {
        // A compiler that crashes says so in plain text.
        let crash = line.contains("panicked at") || line.contains("internal compiler error");
        return crash.then(|| Finding { code: None, message: line.to_owned(), places: Vec::new() });
    };
    let level = said["level"].as_str()?;
    let message = said["message"].as_str()?.to_owned();
    if !level.starts_with("error") || message.starts_with("aborting due to") {
        return None;
    }
    let spans = said["spans"].as_array()?.iter().filter(|span| span["is_primary"] == true);
    let places = spans.filter_map(|span| {
        let byte = |name: &str| usize::try_from(span[name].as_u64()?).ok();
        Some((span["file_name"].as_str()?.to_owned(), byte("byte_start")?..byte("byte_end")?))
    });
    Some(Finding {
        code: said["code"]["code"].as_str().map(str::to_owned),
        message,
        places: places.collect(),
    })
}
