//! The actor that lives in the trees.

#![expect(unreachable_pub, reason = "an actor as a library would write it")]

use crate::plan::Trouble;
use actor_core::prelude::*;
use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;

/// What outlives its incarnations.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) made: AtomicU32,
    pub(crate) gate: Semaphore,
    pub(crate) trouble: Mutex<Option<(u32, Trouble)>>,
}

impl World {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(World { made: AtomicU32::new(0), gate: Semaphore::new(0), trouble: Mutex::new(None) })
    }

    fn next_trouble(&self) -> Option<Trouble> {
        let mut trouble = self.trouble.lock().unwrap();
        let (left, what) = (*trouble)?;
        *trouble = (left > 1).then_some((left - 1, what));
        Some(what)
    }
}

/// Each message is answered with the number of the incarnation.
#[actor(mailbox = unbounded)]
pub(crate) struct Leaf {
    number: u32,
    trouble: Option<Trouble>,
    world: Arc<World>,
}

impl Leaf {
    pub(crate) fn make(world: &Arc<World>) -> Self {
        let number = world.made.fetch_add(1, SeqCst) + 1;
        let trouble = world.next_trouble();
        if let Some(Trouble::MakePanics) = trouble {
            panic!("{EXPECTED}");
        }
        Leaf { number, trouble, world: Arc::clone(world) }
    }
}

#[actor]
impl Leaf {
    #[on_start]
    fn begin(&mut self) -> Result<(), &'static str> {
        match self.trouble {
            Some(Trouble::StartFails) => Err(EXPECTED),
            Some(Trouble::StartPanics) => panic!("{EXPECTED}"),
            Some(Trouble::MakePanics | Trouble::StopFails | Trouble::StopPanics) | None => Ok(()),
        }
    }
    #[on_stop]
    fn finish(&mut self) -> Result<(), &'static str> {
        match self.trouble {
            Some(Trouble::StopFails) => Err(EXPECTED),
            Some(Trouble::StopPanics) => panic!("{EXPECTED}"),
            _ => Ok(()),
        }
    }
    pub fn add(&mut self) -> u32 {
        self.number
    }
    pub async fn hold(&mut self) -> u32 {
        if let Ok(permit) = self.world.gate.acquire().await {
            permit.forget();
        }
        self.number
    }
    pub fn burst(&mut self) -> u32 {
        panic!("{EXPECTED}")
    }
    pub fn fail(&mut self, ctx: &mut Context<Self>) -> u32 {
        ctx.fail(EXPECTED);
        self.number
    }
    pub fn leave(&mut self, ctx: &mut Context<Self>) -> u32 {
        ctx.stop();
        self.number
    }
    pub fn last(self) -> u32 {
        self.number
    }
}

const EXPECTED: &str = "part of the story";

/// Thousands of panics that are meant need not be printed.
pub(crate) fn silence_its_panics() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if info.payload_as_str() != Some(EXPECTED) {
            before(info);
        }
    }));
}
