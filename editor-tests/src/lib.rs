//! Nothing but tests: see `tests/rust_analyzer.rs`.
