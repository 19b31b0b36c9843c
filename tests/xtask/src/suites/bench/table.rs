//! The results as a table of Markdown.

use super::figures::{Row, Shown, middle};

/// One line for each row. The first contestant's figures are absolute, the others' are multiples of
/// them with their spread, or also absolute.
pub(super) fn render(names: &[&str], rows: &[Row]) -> String {
    let mut lines = vec![
        std::iter::once("").chain(names.iter().copied()).map(str::to_owned).collect::<Vec<_>>(),
        vec!["---".to_owned(); names.len() + 1],
    ];
    for row in rows {
        let mut line = vec![format!("{}, {}", row.title, row.unit)];
        line.extend((0..names.len()).map(|who| cell(row, who)));
        lines.push(line);
    }
    let width = |column: usize| lines.iter().map(|line| line[column].chars().count()).max();
    let widths: Vec<usize> = (0..=names.len()).filter_map(width).collect();
    let mut text = String::new();
    for line in lines {
        for (cell, width) in line.iter().zip(&widths) {
            text.push_str(&format!("| {cell:<width$} "));
        }
        text.push_str("|\n");
    }
    text
}

fn cell(row: &Row, who: usize) -> String {
    if who == 0 || row.shown == Shown::Value {
        return middle(row.values(who)).map_or_else(nothing, |value| digits(value.median));
    }
    middle(row.ratios(who)).map_or_else(nothing, |ratio| {
        format!("{:.2}x ±{:.0} %", ratio.median, 100.0 * ratio.spread)
    })
}

/// What is shown for a contestant that could not be measured.
fn nothing() -> String {
    "-".to_owned()
}

/// Three significant digits.
fn digits(value: f64) -> String {
    match value {
        100.0.. => format!("{value:.0}"),
        10.0.. => format!("{value:.1}"),
        1.0.. => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}
