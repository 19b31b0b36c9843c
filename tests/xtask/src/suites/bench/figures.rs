//! Figures of several rounds: their median and their spread.

/// How a row of figures is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// As multiples of the floor's figures.
    Ratio,
    /// As absolute figures.
    Value,
}

/// What a row is about; rows of a kind are shown in one picture.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Echo,
    Pipelined,
    Tls,
    Deflate,
    Threads,
    Handshakes,
    Broadcast,
    Memory,
}

/// One row: for each round, a figure of each contestant that could be measured.
pub(super) struct Row {
    pub(super) kind: Kind,
    pub(super) title: String,
    pub(super) unit: &'static str,
    pub(super) shown: Shown,
    rounds: Vec<Vec<Option<f64>>>,
}

/// The median of several figures.
#[derive(Clone, Copy)]
pub(super) struct Middle {
    pub(super) median: f64,
    /// Half the distance between the smallest and the largest, as a part of the median.
    pub(super) spread: f64,
}

impl Row {
    pub(super) fn new(kind: Kind, title: String, unit: &'static str, shown: Shown) -> Self {
        Self { kind, title, unit, shown, rounds: Vec::new() }
    }

    /// Records a contestant's figure.
    pub(super) fn record(&mut self, round: usize, contestants: usize, who: usize, value: f64) {
        if self.rounds.len() <= round {
            self.rounds.resize(round + 1, vec![None; contestants]);
        }
        self.rounds[round][who] = Some(value);
    }

    /// A contestant's figures, round by round.
    pub(super) fn values(&self, who: usize) -> Vec<f64> {
        self.rounds.iter().filter_map(|round| round[who]).collect()
    }

    /// A contestant's figures as multiples of the first contestant's in the same round.
    pub(super) fn ratios(&self, who: usize) -> Vec<f64> {
        self.multiples(who, 0)
    }

    /// A contestant's figures as multiples of another's in the same round.
    pub(super) fn multiples(&self, who: usize, of: usize) -> Vec<f64> {
        self.rounds.iter().filter_map(|round| Some(round[who]? / round[of]?)).collect()
    }
}

/// The median of some figures, if there are any.
pub(super) fn middle(mut figures: Vec<f64>) -> Option<Middle> {
    figures.sort_by(f64::total_cmp);
    let (least, most) = (*figures.first()?, *figures.last()?);
    let half = figures.len() / 2;
    let median = if figures.len() % 2 == 1 {
        figures[half]
    } else {
        (figures[half - 1] + figures[half]) / 2.0
    };
    let spread = if median == 0.0 { 0.0 } else { (most - least) / 2.0 / median };
    Some(Middle { median, spread })
}
