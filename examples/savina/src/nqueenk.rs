//! **NQueens First N Solutions** (parallelism): workers place queens so that none attacks another, until there are enough solutions.
//!
//! A worker's reply is a stream: solutions come as they are found, and no faster than they are read. Who has read enough drops it, and the worker
//! stops looking.

use crate::{Benchmark, Checked, Scale, ensure, equal};
use actor_core::Pool;
use actor_core::prelude::*;
use futures::stream::{self, Stream};
use futures::{StreamExt as _, TryFutureExt as _, TryStreamExt as _};
use std::collections::HashSet;

/// A board, and workers.
#[derive(Clone, Copy, Debug)]
pub struct NQueens {
    /// How many queens, on a board of as many rows and columns.
    pub queens: usize,
    /// How many solutions are enough.
    pub enough: usize,
    /// How many workers look for them.
    pub workers: usize,
    /// How many queens are placed before a worker gets the rest to do.
    pub depth: usize,
}

/// The column of each queen, row by row.
type Board = Vec<usize>;

/// How many solutions there are, from one queen on.
const SOLUTIONS: [usize; 12] = [1, 0, 0, 2, 10, 4, 40, 92, 352, 724, 2680, 14200];

/// Whether a queen in the next row at `column` attacks none.
fn is_free(board: &[usize], column: usize) -> bool {
    board.iter().rev().zip(1..).all(|(other, rows)| *other != column && other.abs_diff(column) != rows)
}

/// All boards with one queen more.
fn with_one_more(board: &Board, queens: usize) -> impl DoubleEndedIterator<Item = Board> {
    let free = (0..queens).filter(move |column| is_free(board, *column));
    free.map(move |column| board.iter().copied().chain([column]).collect())
}

/// All full boards that begin like this one, as they are asked for.
fn solutions(board: Board, queens: usize) -> impl Iterator<Item = Board> {
    let mut open = vec![board];
    std::iter::from_fn(move || {
        loop {
            let board = open.pop()?;
            if board.len() == queens {
                return Some(board);
            }
            open.extend(with_one_more(&board, queens).rev());
        }
    })
}

#[actor]
struct Worker {
    queens: usize,
}

#[actor]
impl Worker {
    /// It borrows the worker, which so does nothing else until it has ended or its reader has gone.
    pub(crate) fn solutions(&self, board: Board) -> impl Stream<Item = Board> {
        stream::iter(solutions(board, self.queens))
    }
}

impl Benchmark for NQueens {
    const TITLE: &'static str = "NQueens First N Solutions";

    type Output = Vec<Board>;

    fn at(scale: Scale) -> Self {
        let (queens, enough) = scale.of((7, 30), (12, 1_500_000));
        NQueens { queens, enough, workers: scale.of(3, 20), depth: scale.of(2, 4) }
    }

    async fn run(&self, how: &Spawn) -> Result<Vec<Board>, CallError> {
        let queens = self.queens;
        let workers = Pool::new(self.workers, move |_| Worker { queens }).with(how.clone()).spawn();
        let mut boards = vec![Board::new()];
        for _ in 0..self.depth {
            boards = boards.iter().flat_map(|board| with_one_more(board, queens)).collect();
        }
        let found = stream::iter(boards).map(|board| workers.solutions(board).try_flatten_stream());
        found.flatten_unordered(self.workers).take(self.enough).try_collect().await
    }

    fn check(&self, found: Vec<Board>) -> Checked {
        let attacks_none = |board: &Board| (0..board.len()).all(|row| is_free(&board[..row], board[row]));
        ensure("no queen attacks another", found.iter().all(attacks_none))?;
        ensure("all boards are full", found.iter().all(|board| board.len() == self.queens))?;
        let expected = SOLUTIONS.get(self.queens - 1).map_or(self.enough, |all| self.enough.min(*all));
        equal("solutions", &found.iter().collect::<HashSet<_>>().len(), &expected)?;
        Ok(format!("{} solutions", found.len()))
    }
}
