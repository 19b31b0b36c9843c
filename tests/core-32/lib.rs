//! Nothing: the tests are those of `tests/core`.
