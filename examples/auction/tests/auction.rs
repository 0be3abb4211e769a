//! Runs the built program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const HEADER: &str = "kind,at,item,who,price,top,closes,grace\n";

fn auction(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_auction")).args(arguments).output().expect("it starts")
}

fn data_file() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../data/auction.csv")
}

/// A file of its own for each test.
fn file(name: &str, text: impl AsRef<[u8]>) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.csv"));
    fs::write(&path, text).expect("it can be written");
    path.to_str().expect("a path in UTF-8").to_owned()
}

fn stdout(output: &Output) -> &str {
    str::from_utf8(&output.stdout).expect("text")
}

fn stderr(output: &Output) -> &str {
    str::from_utf8(&output.stderr).expect("text")
}

/// Lines without the run of spaces that aligns them.
fn words(text: &str) -> Vec<String> {
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn the_table_of_the_data_file() {
    let output = auction(&[data_file().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(stderr(&output), "");
    let expected = "\
item        seller  minimum  closed  offers  buyer  price
chair, oak  ann     40       50      3       bob    50
lamp        otto    30       55      3       bob    60
violin      ann     100      60      8       cleo   170
clock       otto    500      90      1       -      not sold
";
    assert_eq!(stdout(&output), expected);
}

#[test]
fn the_same_each_time() {
    let run = || auction(&["--heard", data_file().to_str().unwrap()]).stdout;
    let first = run();
    for _ in 0..20 {
        assert_eq!(run(), first);
    }
}

#[test]
fn what_everybody_heard() {
    let output = auction(&["--heard", data_file().to_str().unwrap()]);
    let lines = words(stdout(&output));
    let of = |who: &str, item: &str| -> Vec<&str> {
        let start = format!("{who} {item} ");
        lines.iter().filter_map(|line| line.strip_prefix(&start)).collect()
    };
    // The loser of a duel, who then asks in the grace time.
    let bob = [
        "100 is the best offer",
        "beaten, 120 is asked",
        "120 is the best offer",
        "beaten, 140 is asked",
        "140 is the best offer",
        "beaten, 160 is asked",
        "160 is the best offer",
        "beaten, 180 is asked",
        "sold to cleo for 170",
        "over",
    ];
    assert_eq!(of("bob", "violin"), bob);
    assert_eq!(of("cleo", "violin").last(), Some(&"bought from ann for 170"));
    // Too late twice, and told so twice.
    assert_eq!(of("dan", "violin"), ["180 is asked until 60", "over", "over"]);
    assert_eq!(of("dan", "clock"), ["beaten, 500 is asked", "not sold"]);
    assert_eq!(of("ann", "violin"), ["sold to cleo for 170"]);
    assert_eq!(of("otto", "clock"), ["not sold"]);
}

/// Every kind of bad line, with its column and what is said of it.
#[test]
fn bad_lines_name_file_line_and_column() {
    let open = "auction,5,violin,ann,100,,60,20\n";
    let cases = [
        ("bid,x,violin,bob,100", 5, "`at` is `x`; write a time in whole seconds"),
        ("bid,9,violin,bob,1.5", 18, "`price` is `1.5`; write a price in whole units"),
        ("sell,9,violin,bob,100", 1, "`kind` is `sell`; write `auction`, `bid` or `inquire`"),
        ("bid,9,violin,bob", 17, "`price` is missing; write a price in whole units"),
        ("bid,9,,bob,100", 7, "`item` is missing; write a text"),
        ("bid", 4, "`at` is missing; write a time in whole seconds"),
        ("auction,9,viola,ann,100,,60", 28, "`grace` is missing; write how many seconds"),
        ("bid,9,violin,bob,100,,,,7", 25, "more than 8 fields; take the rest away"),
        ("bid,9,violin,bob,100,,60", 23, "`closes` does not belong to a `bid`; leave it empty"),
        ("inquire,9,violin,bob,100", 22, "`price` does not belong to an `inquire`; leave it empty"),
        ("auction,9,viola,ann,100,150,60,9", 25, "`top` does not belong to an `auction`; leave it empty"),
        ("bid,9,violin,bob,-100", 18, "`price` is negative: -100; write 0 or more"),
        ("bid,-9,violin,bob,100", 5, "`at` is negative: -9; write 0 or more"),
        ("bid,9,violin,bob,100,-1", 22, "`top` is negative: -1; write 0 or more"),
        ("auction,9,viola,ann,100,,60,-5", 29, "`grace` is negative: -5; write 0 or more"),
        ("bid,9,violin,bob,100,90", 18, "the bid of 100 is above its own top of 90"),
        ("auction,9,viola,ann,100,,9,20", 26, "`closes` is 9, but it opens at 9; close it later"),
        ("bid,9,piano,bob,100", 7, "no auction of `piano` stands above"),
        ("bid,4,violin,bob,100", 5, "too early: `violin` opens at 5; come then or later"),
        ("bid,81,violin,bob,100", 5, "too late: `violin` is over at 60 and answers until 80"),
        ("inquire,81,violin,bob", 9, "too late: `violin` is over at 60 and answers until 80"),
        ("auction,9,violin,ann,100,,60,20", 11, "a duplicate of line 2; take one of them away"),
    ];
    for (index, (line, column, problem)) in cases.into_iter().enumerate() {
        let path = file(&format!("bad-{index}"), format!("{HEADER}{open}{line}\n"));
        let output = auction(&[&path]);
        assert_eq!(output.status.code(), Some(3), "{line}");
        assert_eq!(stdout(&output), "", "{line}");
        let start = format!("error: {path}:3:{column}: {problem}");
        assert!(stderr(&output).starts_with(&start), "{}does not start with\n{start}", stderr(&output));
    }
}

#[test]
fn a_duplicate_bid() {
    let open = "auction,5,violin,ann,100,,60,20\n";
    let path = file("duplicate", format!("{HEADER}{open}bid,9,violin,bob,100\nbid,9,violin,bob,120\n"));
    let output = auction(&[&path]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).starts_with(&format!("error: {path}:4:14: a duplicate of line 3;")));
}

#[test]
fn places_behind_quotes_comments_and_blank_lines() {
    let open = "auction,5,\"violin, old\",ann,100,,60,20\n";
    let path = file("places", format!("{HEADER}{open}\n# a, comment\n\nbid, 9,\"violin, old\", bob, -1\n"));
    let output = auction(&[&path]);
    assert!(
        stderr(&output).starts_with(&format!("error: {path}:6:28: `price` is negative")),
        "{}",
        stderr(&output)
    );
}

#[test]
fn what_is_not_text() {
    let path = file("not-text", [HEADER.as_bytes(), b"bid,5,viol\xffn,bob,10\n"].concat());
    let output = auction(&[&path]);
    assert_eq!(output.status.code(), Some(3));
    assert!(stderr(&output).starts_with(&format!("error: {path}:2:7: `item` is not text in UTF-8;")));
}

#[test]
fn a_file_without_the_header() {
    for (name, text) in [("empty", ""), ("other", "item,who\n")] {
        let path = file(name, text);
        // Nothing after it has a meaning, so there is nothing to go on with.
        for options in [vec![path.as_str()], vec!["--keep-going", &path]] {
            let output = auction(&options);
            assert_eq!(output.status.code(), Some(3));
            let start =
                format!("error: {path}:1:1: the first line is not the header; write `{}`", HEADER.trim());
            assert!(stderr(&output).starts_with(&start), "{}", stderr(&output));
        }
    }
}

#[test]
fn keep_going_reports_and_skips() {
    let lines = "auction,0,violin,ann,100,,60,20\n\
                 bid,1,violin,bob,-5\n\
                 bid,2,violin,bob,100\n\
                 bid,90,violin,cleo,500\n";
    let path = file("keep-going", format!("{HEADER}{lines}"));
    let output = auction(&["--keep-going", &path]);
    assert_eq!(output.status.code(), Some(0));
    let expected = "\
item    seller  minimum  closed  offers  buyer  price
violin  ann     100      60      1       bob    100
";
    assert_eq!(stdout(&output), expected);
    let said: Vec<_> = stderr(&output).lines().collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[0].starts_with(&format!("skipped: {path}:3:18: `price` is negative")), "{said:?}");
    assert!(said[1].starts_with(&format!("skipped: {path}:5:5: too late")), "{said:?}");
    assert_eq!(said[2], "note: 2 bad lines were skipped");
}

#[test]
fn a_file_that_is_not_there() {
    let output = auction(&["no-such-file.csv"]);
    assert_eq!(output.status.code(), Some(1));
    let said = stderr(&output);
    assert!(said.starts_with("error: cannot read `no-such-file.csv`: "), "{said}");
    assert!(said.ends_with("; give the path of a CSV file\n"), "{said}");
}

#[test]
fn usage() {
    assert_eq!(auction(&[]).status.code(), Some(2));
    let help = auction(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(stdout(&help).contains(HEADER.trim()), "the format stands in the help");
}
