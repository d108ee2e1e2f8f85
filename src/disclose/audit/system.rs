//! What published figures say about counts: boxes and equations.

use super::{
    figure::{Geography, GroupSeen, Seen, SeenStatus},
    policy::{AuditPolicy, FloorSeen},
    sums::{Kind, Sum},
};
use crate::stats::bounds::{Range, System};

/// The counts of a figure within a system.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counts {
    /// Valid answers.
    pub(super) n: u32,
    /// Answers yes and answers no, of a share.
    pub(super) answers: Option<(u32, u32)>,
}

/// How far the sums of a kind are believed.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Belief {
    /// People may be in the whole and in none of the parts.
    pub(super) open: bool,
    /// The sums do not hold at all.
    pub(super) dropped: bool,
    /// The sums of answers do not hold.
    pub(super) answers_dropped: bool,
    /// How far sums of answers are off by weights, per person of the whole.
    pub(super) weights: f64,
    /// Sums of answers of figures that are all shown, and exact, and hold.
    pub(super) verified: u32,
}

impl Belief {
    /// Whether sums of answers hold as they stand: nobody weighs more than another.
    pub(super) fn adds_up(&self) -> bool {
        self.weights <= 0.0 && !self.answers_dropped
    }
}

/// What a system is made from beside the numbers that are shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    /// What the reasons say of n.
    pub(super) rules: bool,
    /// The values, as answers yes and no.
    pub(super) answers: bool,
}

/// What an equation is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum About {
    /// A sum of n, by kind.
    N(u32),
    /// A sum of answers, by kind.
    Answers(u32),
    /// n of a figure is yes and no; or its value.
    Figure,
}

/// A system with what its parts are about.
pub(super) struct Modelled {
    pub(super) system: System,
    pub(super) counts: Vec<Counts>,
    pub(super) about: Vec<About>,
}

/// What a reader knows of n.
pub(super) fn known_n(figure: &Seen, policy: &AuditPolicy, floor: Option<&FloorSeen>, level: &str) -> Range {
    match (figure.n, figure.n_class) {
        (Some(n), _) => {
            let base = policy.precision(level).count;
            Range { lower: n as f64, upper: (n + base - 1) as f64 }
        }
        (None, Some(class)) => class,
        // Shown, hence above the floor.
        (None, None) => Range { lower: floor.map_or(0.0, |own| own.minimum_n), upper: f64::INFINITY },
    }
}

/// What a reader knows of a value.
pub(super) fn known_value(figure: &Seen, policy: &AuditPolicy, level: &str) -> Option<Range> {
    let value = figure.value?;
    let half = policy.precision(level).share.unwrap_or(0.0) / 2.0;
    Some(Range { lower: (value - half).max(0.0), upper: (value + half).min(1.0) })
}

/// What the rules say of a withheld figure, where it says why it is withheld.
fn by_reason(reason: &str, floor: Option<&FloorSeen>) -> Range {
    let Some(floor) = floor else { return Range::any() };
    match reason {
        "min_n" => Range { lower: 0.0, upper: (floor.minimum_n - 1.0).max(0.0) },
        "min_answer" | "complementary" => Range { lower: floor.minimum_n, upper: f64::INFINITY },
        "group_disclosure" => {
            Range { lower: floor.minimum_n, upper: (floor.group_disclosure - 1.0).max(floor.minimum_n) }
        }
        _ => Range::any(),
    }
}

/// Counts and equations of a group.
///
/// A withheld figure has any n, yes and no from 0 up, unless its reason says more ([`Told::rules`]). A shown one has n as its rounding leaves it, and yes
/// as value × n: the weights are not published, so that is as if everybody weighed the same, within what [`Belief::weights`] leaves.
pub(super) fn model(
    geography: &Geography,
    group: &GroupSeen,
    sums: &[Sum],
    beliefs: &[Belief],
    policy: &AuditPolicy,
    told: Told,
) -> Modelled {
    let floor = policy.floor(&group.key.collection);
    let mut system = System::default();
    let mut counts = Vec::with_capacity(group.figures.len());
    let mut values = Vec::with_capacity(group.figures.len());
    for figure in &group.figures {
        let level = geography.regions[figure.region as usize].level.as_str();
        let (n, value) = match figure.status {
            SeenStatus::Shown => (known_n(figure, policy, floor, level), known_value(figure, policy, level)),
            SeenStatus::Withheld(_) if told.rules => (by_reason(group.reason(figure), floor), None),
            _ => (Range::any(), None),
        };
        let own = system.count(n);
        let answers = (group.share && told.answers).then(|| {
            let (yes, no) = match value {
                Some(value) => (
                    Range { lower: value.lower * n.lower, upper: times(value.upper, n.upper) },
                    Range { lower: (1.0 - value.upper) * n.lower, upper: times(1.0 - value.lower, n.upper) },
                ),
                None => (Range { upper: n.upper, ..Range::any() }, Range { upper: n.upper, ..Range::any() }),
            };
            (system.count(yes), system.count(no))
        });
        counts.push(Counts { n: own, answers });
        values.push(value);
    }
    let mut modelled = Modelled { system, counts, about: Vec::new() };
    for (at, value) in values.iter().enumerate() {
        let Counts { n, answers } = modelled.counts[at];
        let Some((yes, no)) = answers.filter(|_| group.figures[at].status != SeenStatus::Absent) else { continue };
        let exact = modelled.system.ranges[n as usize].width() == 0.0;
        if exact && value.is_some_and(|value| value.width() == 0.0) {
            continue;
        }
        modelled.equation([(n, 1.0), (yes, -1.0), (no, -1.0)], About::Figure);
        if let Some(value) = value.filter(|_| !exact) {
            // yes = value × n, whatever n is within its class.
            let middle = f64::midpoint(value.lower, value.upper);
            let upper = modelled.system.ranges[n as usize].upper;
            if upper.is_finite() {
                let off = value.width() / 2.0 * upper;
                let rest = (off > 0.0).then(|| modelled.system.count(Range { lower: -off, upper: off }));
                let terms = [(yes, 1.0), (n, -middle)].into_iter().chain(rest.map(|rest| (rest, 1.0)));
                modelled.equation(terms, About::Figure);
            }
        }
    }
    for sum in sums {
        modelled.sum(sum, beliefs[sum.kind as usize]);
    }
    modelled.system.index();
    modelled
}

impl Modelled {
    fn equation(&mut self, terms: impl IntoIterator<Item = (u32, f64)>, about: About) {
        self.system.equation(terms, 0.0);
        self.about.push(about);
    }

    fn sum(&mut self, sum: &Sum, belief: Belief) {
        if belief.dropped {
            return;
        }
        let known = |system: &System, count: u32| system.ranges[count as usize].width() == 0.0;
        let whole = self.counts[sum.whole as usize];
        let parts = |pick: &dyn Fn(Counts) -> u32, counts: &[Counts]| -> Vec<(u32, f64)> {
            sum.parts.iter().map(|part| (pick(counts[*part as usize]), -1.0)).collect()
        };
        let of_n = parts(&|own| own.n, &self.counts);
        let open_n = belief.open.then(|| self.system.count(Range::any()));
        // A sum of known counts says nothing about unknown ones.
        let all_known = known(&self.system, whole.n) && of_n.iter().all(|(count, _)| known(&self.system, *count));
        if !all_known {
            let terms = std::iter::once((whole.n, 1.0)).chain(of_n).chain(open_n.map(|own| (own, -1.0)));
            self.equation(terms.collect::<Vec<_>>(), About::N(sum.kind));
        }
        let Some((yes, no)) = whole.answers.filter(|_| !belief.answers_dropped) else { return };
        let upper = self.system.ranges[whole.n as usize].upper;
        if belief.weights > 0.0 && !upper.is_finite() {
            return;
        }
        let off = belief.weights * upper;
        let mut open_answers = Vec::new();
        for (own, second) in [(yes, false), (no, true)] {
            let pick = |counts: Counts| counts.answers.map_or(counts.n, |(yes, no)| if second { no } else { yes });
            let of_parts = parts(&pick, &self.counts);
            if known(&self.system, own) && of_parts.iter().all(|(count, _)| known(&self.system, *count)) {
                continue;
            }
            let open = belief.open.then(|| self.system.count(Range::any()));
            let weights = (belief.weights > 0.0).then(|| self.system.count(Range { lower: -off, upper: off }));
            let rest = open.into_iter().chain(weights).map(|own| (own, -1.0));
            let terms: Vec<(u32, f64)> = std::iter::once((own, 1.0)).chain(of_parts).chain(rest).collect();
            self.equation(terms, About::Answers(sum.kind));
            open_answers.extend(open);
        }
        if let (Some(n), [yes, no], false) = (open_n, open_answers.as_slice(), all_known) {
            self.equation([(n, 1.0), (*yes, -1.0), (*no, -1.0)], About::Answers(sum.kind));
        }
    }
}

/// A product in which nothing of something without end is nothing.
fn times(share: f64, count: f64) -> f64 {
    if share <= 0.0 { 0.0 } else { share * count }
}

/// Words of a kind.
pub(super) fn words(kind: &Kind) -> String {
    match kind {
        Kind::Regions(level) => format!("regions of level {level}"),
        Kind::Dimension(dimension) => format!("categories of {dimension}"),
        Kind::Divisions => "region divisions".to_owned(),
    }
}
