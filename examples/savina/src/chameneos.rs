//! **Chameneos** (micro): creatures meet in pairs at a mall and take the colour that neither of them had.
//!
//! The mall keeps the `ReplyTo` of the first until a second comes, and then answers both, each with the colour of the other.

use crate::{Benchmark, Checked, Scale, ensure, equal};
use actor_core::prelude::*;
use futures::future::try_join_all;

/// Creatures and a mall.
#[derive(Clone, Copy, Debug)]
pub struct Chameneos {
    /// How many creatures there are.
    pub creatures: usize,
    /// How often two of them meet.
    pub meetings: u64,
}

/// What a creature looks like.
#[allow(missing_docs, reason = "they are colours")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Blue,
    Red,
    Yellow,
}

use Colour::{Blue, Red, Yellow};

impl Colour {
    /// Its own if both are the same, else the third.
    fn after(self, other: Self) -> Self {
        match (self, other) {
            (Blue, Red) | (Red, Blue) => Yellow,
            (Blue, Yellow) | (Yellow, Blue) => Red,
            (Red, Yellow) | (Yellow, Red) => Blue,
            _ => self,
        }
    }
}

#[actor]
struct Mall {
    /// That may still take place.
    meetings: u64,
    waiting: Option<(Colour, ReplyTo<Option<Colour>>)>,
}

#[actor]
impl Mall {
    /// The colour of the one that is met; `None` when the mall is closed.
    pub(crate) fn meet(&mut self, colour: Colour, reply: ReplyTo<Option<Colour>>) {
        if self.meetings == 0 {
            reply.send(None).ok();
        } else if let Some((other, first)) = self.waiting.take() {
            self.meetings -= 1;
            first.send(Some(colour)).ok();
            reply.send(Some(other)).ok();
        } else {
            self.waiting = Some((colour, reply));
        }
    }
}

#[actor]
struct Creature {
    colour: Colour,
}

#[actor]
impl Creature {
    /// How often it met another.
    pub(crate) async fn live(mut self, mall: MallHandle) -> Result<(u64, Colour), CallError> {
        let mut met = 0;
        while let Some(other) = mall.meet(self.colour).await? {
            self.colour = self.colour.after(other);
            met += 1;
        }
        Ok((met, self.colour))
    }
}

/// A meeting keeps this: either colour is 0, 1 or 2, and two that differ become two of the third, with the same sum modulo 3.
fn sum(colours: impl Iterator<Item = Colour>) -> usize {
    colours.map(|colour| colour as usize).sum::<usize>() % 3
}

impl Chameneos {
    fn colours(&self) -> impl Iterator<Item = Colour> {
        [Blue, Red, Yellow].into_iter().cycle().take(self.creatures)
    }
}

impl Benchmark for Chameneos {
    const TITLE: &'static str = "Chameneos";

    type Output = Vec<(u64, Colour)>;

    fn at(scale: Scale) -> Self {
        Chameneos { creatures: scale.of(10, 100), meetings: scale.of(500, 200_000) }
    }

    async fn run(&self, how: &Spawn) -> Result<Vec<(u64, Colour)>, CallError> {
        let mall = Mall { meetings: self.meetings, waiting: None }.spawn_with(how.clone());
        let lives = self.colours().map(|colour| {
            let creature = Creature { colour }.spawn_with(how.clone());
            creature.live(mall.clone()).start()
        });
        try_join_all(lives.collect::<Vec<_>>()).await.map_err(CallError::flatten)
    }

    fn check(&self, lives: Vec<(u64, Colour)>) -> Checked {
        let met: u64 = lives.iter().map(|(met, _)| met).sum();
        equal("how often somebody met another", &met, &(2 * self.meetings))?;
        let (before, after) = (sum(self.colours()), sum(lives.into_iter().map(|(_, colour)| colour)));
        ensure("the sum of the colours stays", before == after)?;
        Ok(format!("{met} met another"))
    }
}
