//! Where results go: beside the build, and from a full run also into the repository, for the tests' guide.

use std::fs;
use std::path::Path;

use super::contestants::ALL;
use super::faults::Faults;
use super::figures::Row;
use super::machine::Machine;
use super::workloads::FEW;
use super::{Plan, ahead, json, plots, table};
use crate::outcome::{Failure, while_doing};
use crate::workspace::Workspace;

/// The guide, and the folder of the pictures that it shows.
const GUIDE: &str = "tests/README.md";
const FIGURES: &str = "tests/measure/bench/figures";

/// The same folder, as the guide links to it.
const LINKED: &str = "measure/bench/figures";

/// The lines of the guide around the figures that a full run writes.
const START: &str = "<!-- written by `cargo xtask bench` -->\n";
const END: &str = "<!-- until here -->\n";

/// What was measured.
pub(super) struct Results<'a> {
    pub(super) machine: &'a Machine,
    pub(super) plan: &'a Plan,
    pub(super) names: &'a [&'static str],
    pub(super) rows: &'a [Row],
    pub(super) faults: &'a Faults,
}

impl Results<'_> {
    /// Writes every figure as JSON, and the pictures.
    pub(super) fn write(&self, workspace: &Workspace) -> Result<(), Failure> {
        let folder = workspace.target("bench");
        let json = json::render(self.machine, self.plan, self.names, self.rows, self.faults);
        write(&folder, "results.json", &json)?;
        self.write_plots(&folder)?;
        println!("\nEvery figure, and pictures: {}", folder.display());
        Ok(())
    }

    /// Writes the pictures and the table into the repository, and shows them in the guide.
    pub(super) fn publish(&self, workspace: &Workspace) -> Result<(), Failure> {
        let folder = workspace.path(FIGURES);
        self.write_plots(&folder)?;
        let table = table::render(self.names, self.rows);
        let machine = self.machine.to_string().replace('\n', "  \n");
        let notes: String =
            self.faults.texts().map(|text| format!("\nNot measured: {text}\n")).collect();
        let text = format!(
            "# `cargo xtask bench`\n\n{machine}\n\nThe floor's figures are absolute; the others' are \
             medians of their multiples in {} rounds, of {} for up to {FEW} connections without \
             pipelining, and half the distance between the smallest and the largest.\n\n\
             {table}{notes}",
            self.plan.rounds,
            self.plan.times_few * self.plan.rounds,
        );
        write(&folder, "results.md", &text)?;

        let guide = workspace.path(GUIDE);
        let text = fs::read_to_string(&guide).map_err(while_doing(guide.display()))?;
        let text = show(&text, &self.shown()).ok_or_else(|| {
            Failure::failed(format!("{} has no place for the figures", guide.display()))
        })?;
        fs::write(&guide, text).map_err(while_doing(guide.display()))
    }

    /// The text between the marks.
    fn shown(&self) -> String {
        let pictures = plots::of(self.rows)
            .into_iter()
            .map(|plot| format!("![{}]({LINKED}/{}.svg)\n", plot.title, plot.name));
        let pictures: Vec<String> = pictures.collect();
        let (machine, rounds) = (self.machine.summary(), self.plan.rounds);
        let repeated = self.plan.times_few * rounds;
        format!(
            "On {machine}; medians of {rounds} rounds, of {repeated} for up to {FEW} connections. As \
             numbers, with all that was measured: [results.md]({LINKED}/results.md).\n\n{}\n{}",
            ahead::render(ALL, self.rows),
            pictures.join("\n"),
        )
    }

    fn write_plots(&self, folder: &Path) -> Result<(), Failure> {
        plots::of(self.rows).iter().try_for_each(|plot| {
            write(folder, &format!("{}.svg", plot.name), &plot.render(self.names))
        })
    }
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), Failure> {
    let file = folder.join(name);
    fs::create_dir_all(folder).map_err(while_doing(folder.display()))?;
    fs::write(&file, text).map_err(while_doing(file.display()))
}

/// Returns the guide with other text between the marks, if it has them.
fn show(guide: &str, shown: &str) -> Option<String> {
    let (before, rest) = guide.split_once(START)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{START}{shown}{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::{END, START, show};

    #[test]
    fn only_text_between_the_marks_is_replaced() {
        let guide = |shown| format!("before\n{START}{shown}{END}after\n");
        assert_eq!(show(&guide("old\n"), "new\n"), Some(guide("new\n")));
        assert_eq!(show("no marks", "new\n"), None);
    }

    #[test]
    fn the_guide_has_the_marks() {
        assert!(show(include_str!("../../../../README.md"), "").is_some());
    }
}
