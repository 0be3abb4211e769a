//! Messages of every combination: the tests are all there is.
