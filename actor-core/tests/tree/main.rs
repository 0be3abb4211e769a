//! Random supervision trees, random stories of what happens to them, and a model that says how each must end.
//!
//! A story is told on one thread with a clock that stands still, so it has one course. After each of its steps everything settles; then the
//! model, plain data without a future in it, must agree about who lives, how often each was made, and what each caller was told, which
//! includes the incarnation that answered. `TREE_CASES` sets how many stories, `TREE_SEED` which; a failure is shrunk and tells its story.

mod leaf;
mod model;
mod plan;
mod stage;

use model::Model;
use plan::{Script, Step, script};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestCaseResult, TestRng, TestRunner};
use stage::Stage;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Tells a story to both.
async fn tell(script: Script) -> TestCaseResult {
    let mut model = Model::default();
    let mut stage = Stage::new(script.direct);
    let mut story = Vec::new();
    model.plant(None, &script.tree);
    model.settle();
    stage.begin().await;
    stage.plant(None, &script.tree);
    stage.settle().await;
    let compare = |stage: &mut Stage, model: &Model, story: &[String]| {
        let (seen, expected) = (stage.report(model), model.report());
        if seen == expected {
            return Ok(());
        }
        let lines: Vec<_> = seen
            .iter()
            .zip(&expected)
            .filter(|(seen, expected)| seen != expected)
            .map(|(seen, expected)| format!("  is       {seen}\n  should be {expected}"))
            .collect();
        let tree = model.names().join("\n  ");
        let story = story.join("\n  ");
        let way = if script.direct { "direct calls" } else { "no direct calls" };
        let lines = lines.join("\n");
        Err(TestCaseError::fail(format!("\n  {tree}\nthen, with {way},\n  {story}\nafter which\n{lines}")))
    };
    compare(&mut stage, &model, &story)?;
    for step in script.steps {
        story.push(model.describe(&step));
        match step {
            Step::Wait(time) => {
                model.wait(time);
                stage.wait(time).await;
            }
            Step::Add(group, plan) => {
                let Some(group) = model.group(group) else { continue };
                model.plant(Some(group), &plan);
                stage.plant(Some(group), &plan);
            }
            Step::Call(leaf, what, how, limit) => {
                let Some(leaf) = model.leaf(leaf) else { continue };
                model.call(leaf, what, limit);
                stage.call(leaf, what, how, limit).await;
            }
            Step::Leave(call) => {
                let Some(call) = model.waiting(call) else { continue };
                model.leave(call);
                stage.leave(call);
            }
            Step::Release(leaf) => {
                let Some(leaf) = model.leaf(leaf) else { continue };
                if model.release(leaf) {
                    stage.release(leaf);
                }
            }
            Step::Trouble(leaf, times, what) => {
                let Some(leaf) = model.leaf(leaf) else { continue };
                model.trouble(leaf, times, what);
                stage.trouble(leaf, times, what);
            }
            Step::Stop(who) => {
                let Some(who) = model.anybody(who) else { continue };
                model.stop(who, None);
                stage.stop(who);
            }
            Step::StopWithin(who, grace) => {
                let Some(who) = model.anybody(who) else { continue };
                model.stop_within(who, grace);
                stage.stop_within(who, grace);
            }
            Step::Kill(who) => {
                let Some(who) = model.anybody(who) else { continue };
                model.kill(who);
                stage.kill(who);
            }
        }
        model.settle();
        stage.settle().await;
        compare(&mut stage, &model, &story)?;
    }
    // All end, and nobody is left waiting.
    story.push("the root is killed".to_owned());
    model.kill(0);
    model.settle();
    stage.kill(0);
    stage.settle().await;
    compare(&mut stage, &model, &story)
}

#[test]
fn a_tree_lives_as_its_model() {
    leaf::silence_its_panics();
    let cases = u32::try_from(number("TREE_CASES", 1_000)).unwrap_or(u32::MAX);
    let seed = number("TREE_SEED", 1);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let result = runner.run(&script(), |script| {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build()?;
        runtime.block_on(tell(script))
    });
    if let Err(failure) = result {
        panic!("seed {seed}: {failure}");
    }
}
