//! The difference of two lists, for people.

use std::fmt::Write;

/// Lines that both have, with `-` what only the first has, with `+` what only the second.
pub(super) fn diff(first: &[String], second: &[String]) -> String {
    let common = common(first, second);
    let (mut i, mut j, mut text) = (0, 0, String::new());
    let mut line = |mark: char, line: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {mark} {line}");
    };
    while i < first.len() || j < second.len() {
        let (one, other) = (first.get(i), second.get(j));
        match (one, other) {
            (Some(one), Some(other)) if one == other => {
                line(' ', one);
                (i, j) = (i + 1, j + 1);
            }
            (Some(one), _) if j >= second.len() || common[i + 1][j] >= common[i][j + 1] => {
                line('-', one);
                i += 1;
            }
            (_, other) => {
                line('+', other.map_or("", String::as_str));
                j += 1;
            }
        }
    }
    text
}

/// How many lines two tails have in common, by where they begin.
fn common(first: &[String], second: &[String]) -> Vec<Vec<usize>> {
    let mut common = vec![vec![0; second.len() + 1]; first.len() + 1];
    for i in (0..first.len()).rev() {
        for j in (0..second.len()).rev() {
            common[i][j] = if first[i] == second[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    common
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn lines_in_common_are_marked_neither_way() {
        let cases = [
            ("a b c", "a x c", "  a\n- b\n+ x\n  c"),
            ("a b", "", "- a\n- b"),
            ("", "a", "+ a"),
            ("a b c d", "b d e", "- a\n  b\n- c\n  d\n+ e"),
            ("", "", ""),
        ];
        for (first, second, wanted) in cases {
            let wanted: String = wanted.lines().map(|line| format!("  {line}\n")).collect();
            assert_eq!(diff(&list(first), &list(second)), wanted, "{first:?} and {second:?}");
        }
    }
}
