//! Every wording of the macro stands in some `.stderr`, and in the reference: nothing is said that nobody has read.

use std::fs;
use std::path::Path;

/// The wordings: the literals behind ` = "` in `errors.rs`, cut at their placeholders.
fn wordings(source: &str) -> Vec<Vec<String>> {
    let texts = source.lines().filter_map(|line| {
        let (_, text) = line.trim().split_once(") = \"")?;
        text.strip_suffix("\";")
    });
    texts.map(parts).collect()
}

/// What lies between the placeholders. `{{` is a brace of the text.
fn parts(text: &str) -> Vec<String> {
    let plain = text.replace("{{", "\u{1}").replace("}}", "\u{2}");
    let mut parts = Vec::new();
    for piece in plain.split('{') {
        let fixed = piece.split_once('}').map_or(piece, |(_, fixed)| fixed);
        parts.push(fixed.replace('\u{1}', "{").replace('\u{2}', "}"));
    }
    parts
}

/// Whether the parts stand one behind the other.
fn contains(line: &str, parts: &[String]) -> bool {
    let mut rest = line;
    parts.iter().all(|part| match rest.find(part.as_str()) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}

fn read_all(folder: &Path, lines: &mut Vec<String>) {
    for entry in fs::read_dir(folder).expect("the folder of the cases") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            read_all(&path, lines);
        } else if path.extension().is_some_and(|extension| extension == "stderr") {
            let text = fs::read_to_string(&path).expect("a .stderr");
            lines.extend(text.lines().map(str::to_owned));
        }
    }
}

/// The wordings that stand in none of the lines.
fn missing(lines: &[String]) -> Vec<Vec<String>> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../actor-macros/src/errors.rs");
    let wordings = wordings(&fs::read_to_string(source).expect("the wordings"));
    assert!(wordings.len() > 40, "only {} wordings were found", wordings.len());
    wordings.into_iter().filter(|parts| !lines.iter().any(|line| contains(line, parts))).collect()
}

#[test]
fn every_wording_is_shown() {
    let mut lines = Vec::new();
    read_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fail"), &mut lines);
    let missing = missing(&lines);
    assert!(missing.is_empty(), "in no .stderr: {missing:#?}");
}

/// A test of the macro's crate checks that it says there what is said.
#[test]
fn every_wording_is_in_the_reference() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../actor-macros/docs");
    let mut lines: Vec<String> = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder of the reference") {
        let text = fs::read_to_string(entry.expect("an entry").path()).expect("a chapter");
        for line in text.lines().map(str::trim_start) {
            match (line.strip_prefix("//     "), lines.last_mut()) {
                (Some(rest), Some(line)) => {
                    line.push(' ');
                    line.push_str(rest);
                }
                _ => lines.push(line.to_owned()),
            }
        }
    }
    let missing = missing(&lines);
    assert!(missing.is_empty(), "in no chapter: {missing:#?}");
}
