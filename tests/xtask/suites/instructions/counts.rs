//! A table of instruction counts, as it is kept in a file and as it is shown.

use std::fmt;

/// Marks the line of the compiler in a file.
const COMPILER: &str = "# ";

/// Which things took how many instructions, each.
pub(super) struct Counts {
    pub(super) compiler: String,
    counts: Vec<(String, u64)>,
}

impl Counts {
    pub(super) fn new(compiler: &str) -> Self {
        Self { compiler: compiler.to_owned(), counts: Vec::new() }
    }

    pub(super) fn parse(text: &str) -> Self {
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

    /// What takes more than `tolerance` percent above the kept table, or is not in it.
    pub(super) fn above(&self, kept: &Self, tolerance: u64) -> Vec<String> {
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
    pub(super) fn beside(&self, kept: &Self) -> String {
        let mut text = format!("{:<16}{:>10}{:>10}\n", "instructions", "now", "kept");
        for (what, count) in &self.counts {
            let old = kept.count(what).map_or_else(|| "-".to_owned(), |old| old.to_string());
            text.push_str(&format!("{what:<16}{count:>10}{old:>10}\n"));
        }
        text
    }

    fn count(&self, what: &str) -> Option<u64> {
        self.counts.iter().find(|(other, _)| other == what).map(|(_, count)| *count)
    }
}

/// As it is kept.
impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{COMPILER}{}", self.compiler)?;
        self.counts.iter().try_for_each(|(what, count)| writeln!(f, "{what:<16}{count:>10}"))
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
    fn a_kept_table_reads_as_it_was_written() {
        let read = Counts::parse(&counts(137).to_string());
        assert_eq!(read.compiler, "rustc 1");
        assert_eq!(read.counts, [("decode 32".to_owned(), 137)]);
    }

    #[test]
    fn what_is_more_than_the_tolerance_above_or_not_kept_is_told() {
        assert!(counts(103).above(&counts(100), 3).is_empty());
        assert_eq!(counts(104).above(&counts(100), 3), ["decode 32 104, kept 100"]);
        assert_eq!(counts(1).above(&Counts::parse(""), 3), ["decode 32 1, not kept yet"]);
    }
}
