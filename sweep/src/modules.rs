//! What a crate consists of: its root, and the modules that it declares.

use std::path::{Path, PathBuf};

/// The files that a compiler reads, from the root on; what is for tests alone is not among them.
#[must_use]
pub fn reachable(root: &Path, files: &[(PathBuf, String)]) -> Vec<PathBuf> {
    let mut found = vec![root.to_owned()];
    let mut at = 0;
    while let Some(file) = found.get(at).cloned() {
        let text = files.iter().find(|(path, _)| *path == file).map_or("", |(_, text)| text);
        for module in declared(text) {
            let places = module.places(&file, root);
            let place = places.into_iter().find(|place| files.iter().any(|(path, _)| path == place));
            found.extend(place.filter(|place| !found.contains(place)));
        }
        at += 1;
    }
    found
}

/// `mod name;`
struct Module {
    name: String,
    /// Where an attribute says that it is.
    path: Option<String>,
}

impl Module {
    /// Where it may be.
    fn places(&self, parent: &Path, root: &Path) -> Vec<PathBuf> {
        let beside = parent.parent().unwrap_or(Path::new(""));
        if let Some(path) = &self.path {
            return vec![beside.join(path)];
        }
        let owns_folder = parent == root || parent.ends_with("mod.rs");
        let folder = if owns_folder { beside.to_owned() } else { parent.with_extension("") };
        vec![folder.join(&self.name).with_extension("rs"), folder.join(&self.name).join("mod.rs")]
    }
}

/// The modules with a file of their own, line by line: the repository is formatted.
fn declared(text: &str) -> Vec<Module> {
    let mut modules = Vec::new();
    // A macro may declare them: `name: Type,` is one in the call of it, if there is such a file.
    let by_macro = text.contains("mod $");
    let mut attributes: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.starts_with("#[") {
            attributes.push(line);
            continue;
        }
        let words: Vec<&str> = line.strip_suffix(';').unwrap_or_default().split_whitespace().collect();
        if let ["mod", name] | [_, "mod", name] = words[..]
            && !attributes.contains(&"#[cfg(test)]")
        {
            let path =
                attributes.iter().find_map(|line| line.strip_prefix("#[path = \"")?.strip_suffix("\"]"));
            modules.push(Module { name: name.to_owned(), path: path.map(str::to_owned) });
        }
        if by_macro && let Some((name, _)) = line.split_once(": ") {
            modules.push(Module { name: name.to_owned(), path: None });
        }
        if !line.starts_with("//") {
            attributes.clear();
        }
    }
    modules
}

#[cfg(test)]
mod tests {
    use super::reachable;
    use std::path::{Path, PathBuf};

    #[test]
    fn modules_are_found_from_the_root_on() {
        let root = "mod a;\npub(crate) mod b;\n#[cfg(test)]\nmod tests;\n#[path = \"x/c.rs\"]\nmod c;\nmod inline {}\n\
            macro_rules! all { ($($name:ident: $ty:ty,)*) => { $(mod $name;)* } }\nall! {\n    listed: Listed,\n}\n";
        let files = [
            ("main.rs", root),
            ("a.rs", "/// Nested.\nmod below;"),
            ("a/below.rs", ""),
            ("b/mod.rs", "mod beside;"),
            ("b/beside.rs", ""),
            ("tests.rs", ""),
            ("x/c.rs", ""),
            ("listed.rs", ""),
            ("unknown.rs", ""),
        ];
        let files = files.map(|(path, text)| (PathBuf::from(path), text.to_owned()));
        let found = reachable(Path::new("main.rs"), &files);
        let mut found: Vec<&str> = found.iter().filter_map(|path| path.to_str()).collect();
        found.sort_unstable();
        assert_eq!(
            found,
            ["a.rs", "a/below.rs", "b/beside.rs", "b/mod.rs", "listed.rs", "main.rs", "x/c.rs"]
        );
    }
}
