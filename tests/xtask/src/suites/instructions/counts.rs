//! A table of instruction counts, as it is kept in a file and as it is shown.

use std::fmt;
use std::fs;
use std::path::Path;

use crate::outcome::{Failure, Outcome};
use crate::workspace::Workspace;

/// Marks the line of the compiler in a file.
const COMPILER: &str = "# ";

/// Columns for the name of a thing, at least.
const NAME_WIDTH: usize = 16;

/// Which things took how many instructions, each.
pub(super) struct Counts {
    compiler: String,
    counts: Vec<(String, u64)>,
}

impl Counts {
    pub(super) fn new(compiler: &str) -> Self {
        Self { compiler: compiler.to_owned(), counts: Vec::new() }
    }

    fn parse(text: &str) -> Self {
        let compiler = text.lines().find_map(|line| line.strip_prefix(COMPILER));
        let lines = text.lines().filter(|line| !line.starts_with(COMPILER));
        let counts = lines.filter_map(|line| {
            let (what, count) = line.rsplit_once(' ')?;
            Some((what.trim_end().to_owned(), count.parse().ok()?))
        });
        Self { compiler: compiler.unwrap_or_default().to_owned(), counts: counts.collect() }
    }

    pub(super) fn add(&mut self, what: &str, count: u64) {
        self.counts.push((what.to_owned(), count));
    }

    /// Prints the figures beside the kept table, and fails if one is above its own by more than
    /// `tolerance` percent. `new` is where they were written.
    pub(super) fn compare(
        &self,
        workspace: &Workspace,
        kept: &str,
        new: &Path,
        tolerance: u64,
    ) -> Outcome {
        let text = fs::read_to_string(workspace.path(kept)).unwrap_or_default();
        let old = Self::parse(&text);
        println!("\n{}", self.beside(&old));
        println!("To keep these: cp {} {kept}", new.display());
        let above = self.above(&old, tolerance);
        if above.is_empty() {
            let count = self.counts.len();
            return Ok(format!("{count} figures, none {tolerance} % above the kept one"));
        }
        let compilers = match old.compiler == self.compiler {
            true => String::new(),
            false => format!("; kept with {}, counted with {}", old.compiler, self.compiler),
        };
        Err(Failure::failed(format!("above {kept}: {}{compilers}", above.join(", "))))
    }

    /// What takes more than `tolerance` percent above the kept table, or is not in it.
    fn above(&self, kept: &Self, tolerance: u64) -> Vec<String> {
        let above = self.counts.iter().filter_map(|(what, count)| match kept.count(what) {
            None => Some(format!("{what} {count}, not kept yet")),
            Some(old) if count * 100 > old * (100 + tolerance) => {
                Some(format!("{what} {count}, kept {old}"))
            }
            Some(_) => None,
        });
        above.collect()
    }

    /// Both tables as one.
    fn beside(&self, kept: &Self) -> String {
        let width = self.name_width();
        let mut text = format!("{:<width$}{:>10}{:>10}\n", "instructions", "now", "kept");
        for (what, count) in &self.counts {
            let old = kept.count(what).map_or_else(|| "-".to_owned(), |old| old.to_string());
            text.push_str(&format!("{what:<width$}{count:>10}{old:>10}\n"));
        }
        text
    }

    fn name_width(&self) -> usize {
        self.counts.iter().map(|(what, _)| what.len()).max().unwrap_or(0).max(NAME_WIDTH)
    }

    fn count(&self, what: &str) -> Option<u64> {
        self.counts.iter().find(|(other, _)| other == what).map(|(_, count)| *count)
    }
}

/// As it is kept.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{COMPILER}{}", self.compiler)?;
        let width = self.name_width();
        self.counts.iter().try_for_each(|(what, count)| writeln!(f, "{what:<width$}{count:>10}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Counts;

    fn counts(decode: u64) -> Counts {
        let mut counts = Counts::new("rustc 1");
        counts.add("decode 32", decode);
        counts
    }

    #[test]
    fn a_kept_table_reads_back_unchanged() {
        let read = Counts::parse(&counts(137).to_string());
        assert_eq!(read.compiler, "rustc 1");
        assert_eq!(read.counts, [("decode 32".to_owned(), 137)]);
    }

    #[test]
    fn counts_above_the_tolerance_or_not_kept_are_reported() {
        assert!(counts(103).above(&counts(100), 3).is_empty());
        assert_eq!(counts(104).above(&counts(100), 3), ["decode 32 104, kept 100"]);
        assert_eq!(counts(1).above(&Counts::parse(""), 3), ["decode 32 1, not kept yet"]);
    }
}
