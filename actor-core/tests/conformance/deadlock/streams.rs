//! Readers of streams, and handlers that send them.

use super::node::{Told, node, pair};
use crate::kit::{Gate, Way, settle};

async fn the_reader_of_a_stream(way: Way) {
    let (a, b) = pair(way);
    let heard = a.read(b).await.unwrap();
    let [Ok(1), Err(Told::Deadlock(text))] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!(text, "a.read -> b.items -> a.plain");
}

async fn a_stream_beside_its_actor_is_a_task_of_its_own(way: Way) {
    let (a, b) = pair(way);
    let heard = a.read_beside(b).await.unwrap();
    assert!(matches!(heard[..], [Err(Told::Other(_))]), "{heard:?}");
}

async fn a_reader_of_a_reader(way: Way) {
    let (a, b) = pair(way);
    let heard = a.read_relayed(b).await.unwrap();
    let [Err(Told::Deadlock(text))] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!(text, "a.read_relayed -> b.relay -> a.plain_items");
}

async fn a_stream_of_a_generic_method(way: Way) {
    let (a, b) = pair(way);
    let heard = a.read_generic(b).await.unwrap();
    let [Err(Told::Deadlock(text))] = &heard[..] else { panic!("{heard:?}") };
    assert_eq!(text, "a.read_generic -> b.generic_items -> a.plain");
}

async fn one_that_reads_two_streams_waits_for_either(way: Way) {
    let (a, b, c) = (node(way, "a"), node(way, "b"), node(way, "c"));
    let gate = Gate::default();
    let read = a.read_either(b, c, gate.clone()).start();
    gate.arrived(1).await;
    settle().await;
    gate.open(1);
    assert_eq!(read.await.unwrap(), Ok(7), "the second may still say something");
}

four_ways!(the_reader_of_a_stream, a_reader_of_a_reader);
both_ways!(a_stream_of_a_generic_method, one_that_reads_two_streams_waits_for_either);
both_ways_paused!(a_stream_beside_its_actor_is_a_task_of_its_own,);
