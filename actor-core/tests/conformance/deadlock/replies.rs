//! Replies that are given by hand, and forwarded calls.

use super::node::{Kept, Node, deadlock, node, pair};
use crate::kit::{Gate, Way, settle};
use actor_core::prelude::*;
use std::sync::Arc;

async fn a_kept_reply_may_be_given_by_anybody(way: Way) {
    let kept = Kept::default();
    let (a, b) =
        (node(way, "a"), Node { kept: Arc::clone(&kept), ..Node::default() }.spawn_with(way.spawn()));
    let call = a.call_keep(b.clone()).start();
    settle().await;
    let back = b.call_plain(a.clone()).start();
    settle().await;
    assert_eq!(kept.lock().unwrap().take().unwrap().send(8), Ok(()));
    assert_eq!((call.await.unwrap(), back.await.unwrap()), (8, 6));
}

async fn a_reply_whose_handler_still_runs(way: Way) {
    let (a, b) = pair(way);
    assert_eq!(deadlock(a.call_reply_after(b).await), "a.call_reply_after -> b.reply_after -> a.plain");
}

async fn a_forwarded_call_is_nobodys_wait(way: Way) {
    let (a, b) = pair(way);
    assert_eq!(a.forward_home().await.unwrap(), 6);
    let (c, gate) = (node(way, "c"), Gate::default());
    let call = a.call_forward(b.clone(), c.clone(), gate.clone()).start();
    gate.arrived(1).await;
    // Neither `b`, which passed the call on, nor `c` waits for anybody.
    assert_eq!(b.plain().await.unwrap(), 6);
    gate.open(1);
    assert_eq!(call.await.unwrap(), 7);
}

both_ways!(a_kept_reply_may_be_given_by_anybody, a_forwarded_call_is_nobodys_wait,);
four_ways!(a_reply_whose_handler_still_runs,);
