//! The programs on disk: a package a contestant, a module an actor.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::contestants::Contestant;
use crate::methods::TOUCHED;

pub(crate) struct Workspace {
    pub(crate) folder: PathBuf,
    pub(crate) actors: usize,
}

impl Workspace {
    pub(crate) fn write(folder: &Path, entries: &[Contestant], actors: usize) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let folder = folder.canonicalize()?;
        let members: Vec<String> = entries.iter().map(|entry| format!("{:?}", entry.package())).collect();
        let root = format!(
            "[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n[profile.release]\nstrip = true\n",
            members.join(", ")
        );
        fs::write(folder.join("Cargo.toml"), root)?;
        for entry in entries {
            manifest(&folder, entry)?;
        }
        let workspace = Workspace { folder, actors };
        entries.iter().try_for_each(|entry| workspace.write_actors(entry, actors))?;
        Ok(workspace)
    }

    /// Writes a program of so many actors.
    pub(crate) fn write_actors(&self, entry: &Contestant, actors: usize) -> io::Result<()> {
        let source = self.folder.join(entry.package()).join("src");
        // Modules of a run with more actors.
        if source.exists() {
            fs::remove_dir_all(&source)?;
        }
        fs::create_dir_all(&source)?;
        for number in 0..actors {
            fs::write(source.join(format!("actor{number}.rs")), (entry.module)(&format!("Actor{number}")))?;
        }
        fs::write(source.join("main.rs"), program(actors))
    }

    /// The program's main file: to be compiled again, it needs a new time.
    pub(crate) fn main(&self, entry: &Contestant) -> PathBuf {
        self.folder.join(entry.package()).join("src/main.rs")
    }

    /// Changes the body of one method of the first actor.
    pub(crate) fn touch_a_body(&self, entry: &Contestant, round: u16) -> io::Result<()> {
        let path = self.folder.join(entry.package()).join("src/actor0.rs");
        let text = (entry.module)("Actor0").replacen(TOUCHED, &format!("amount + {}", round + 1), 1);
        fs::write(path, text)
    }
}

fn manifest(folder: &Path, entry: &Contestant) -> io::Result<()> {
    fs::create_dir_all(folder.join(entry.package()))?;
    let manifest = format!(
        "[package]\nname = \"{}\"\nedition = \"2024\"\n\n[dependencies]\n\
         tokio = {{ version = \"1\", features = [\"rt\", \"sync\", \"time\"] }}\n{}",
        entry.package(),
        entry.dependencies
    );
    fs::write(folder.join(entry.package()).join("Cargo.toml"), manifest)
}

/// Boxed, so that the program around the actors is the same small part of each.
fn program(actors: usize) -> String {
    let modules: String = (0..actors).map(|number| format!("mod actor{number};\n")).collect();
    let drivers: String =
        (0..actors).map(|number| format!("    || Box::pin(actor{number}::drive()),\n")).collect();
    format!(
        "#![allow(dead_code)]

{modules}
use std::future::Future;
use std::pin::Pin;

#[derive(Clone, Debug)]
pub struct Refused {{
    pub balance: u64,
}}

type Driver = fn() -> Pin<Box<dyn Future<Output = u64>>>;

const DRIVERS: [Driver; {actors}] = [
{drivers}];

fn main() {{
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let sum = runtime.block_on(async {{
        let mut sum = 0;
        for driver in DRIVERS {{
            sum += driver().await;
        }}
        sum
    }});
    println!(\"{{sum}}\");
}}
"
    )
}
