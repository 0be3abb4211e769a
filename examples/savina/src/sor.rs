//! **Successive Over-Relaxation** (parallelism): the cells of a grid take on what lies between them and their neighbours, red and black ones in turn.
//!
//! Each cell is an actor, which goes on when all of its neighbours have told it their values; nobody keeps the turns. The message that asks for the
//! result waits for the last one, by its guard.

use crate::random::Random;
use crate::{Benchmark, Checked, Scale, equal};
use actor_core::prelude::*;
use futures::future::try_join_all;
use std::collections::VecDeque;

/// A grid.
#[derive(Clone, Copy, Debug)]
pub struct OverRelaxation {
    /// How long its sides are, in cells.
    pub side: usize,
    /// How often each cell changes.
    pub rounds: usize,
    /// How much of the way it goes.
    pub omega: f64,
}

/// The neighbours of a cell: above, right, below, left.
type Around<T> = [T; 4];

/// From where a neighbour sees it.
fn opposite(direction: usize) -> usize {
    (direction + 2) % 4
}

/// Cells tell each other in circles, so none may wait for room at another.
#[actor(mailbox = unbounded)]
struct Cell {
    value: f64,
    omega: f64,
    rounds: usize,
    /// Red ones begin.
    red: bool,
    around: Around<Option<CellHandle>>,
    heard: Around<VecDeque<f64>>,
}

#[actor]
impl Cell {
    #[on_start]
    fn begin(&mut self) -> Result<(), CallError> {
        if self.red { self.tell() } else { Ok(()) }
    }

    /// What a neighbour is now.
    #[message(fatal)]
    pub(crate) fn hear(&mut self, from: usize, value: f64) -> Result<(), CallError> {
        self.heard[from].push_back(value);
        self.go_on()
    }

    #[message(when = self.rounds == 0)]
    pub(crate) fn result(self) -> f64 {
        self.value
    }
}

impl Cell {
    fn tell(&self) -> Result<(), CallError> {
        for (direction, neighbour) in self.around.iter().enumerate() {
            if let Some(neighbour) = neighbour {
                neighbour.hear(opposite(direction), self.value).try_tell()?;
            }
        }
        Ok(())
    }

    fn go_on(&mut self) -> Result<(), CallError> {
        let has_heard = |cell: &Cell| {
            let mut around = cell.around.iter().zip(&cell.heard);
            around.all(|(neighbour, heard)| neighbour.is_none() || !heard.is_empty())
        };
        while self.rounds > 0 && has_heard(self) {
            let sum = self.heard.iter_mut().filter_map(VecDeque::pop_front).sum();
            self.value = relaxed(self.value, sum, self.omega);
            self.rounds -= 1;
            // After its last round a red one is not waited for.
            if self.rounds > 0 || !self.red {
                self.tell()?;
            }
        }
        Ok(())
    }
}

fn relaxed(value: f64, sum: f64, omega: f64) -> f64 {
    omega / 4.0 * sum + (1.0 - omega) * value
}

impl OverRelaxation {
    fn values(&self) -> Vec<f64> {
        let mut random = Random::new(10_101_010);
        (0..self.side * self.side).map(|_| random.unit() * 1e-6).collect()
    }

    fn is_red(&self, cell: usize) -> bool {
        (cell / self.side + cell % self.side) % 2 == 1
    }

    fn around(&self, cell: usize) -> Around<Option<usize>> {
        let (side, row, column) = (self.side, cell / self.side, cell % self.side);
        [
            (row > 0).then(|| cell - side),
            (column + 1 < side).then(|| cell + 1),
            (row + 1 < side).then(|| cell + side),
            (column > 0).then(|| cell - 1),
        ]
    }
}

impl Benchmark for OverRelaxation {
    const TITLE: &'static str = "Successive Over-Relaxation";

    type Output = Vec<f64>;

    fn at(scale: Scale) -> Self {
        OverRelaxation { side: scale.of(6, 20), rounds: scale.of(20, 100), omega: 1.25 }
    }

    async fn run(&self, how: &Spawn) -> Result<Vec<f64>, CallError> {
        let &OverRelaxation { omega, rounds, .. } = self;
        let values = self.values();
        let cells = Cell::spawn_all_with(how.clone(), values.len(), |n, cells| Cell {
            value: values[n],
            omega,
            rounds,
            red: self.is_red(n),
            around: self.around(n).map(|neighbour| neighbour.map(|neighbour| cells[neighbour].clone())),
            heard: Default::default(),
        });
        try_join_all(cells.iter().map(CellHandle::result)).await
    }

    fn check(&self, found: Vec<f64>) -> Checked {
        let mut values = self.values();
        for turn in 0..2 * self.rounds {
            for cell in (0..values.len()).filter(|cell| self.is_red(*cell) == (turn % 2 == 1)) {
                let sum = self.around(cell).into_iter().flatten().map(|neighbour| values[neighbour]).sum();
                values[cell] = relaxed(values[cell], sum, self.omega);
            }
        }
        equal("the values of the cells", &found, &values)?;
        Ok(format!("the values sum up to {:.6e}", found.iter().sum::<f64>()))
    }
}
