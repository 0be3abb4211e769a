//! The contestants, a file each.

pub(crate) mod actix;
pub(crate) mod hand_flume;
pub(crate) mod hand_tokio;
pub(crate) mod kameo;
pub(crate) mod ours;
pub(crate) mod ractor;
pub(crate) mod rsactor;
pub(crate) mod xtra;
