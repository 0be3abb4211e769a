//! One actor in ten protocols, all of which call their message the same.

use crate::kit::{Gate, Log, Way};
use actor_core::prelude::*;

#[actor]
struct Polyglot {
    gate: Gate,
    log: Log,
}

#[actor]
impl Polyglot {
    pub async fn hold(&mut self) {
        self.gate.pass().await;
    }
    pub fn say(&mut self, what: &str) -> String {
        self.log.push(format!("its own: {what}"));
        what.to_owned()
    }
}

/// Protocols, the actor in all of them, and its handles of each in turn, sent to by number.
macro_rules! tongues {
    ($($name:ident $handle:ident),+ $(,)?) => {
        $(
            #[actor]
            trait $name {
                fn say(&mut self, what: &str) -> String;
                async fn sing(&mut self) -> &'static str {
                    stringify!($name)
                }
            }

            impl $name for Polyglot {
                fn say(&mut self, what: &str) -> String {
                    self.log.push(format!("{}: {what}", stringify!($name)));
                    format!("{what} in {}", stringify!($name))
                }
            }
        )+

        const NAMES: &[&str] = &[$(stringify!($name)),+];

        /// Sends `what` in all of them, in order, and then as its own.
        fn tell_all(polyglot: &PolyglotHandle, what: &str) {
            $($handle::from(polyglot.clone()).say(what).try_tell().unwrap();)+
            polyglot.say(what).try_tell().unwrap();
        }

        async fn ask_all(polyglot: &PolyglotHandle) -> Vec<(String, &'static str)> {
            let mut answers = Vec::new();
            $({
                let handle = $handle::from(polyglot.clone());
                assert_eq!((handle.id(), handle.downcast().as_ref()), (polyglot.id(), Some(polyglot)));
                answers.push((handle.say("yes").await.unwrap(), handle.sing().await.unwrap()));
            })+
            answers
        }
    };
}

tongues!(
    Arabic ArabicHandle,
    Basque BasqueHandle,
    Czech CzechHandle,
    Danish DanishHandle,
    English EnglishHandle,
    Finnish FinnishHandle,
    German GermanHandle,
    Hindi HindiHandle,
    Irish IrishHandle,
    Japanese JapaneseHandle,
);

async fn each_answers_for_itself(way: Way) {
    let polyglot = Polyglot { gate: Gate::default(), log: Log::default() }.spawn_with(way.spawn());
    let expected: Vec<_> = NAMES.iter().map(|name| (format!("yes in {name}"), *name)).collect();
    assert_eq!((ask_all(&polyglot).await, NAMES.len()), (expected, 10));
    assert_eq!(polyglot.say("yes").await.unwrap(), "yes");
}

async fn all_lie_in_one_mailbox_in_order(way: Way) {
    let (gate, log) = (Gate::default(), Log::default());
    let polyglot = Polyglot { gate: gate.clone(), log: log.clone() }.spawn_with(way.spawn());
    let held = polyglot.hold().start();
    gate.arrived(1).await;
    let mut expected = Vec::new();
    for round in ["one", "two", "three"] {
        tell_all(&polyglot, round);
        expected.extend(NAMES.iter().chain(&["its own"]).map(|name| format!("{name}: {round}")));
    }
    gate.open(1);
    held.await.unwrap();
    polyglot.say("last").await.unwrap();
    expected.push("its own: last".to_owned());
    assert_eq!(log.all(), expected);
}

both_ways!(each_answers_for_itself, all_lie_in_one_mailbox_in_order);
