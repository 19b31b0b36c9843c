//! Runtimes and servers for the tests.

use std::time::Duration;

/// With a clock that moves on when everybody waits, so that a second costs nothing and is exact.
pub(crate) fn in_virtual_time(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let limit = Duration::from_secs(24 * 3600);
    let ended = runtime.block_on(async { tokio::time::timeout(limit, test).await });
    ended.expect("the test ends");
}

/// With sockets, and the clock on the wall.
#[expect(dead_code)]
pub(crate) fn in_real_time(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let limit = Duration::from_secs(60);
    let ended = runtime.block_on(async { tokio::time::timeout(limit, test).await });
    ended.expect("the test ends in time");
}
