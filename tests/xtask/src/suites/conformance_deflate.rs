//! The Autobahn TestSuite's cases of permessage-deflate, as a client of the `deflate` example and as a
//! server of our client.
//!
//! Sections 12 and 13 have twelve groups, one for each way to negotiate and sort of payload, of
//! eighteen cases each, one for each size: a thousand messages of 16 bytes to 128 KiB.

use core::time::Duration;
use std::thread;

use crate::autobahn::Autobahn;
use crate::autobahn::server::FuzzingServer;
use crate::listener::Listener;
use crate::outcome::{Failure, Outcome};
use crate::process::minutes;
use crate::workspace::Workspace;

const GROUPS: [&str; 12] = [
    "12.1", "12.2", "12.3", "12.4", "12.5", "13.1", "13.2", "13.3", "13.4", "13.5", "13.6", "13.7",
];

const CASES_OF_A_GROUP: usize = 18;

/// Runs three sizes of each group, and a fourth of four groups, against the listener.
pub(crate) fn sample(workspace: &Workspace) -> Outcome {
    let cases = sample_cases();
    let mut listener = Listener::start_deflate(workspace, &[])?;
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

/// Runs the same cases with our client.
pub(crate) fn client_sample(workspace: &Workspace) -> Outcome {
    let cases = sample_cases();
    let server = FuzzingServer {
        reports: "autobahn-client-deflate",
        secure: false,
        deflate: true,
        cases: &cases.iter().map(String::as_str).collect::<Vec<_>>(),
        without: &[],
        expected: cases.len(),
        patience: 1,
        limit: minutes(15),
    };
    server.run(workspace)?;
    Ok(format!("{} cases", cases.len()))
}

fn sample_cases() -> Vec<String> {
    let mut cases: Vec<String> = GROUPS
        .iter()
        .flat_map(|group| (1..=3).map(move |size| format!("{group}.{size}")))
        .collect();
    cases.extend(["12.1.4", "13.1.4", "13.3.4", "13.7.4"].map(str::to_owned));
    cases
}

/// Runs all cases against the listener, and then all with our client.
pub(crate) fn full(workspace: &Workspace) -> Outcome {
    let listener = Listener::start_deflate(workspace, &[])?;
    let address = listener.address();
    in_shards(|shard, cases| {
        let autobahn = Autobahn {
            reports: &format!("autobahn-deflate-{shard}"),
            address,
            cases,
            without: &[],
            pause: Duration::ZERO,
            expected: cases.len() * CASES_OF_A_GROUP,
            // Several share a processor with the listener.
            patience: 5,
            limit: minutes(45),
        };
        autobahn.run_on_pypy(workspace, || Ok(()))
    })?;
    in_shards(|shard, cases| {
        let server = FuzzingServer {
            reports: &format!("autobahn-client-deflate-{shard}"),
            secure: false,
            deflate: true,
            cases,
            without: &[],
            expected: cases.len() * CASES_OF_A_GROUP,
            patience: 5,
            limit: minutes(45),
        };
        server.run_on_pypy(workspace)
    })?;
    let cases = GROUPS.len() * CASES_OF_A_GROUP;
    Ok(format!("{cases} cases against the listener, {cases} with the client"))
}

/// Deals the groups out to as many shards as there are processors, which run at the same time.
fn in_shards(run: impl Fn(usize, &[&str]) -> Result<(), Failure> + Sync) -> Result<(), Failure> {
    let shards = thread::available_parallelism().map_or(1, usize::from).min(GROUPS.len());
    let results: Vec<Result<(), Failure>> = thread::scope(|scope| {
        let running: Vec<_> = (0..shards)
            .map(|shard| {
                let run = &run;
                scope.spawn(move || {
                    let groups = GROUPS.iter().skip(shard).step_by(shards);
                    let cases: Vec<_> = groups.map(|group| format!("{group}.*")).collect();
                    run(shard, &cases.iter().map(String::as_str).collect::<Vec<_>>())
                })
            })
            .collect();
        running
            .into_iter()
            .map(|shard| shard.join().unwrap_or_else(|_| Err(Failure::failed("a shard panicked"))))
            .collect()
    });
    results.into_iter().collect()
}
