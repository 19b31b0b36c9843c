//! Where others took less than ours.

use super::contestants::Contestant;
use super::figures::{Middle, Row, middle};

/// Multiples smaller than this are shown as less than ours.
const LESS: f64 = 0.995;

/// One line of Markdown for each row in which others took less than ours by the median of the
/// rounds, as multiples of ours in the same round; or a line that says that there is none.
pub(super) fn render(contestants: &[Contestant], rows: &[Row]) -> String {
    let lines: String = rows.iter().filter_map(|row| line(contestants, row)).collect();
    if lines.is_empty() {
        return "No other library took less than ours anywhere.\n".to_owned();
    }
    format!("Others took less than ours, as multiples of ours in the same round:\n\n{lines}")
}

fn line(contestants: &[Contestant], row: &Row) -> Option<String> {
    let ours = contestants.iter().position(|contestant| contestant.name == "ours")?;
    let ahead: Vec<String> = contestants
        .iter()
        .enumerate()
        .filter(|(_, contestant)| contestant.is_peer)
        .filter_map(|(who, contestant)| {
            let Middle { median, spread } = middle(row.multiples(who, ours))?;
            let percent = 100.0 * spread;
            (median < LESS).then(|| format!("{} {median:.2}x ±{percent:.0} %", contestant.name))
        })
        .collect();
    (!ahead.is_empty()).then(|| format!("- {}: {}\n", row.title, ahead.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::super::contestants::ALL;
    use super::super::figures::{Kind, Row, Shown};
    use super::render;

    fn place(name: &str) -> usize {
        ALL.iter().position(|contestant| contestant.name == name).expect("such a contestant")
    }

    fn row(values: &[(&str, f64)]) -> Row {
        let mut row = Row::new(Kind::Echo, "32 B".to_owned(), "us a message", Shown::Ratio);
        for (name, value) in values {
            row.record(0, ALL.len(), place(name), *value);
        }
        row
    }

    #[test]
    fn only_libraries_that_took_less_are_named() {
        let rows = [row(&[("floor", 1.0), ("ours", 2.0), ("yawc", 1.0), ("wtx", 1.999)])];
        assert!(render(ALL, &rows).ends_with(":\n\n- 32 B: yawc 0.50x ±0 %\n"));
    }

    #[test]
    fn a_lead_over_every_other_library_is_stated() {
        let rows = [row(&[("floor", 1.0), ("ours", 2.0), ("yawc", 2.5)])];
        assert!(render(ALL, &rows).starts_with("No other library"));
    }
}
