//! The benchmark: this library beside the floor (bare TCP), a hand-written minimum and other
//! libraries, by the processor time that a server takes and by its memory.
//!
//! Server and load have a processor each, and every measurement uses a fresh server. The servers
//! take turns within a round, in a different order each round, and are compared with the floor of
//! the same round, so that a machine that changes its pace changes it for all.

mod ahead;
mod contestants;
mod faults;
mod figures;
mod json;
mod machine;
mod plots;
mod programs;
mod publish;
mod running;
mod scale;
mod setting;
mod table;
mod workloads;

use std::collections::BTreeSet;
use std::time::Duration;

use crate::outcome::Outcome;
use crate::workspace::Workspace;

use contestants::ALL;
use faults::Faults;
use figures::Row;
use machine::Machine;
use publish::Results;
use running::Bench;
use workloads::Workload;

/// How much is measured.
pub(super) struct Plan {
    name: &'static str,
    workloads: &'static [Workload],
    rounds: usize,
    /// How often workloads with few connections are measured in each round.
    times_few: usize,
    warm_up: Duration,
    window: Duration,
    /// Whether the README shows it.
    is_published: bool,
}

/// How TCP paces what it sends, for connections to come.
const CONGESTION_CONTROL: &str = "/proc/sys/net/ipv4/tcp_congestion_control";

/// The algorithms that unprivileged programs may choose. Making one the default adds it to them.
const ALLOWED_CONGESTION_CONTROL: &str = "/proc/sys/net/ipv4/tcp_allowed_congestion_control";

/// Linux's default: it sends as long as the window allows. BBR spreads large messages over time; on
/// loopback, a message of 1 MiB that is sent whole then takes twice the processor time.
const STEADY: &str = "cubic";

/// The run that the README's figures come from. Takes at most 30 minutes on two processors, once
/// everything is built.
const FULL: Plan = Plan {
    name: "full",
    workloads: workloads::FULL,
    rounds: 7,
    times_few: 3,
    warm_up: Duration::from_millis(200),
    window: Duration::from_millis(600),
    is_published: true,
};

/// Enough to see whether a change helps.
const QUICK: Plan = Plan {
    name: "quick",
    workloads: workloads::QUICK,
    rounds: 3,
    times_few: 1,
    warm_up: Duration::from_millis(150),
    window: Duration::from_millis(350),
    is_published: false,
};

/// With context takeover the figures scatter with whatever else the processor's caches hold, so more
/// rounds, and longer ones.
const DEFLATE: Plan = Plan {
    name: "deflate",
    workloads: workloads::DEFLATE,
    rounds: 15,
    times_few: 1,
    warm_up: Duration::from_millis(300),
    window: Duration::from_millis(800),
    is_published: false,
};

/// Measures everything.
pub(crate) fn full(workspace: &Workspace) -> Outcome {
    run(workspace, &FULL)
}

/// Measures the most telling workloads, within three minutes once all is built.
pub(crate) fn quick(workspace: &Workspace) -> Outcome {
    run(workspace, &QUICK)
}

/// Measures compressed messages, within six minutes once all is built.
pub(crate) fn deflate(workspace: &Workspace) -> Outcome {
    run(workspace, &DEFLATE)
}

/// Opens as many connections as the machine holds.
pub(crate) fn scale(workspace: &Workspace) -> Outcome {
    scale::run(workspace)
}

fn run(workspace: &Workspace, plan: &Plan) -> Outcome {
    let _allowed = setting::keep(ALLOWED_CONGESTION_CONTROL);
    let _restored = setting::change(CONGESTION_CONTROL, STEADY);
    let machine = Machine::look(workspace)?;
    println!("{machine}");
    let mut faults = Faults::default();
    let servers = programs::build(workspace, &mut faults)?;
    let bench = Bench::new(workspace, &machine, plan)?;
    let rows = measure(&bench, plan, &servers, &mut faults);

    let names: Vec<&str> = ALL.iter().map(|contestant| contestant.name).collect();
    println!("\n{}\n{}", table::render(&names, &rows), ahead::render(ALL, &rows));
    for text in faults.texts() {
        println!("not measured: {text}");
    }
    let results = Results { machine: &machine, plan, names: &names, rows: &rows, faults: &faults };
    results.write(workspace)?;
    if plan.is_published && !faults.has_ours() {
        results.publish(workspace)?;
    }
    faults.check()?;
    let note = format!("{} servers, {} rounds", ALL.len(), plan.rounds);
    Ok(match faults.whose().as_slice() {
        [] => note,
        whose => format!("{note}, not all of: {}", whose.join(", ")),
    })
}

/// Measures every contestant under every workload in every round, as far as its server was built.
fn measure(
    bench: &Bench<'_>,
    plan: &Plan,
    servers: &BTreeSet<String>,
    faults: &mut Faults,
) -> Vec<Row> {
    let mut rows: Vec<Row> = plan.workloads.iter().flat_map(Workload::rows).collect();
    for round in 0..plan.rounds {
        let mut row = 0;
        for (number, workload) in plan.workloads.iter().enumerate() {
            let width = workload.rows().len();
            let times = workload.times(round, plan.times_few);
            for time in 0..times {
                println!("round {} of {}: {}", round + 1, plan.rounds, workload.title());
                let round = round * times + time;
                for turn in 0..ALL.len() {
                    let turn = (turn + round + number) % ALL.len();
                    let runs = workload.runs(&ALL[turn]);
                    if runs.iter().any(|run| !servers.contains(&run.program)) {
                        continue;
                    }
                    match bench.measure(&ALL[turn], workload, &runs) {
                        Ok(values) => {
                            for (row, value) in rows[row..row + width].iter_mut().zip(values) {
                                row.record(round, ALL.len(), turn, value);
                            }
                        }
                        Err(failure) => {
                            faults.not_measured(&ALL[turn], &workload.title(), &failure);
                        }
                    }
                }
            }
            row += width;
        }
    }
    rows
}
