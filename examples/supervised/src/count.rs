//! The work.

use std::collections::BTreeMap;

/// What there is to say of the words of a text.
///
/// # Panics
/// On a text without a word. A real bug, left in: this program is about workers that crash.
pub(crate) fn count(text: &str) -> String {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
        .filter(|word| !word.is_empty())
        .collect();
    let letters: usize = words.iter().map(|word| word.chars().count()).sum();
    let tenths = letters * 10 / words.len();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for word in &words {
        *times.entry(word).or_default() += 1;
    }
    // Of several the first in the alphabet.
    let (most, times) = times.into_iter().rev().max_by_key(|(_, times)| *times).unwrap_or_default();
    format!(
        "{} lines, {} words of {}.{} letters, `{most}` {times} times",
        text.lines().count(),
        words.len(),
        tenths / 10,
        tenths % 10
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_whatever_surrounds_them() {
        let text = "The sea, the sea --\n\"the\" harbour.\n";
        assert_eq!(count(text), "2 lines, 6 words of 3.6 letters, `the` 3 times");
    }

    #[test]
    fn of_words_that_are_as_frequent_the_first_is_named() {
        assert_eq!(count("b a b a c"), "1 lines, 5 words of 1.0 letters, `a` 2 times");
    }

    #[test]
    #[should_panic(expected = "divide by zero")]
    fn a_text_without_a_word_crashes_it() {
        count("--\n");
    }
}
