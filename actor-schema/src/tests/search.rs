//! The order in which values are tried.

use super::super::search::Search;
use std::collections::HashSet;

fn picks(search: &Search, len: usize) -> Vec<u16> {
    (0..len).map(|at| search.pick(at).unwrap_or(0)).collect()
}

#[test]
fn every_combination_of_a_few_is_tried() {
    let ways = [2, 3, 4];
    let mut search = Search::default();
    let mut tried = HashSet::from([vec![0; 3]]);
    while search.next(&ways) {
        tried.insert(picks(&search, 3));
    }
    assert_eq!(tried.len(), 2 * 3 * 4);
    assert!(!search.is_on());
}

#[test]
fn one_choice_is_changed_before_two_are() {
    let mut search = Search::default();
    let mut first = Vec::new();
    for _ in 0..3 {
        assert!(search.next(&[3, 2]));
        first.push(picks(&search, 2));
    }
    assert_eq!(first, [[0, 1], [1, 0], [2, 0]]);
}

#[test]
fn without_a_choice_there_is_no_search() {
    assert!(!Search::default().next(&[]));
    assert!(!Search::default().next(&[1, 1]));
}

#[test]
fn a_choice_that_turns_up_with_another_is_tried() {
    // As many elements as the first choice says, which are a choice each.
    let mut search = Search::default();
    let mut tried = HashSet::new();
    loop {
        let count = usize::from(search.pick(0).unwrap_or(0));
        tried.insert(picks(&search, count + 1));
        let mut ways = vec![3];
        ways.resize(count + 1, 2);
        if !search.next(&ways) {
            break;
        }
    }
    assert_eq!(tried.len(), 1 + 2 + 4);
}

#[test]
fn it_ends_however_much_there_is_to_choose_from() {
    let ways = vec![30; 50];
    let mut search = Search::default();
    let tried = (0..).take_while(|_| search.next(&ways)).count();
    assert!((30..1000).contains(&tried), "{tried}");
}
