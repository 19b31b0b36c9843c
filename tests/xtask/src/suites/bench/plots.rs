//! The results as pictures: for each kind of workload an SVG file with bars, and on each the spread.
//!
//! They can be read on a light and on a dark page: the viewer's preference chooses the colours.

use super::figures::{Kind, Middle, Row, Shown, middle};

/// Colours of the contestants, in order, that can be told apart on light and dark grounds and by
/// those who see few colours (Okabe and Ito).
const COLOURS: [&str; 10] = [
    "#8a8a8a", "#56b4e9", "#d55e00", "#f4a582", "#009e73", "#e69f00", "#cc79a7", "#0072b2",
    "#5e3c99", "#b8a800",
];

/// Longer bars are cut off; their figure says how long they are.
const LONGEST: f64 = 5.0;

const WIDTH: usize = 860;
const BAR: usize = 14;
const ROW_GAP: usize = 18;
const TITLE: usize = 20;
const TOP: usize = 56;
const LEFT: usize = 160;
const RIGHT: usize = 120;

/// What belongs on one picture.
pub(super) struct Plot<'a> {
    /// The file's name.
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    rows: Vec<&'a Row>,
}

/// The pictures, except of kinds for which nothing was measured.
pub(super) fn of(rows: &[Row]) -> Vec<Plot<'_>> {
    let plots = [
        (Kind::Echo, "echo", "Echo, one message at a time"),
        (Kind::Pipelined, "pipelined", "Echo, many messages in flight"),
        (Kind::Tls, "tls", "Echo over TLS"),
        (Kind::Deflate, "deflate", "Echo of compressed messages"),
        (Kind::Threads, "threads", "Echo with one thread and with two"),
        (Kind::Handshakes, "handshakes", "Opening handshakes"),
        (Kind::Broadcast, "broadcast", "Broadcast"),
        (Kind::Memory, "memory", "Resident memory of a connection"),
    ];
    let plots = plots.into_iter().map(|(kind, name, title)| {
        let is_shown = |row: &&Row| match kind {
            Kind::Memory => row.kind == kind && row.unit == "KiB each",
            Kind::Deflate => row.kind == kind && row.unit == "us a message",
            _ => row.kind == kind && row.shown == Shown::Ratio,
        };
        Plot { name, title, rows: rows.iter().filter(is_shown).collect() }
    });
    plots.filter(|plot| !plot.rows.is_empty()).collect()
}

/// One bar: whose it is, how long, and what is written after it.
struct Bar<'a> {
    name: &'a str,
    colour: &'static str,
    middle: Middle,
    label: String,
}

impl Plot<'_> {
    /// The picture.
    pub(super) fn render(&self, names: &[&str]) -> String {
        let bars: Vec<Vec<Bar<'_>>> = self.rows.iter().map(|row| bars(row, names)).collect();
        let is_ratio = self.rows.iter().all(|row| row.shown == Shown::Ratio);
        let longest =
            bars.iter().flatten().map(|bar| bar.middle.median * (1.0 + bar.middle.spread));
        let longest = longest.fold(1.2, f64::max);
        let longest = if is_ratio { longest.min(LONGEST) } else { longest };
        let scale = (WIDTH - LEFT - RIGHT) as f64 / longest;
        let height: usize =
            TOP + bars.iter().map(|bars| TITLE + bars.len() * BAR + ROW_GAP).sum::<usize>();

        let mut text = self.head(height, is_ratio);
        let mut y = TOP;
        for (row, bars) in self.rows.iter().zip(&bars) {
            let title = escape(&format!("{}, {}", row.title, row.unit));
            text.push_str(&format!(
                "<text x=\"12\" y=\"{}\" class=\"row\">{title}</text>\n",
                y + 12
            ));
            y += TITLE;
            if is_ratio {
                let x = LEFT as f64 + scale;
                let end = y + bars.len() * BAR;
                text.push_str(&format!("<path d=\"M{x:.1} {y}V{end}\" class=\"floor\"/>\n"));
            }
            for bar in bars {
                text.push_str(&bar.render(y, scale, longest));
                y += BAR;
            }
            y += ROW_GAP;
        }
        text.push_str("</svg>\n");
        text
    }

    fn head(&self, height: usize, is_ratio: bool) -> String {
        let below = match is_ratio {
            true => {
                "The server's processor time as a multiple of the floor's, bare TCP (for TLS: bare \
                 TLS). Shorter is better."
            }
            false => "In KiB. Shorter is better.",
        };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
             width=\"{WIDTH}\" height=\"{height}\" role=\"img\">\n\
             <title>{title}</title>\n\
             <style>text {{ font: 11px sans-serif; fill: #1f2328 }} .title {{ font-size: 16px; \
             font-weight: bold }} .row {{ font-weight: bold }} .floor, .spread {{ stroke: #1f2328; \
             fill: none }} .floor {{ stroke-dasharray: 3 2 }} @media (prefers-color-scheme: dark) \
             {{ text {{ fill: #e6edf3 }} .floor, .spread {{ stroke: #e6edf3 }} }}</style>\n\
             <text x=\"12\" y=\"22\" class=\"title\">{title}</text>\n\
             <text x=\"12\" y=\"40\">{below} The thin line is the spread.</text>\n",
            title = escape(self.title),
        )
    }
}

impl Bar<'_> {
    fn render(&self, y: usize, scale: f64, longest: f64) -> String {
        let Middle { median, spread } = self.middle;
        let end = |value: f64| LEFT as f64 + scale * value.clamp(0.0, longest);
        let (length, middle) = (end(median) - LEFT as f64, y as f64 + BAR as f64 / 2.0);
        let (low, high) = (end(median * (1.0 - spread)), end(median * (1.0 + spread)));
        format!(
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\
             <rect x=\"{LEFT}\" y=\"{}\" width=\"{length:.1}\" height=\"{}\" fill=\"{}\"/>\
             <path d=\"M{low:.1} {middle}H{high:.1}\" class=\"spread\"/>\
             <text x=\"{:.1}\" y=\"{}\">{}</text>\n",
            LEFT - 6,
            y + BAR - 4,
            escape(self.name),
            y + 1,
            BAR - 2,
            self.colour,
            high.max(end(median)) + 5.0,
            y + BAR - 4,
            escape(&self.label),
        )
    }
}

/// The bars of those that were measured.
fn bars<'a>(row: &Row, names: &[&'a str]) -> Vec<Bar<'a>> {
    let bars = names.iter().zip(COLOURS.into_iter().cycle()).enumerate();
    bars.filter_map(|(who, (&name, colour))| {
        let (middle, label) = match row.shown {
            Shown::Ratio => {
                let (ratio, absolute) = (middle(row.ratios(who))?, middle(row.values(who))?);
                (ratio, format!("{:.2}x, {:.3} us", ratio.median, absolute.median))
            }
            Shown::Value => {
                let value = middle(row.values(who))?;
                (value, format!("{:.2}", value.median))
            }
        };
        Some(Bar { name, colour, middle, label })
    })
    .collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
