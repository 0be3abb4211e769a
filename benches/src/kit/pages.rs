//! Pages of the documentation that hold what a program has measured, between two marks.

use std::path::{Path, PathBuf};
use std::{fs, io};

const PAGE: &str = "performance.md";

/// Where pictures go.
pub fn pictures() -> PathBuf {
    docs().join("performance")
}

/// Above whichever package this is compiled into.
fn docs() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = package.ancestors().map(|folder| folder.join("docs"));
    folders.find(|docs| docs.join(PAGE).is_file()).unwrap_or_else(|| package.join("../docs"))
}

/// Puts `text` between the marks `name` of the page about performance.
///
/// # Errors
/// If the page cannot be read or written, or has no such marks.
pub fn write(name: &str, text: &str) -> io::Result<()> {
    let page = docs().join(PAGE);
    let replaced = replace(&fs::read_to_string(&page)?, name, text);
    let replaced = replaced.ok_or_else(|| {
        io::Error::other(format!("{} has no marks `{name}: begin` and `: end`", page.display()))
    })?;
    fs::write(&page, replaced)
}

fn replace(page: &str, name: &str, text: &str) -> Option<String> {
    let (before, rest) = page.split_once(&format!("<!-- {name}: begin -->"))?;
    let (_, after) = rest.split_once(&format!("<!-- {name}: end -->"))?;
    let text = text.trim();
    Some(format!("{before}<!-- {name}: begin -->\n\n{text}\n\n<!-- {name}: end -->{after}"))
}

#[cfg(test)]
mod tests {
    use super::replace;

    #[test]
    fn only_what_is_between_the_marks_changes() {
        let page = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n";
        let new = "a\n<!-- x: begin -->\n\nnew\n\n<!-- x: end -->\nb\n";
        assert_eq!(replace(page, "x", "new\n").as_deref(), Some(new));
        assert_eq!(replace(new, "x", "new").as_deref(), Some(new));
        assert_eq!(replace(page, "y", "new"), None);
    }
}
