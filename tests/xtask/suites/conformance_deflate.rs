//! The Autobahn TestSuite's cases of permessage-deflate as a client of the `deflate` example.
//!
//! Sections 12 and 13 have twelve groups, one for each way to negotiate and sort of payload, of
//! eighteen cases each, one for each size: a thousand messages of 16 bytes to 128 KiB.

use core::time::Duration;
use std::thread;

use crate::autobahn::Autobahn;
use crate::listener::Listener;
use crate::outcome::{Failure, Outcome};
use crate::process::minutes;
use crate::workspace::Workspace;

const GROUPS: [&str; 12] = [
    "12.1", "12.2", "12.3", "12.4", "12.5", "13.1", "13.2", "13.3", "13.4", "13.5", "13.6", "13.7",
];

const CASES_OF_A_GROUP: usize = 18;

/// Runs three sizes of each group, and a fourth of four groups.
pub(crate) fn sample(workspace: &Workspace) -> Outcome {
    let mut cases: Vec<String> = GROUPS
        .iter()
        .flat_map(|group| (1..=3).map(move |size| format!("{group}.{size}")))
        .collect();
    cases.extend(["12.1.4", "13.1.4", "13.3.4", "13.7.4"].map(str::to_owned));
    let mut listener = Listener::start_deflate(workspace)?;
    let address = listener.address().to_owned();
    let autobahn = Autobahn {
        reports: "autobahn-deflate",
        address: &address,
        cases: &cases.iter().map(String::as_str).collect::<Vec<_>>(),
        without: &[],
        pause: Duration::ZERO,
        expected: cases.len(),
        patience: 1,
        limit: minutes(15),
    };
    autobahn.run(workspace, || listener.still_runs())?;
    Ok(format!("{} cases", cases.len()))
}

/// Runs all cases, as many groups at a time as there are processors.
pub(crate) fn full(workspace: &Workspace) -> Outcome {
    let shards = thread::available_parallelism().map_or(1, usize::from).min(GROUPS.len());
    let listener = Listener::start_deflate(workspace)?;
    let address = listener.address();
    let results: Vec<Result<(), Failure>> = thread::scope(|scope| {
        let running: Vec<_> = (0..shards)
            .map(|shard| {
                scope.spawn(move || {
                    let groups: Vec<_> = GROUPS.iter().skip(shard).step_by(shards).collect();
                    let cases: Vec<_> = groups.iter().map(|group| format!("{group}.*")).collect();
                    let autobahn = Autobahn {
                        reports: &format!("autobahn-deflate-{shard}"),
                        address,
                        cases: &cases.iter().map(String::as_str).collect::<Vec<_>>(),
                        without: &[],
                        pause: Duration::ZERO,
                        expected: groups.len() * CASES_OF_A_GROUP,
                        // Several share a processor with the listener.
                        patience: 5,
                        limit: minutes(45),
                    };
                    autobahn.run_on_pypy(workspace, || Ok(()))
                })
            })
            .collect();
        running
            .into_iter()
            .map(|shard| shard.join().unwrap_or_else(|_| Err(Failure::failed("a shard panicked"))))
            .collect()
    });
    for result in results {
        result?;
    }
    Ok(format!("{} cases", GROUPS.len() * CASES_OF_A_GROUP))
}
