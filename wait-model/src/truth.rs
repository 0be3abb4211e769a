//! Who can go on, told from what is and not from what is noted.

use crate::state::{At, Call, Handler, Id, Kind, Stage, State};

/// Which handlers never go on, if nothing but the waits that end before `until` ends by itself.
fn stuck(state: &State, until: Option<u8>) -> Vec<Id> {
    let mut stuck: Vec<Id> =
        state.actors.iter().flat_map(|actor| actor.handlers().map(|handler| handler.call)).collect();
    loop {
        let still = |run: &Id| is_stuck(state, *run, until, &stuck);
        let next: Vec<Id> = stuck.iter().copied().filter(still).collect();
        if next.len() == stuck.len() {
            return stuck;
        }
        stuck = next;
    }
}

fn handler(state: &State, run: Id) -> Option<&Handler> {
    state.actors[usize::from(state.home(run))].handlers().find(|handler| handler.call == run)
}

fn is_stuck(state: &State, run: Id, until: Option<u8>, stuck: &[Id]) -> bool {
    let Some(handler) = handler(state, run) else { return false };
    if matches!(handler.at, At::Runs | At::Ended) {
        return false;
    }
    let actor = &state.actors[usize::from(state.home(run))];
    let serves = handler.kind == Kind::Serving;
    if serves && actor.served.as_ref().is_some_and(|served| stuck.contains(&served.call)) {
        return true;
    }
    !handler.awaits.is_empty() && handler.awaits.iter().all(|&call| is_blocked(state, call, until, stuck))
}

/// Whether an answer of this call never comes.
fn is_blocked(state: &State, id: Id, until: Option<u8>, stuck: &[Id]) -> bool {
    let call = &state.calls[usize::from(id)];
    if call.until.is_some_and(|at| until.is_none_or(|until| at < until)) {
        return false;
    }
    let actor = &state.actors[usize::from(call.to)];
    match (call.stage, &actor.main) {
        (Stage::Started, _) => stuck.contains(&id),
        (Stage::Queued, None) => false,
        (Stage::Queued, Some(main)) if call.between && main.kind == Kind::Serving => {
            actor.served.as_ref().is_some_and(|served| stuck.contains(&served.call))
        }
        (Stage::Queued, Some(main)) => stuck.contains(&main.call),
        _ => false,
    }
}

/// Whether a call that is queued never begins, but by an end of its own.
pub(crate) fn is_deadlock(state: &State, call: Id) -> bool {
    let Call { from, until, .. } = state.calls[usize::from(call)];
    let stuck = stuck(state, until);
    is_blocked(state, call, until, &stuck) && from.is_some_and(|run| stuck.contains(&run))
}
