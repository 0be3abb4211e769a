//! What nodes get by real relays and real servers of addresses: see the tests.
