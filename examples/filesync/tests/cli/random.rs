//! Whatever users do, and whichever folders meet in whichever order: they end the same, and nothing is lost that nobody
//! gave up.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::{Item, Place, tree};

const FOLDERS: [&str; 3] = ["a", "b", "c"];
const NAMES: [&str; 5] = ["x", "d", "d/y", "d/e", "d/e/z"];

/// The same numbers for the same seed.
struct Dice(blake3::OutputReader);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_le_bytes(bytes) as usize % bound
    }
}

fn contents(root: &Path) -> BTreeSet<Vec<u8>> {
    tree(root)
        .into_values()
        .filter_map(|item| match item {
            Item::File { content, .. } => Some(content),
            _ => None,
        })
        .collect()
}

/// Does what a user might do; what that replaces or deletes is given up.
fn act(place: &Place, dice: &mut Dice, step: usize) -> BTreeSet<Vec<u8>> {
    let folder = FOLDERS[dice.below(FOLDERS.len())];
    let before = contents(&place.at(folder));
    let path = format!("{folder}/{}", NAMES[dice.below(NAMES.len())]);
    let full = place.at(&path);
    let remove = |path: &Path| {
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { drop(fs::remove_file(path)) }
    };
    if dice.below(3) == 0 {
        remove(&full);
    } else {
        let mut above = full.parent().unwrap().to_owned();
        while above != place.at(folder) {
            if above.is_file() {
                remove(&above);
            }
            above.pop();
        }
        if full.is_dir() {
            remove(&full);
        }
        place.write(&path, format!("content {step}"));
    }
    before.difference(&contents(&place.at(folder))).cloned().collect()
}

#[test]
fn folders_converge_and_nothing_is_lost() {
    for seed in 0..12_u64 {
        let mut dice = Dice(blake3::Hasher::new().update(&seed.to_le_bytes()).finalize_xof());
        let place = Place::new(FOLDERS);
        let (mut written, mut given_up) = (BTreeSet::new(), BTreeSet::new());
        for step in 0..24 {
            if dice.below(4) == 0 {
                let first = dice.below(FOLDERS.len());
                let second = (first + 1 + dice.below(FOLDERS.len() - 1)) % FOLDERS.len();
                place.sync([FOLDERS[first], FOLDERS[second]]);
            } else {
                given_up.extend(act(&place, &mut dice, step));
                FOLDERS.iter().for_each(|folder| written.extend(contents(&place.at(folder))));
            }
        }
        place.sync(FOLDERS);
        let live = contents(&place.at("a"));
        let lost: Vec<_> = written.difference(&given_up).filter(|content| !live.contains(*content)).collect();
        assert!(lost.is_empty(), "seed {seed} lost {lost:?}");
        assert!(place.sync(FOLDERS).out.contains("nothing to do"), "seed {seed}");
    }
}
