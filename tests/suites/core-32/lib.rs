//! Nothing: the tests are those of `tests/suites/core`.
