//! The test kit, used as in a user's tests.

mod schedule;
