//! What can be proven about each withheld figure of a group.

use super::{
    figure::{Geography, GroupSeen, Seen, SeenStatus},
    policy::AuditPolicy,
    report::{Narrow, Quantity, Tally},
    sums::{Kind, Sum, sums},
    system::{About, Belief, Counts, Modelled, Told, known_n, known_value, model, words},
};
use crate::stats::bounds::{Point, Proof, Proven, Range, System, determined, propagate, prove};

/// What an attack on one group found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attacked {
    /// Withheld figures by what was proven of them.
    pub tally: Tally,
    /// What is proven too narrowly.
    pub narrow: Vec<Narrow>,
    /// Counts of withheld figures that are neither proven narrow nor shown to be wide.
    pub undecided: u64,
    /// Withheld counts that the equations alone fix, whatever the boxes, in words.
    pub determined: Vec<String>,
    /// Sums that do not hold as they stand, in words.
    pub remarks: Vec<String>,
}

/// Figures of a group above which only single equations and elimination are tried.
const THOROUGH: usize = 100_000;
/// Figures of a group above which only n is asked about.
const ANSWERED: usize = 5_000;
/// Counts above which elimination is left to the linear programs.
const ELIMINATED: usize = 60_000;

/// Attacks one group: boxes and sums, then bounds, exchanges and linear programs for every withheld figure.
#[must_use]
pub fn attack(geography: &Geography, group: &GroupSeen, policy: &AuditPolicy) -> Attacked {
    let mut found = Attacked::default();
    let withheld: Vec<usize> =
        (0..group.figures.len()).filter(|at| matches!(group.figures[*at].status, SeenStatus::Withheld(_))).collect();
    if withheld.is_empty() {
        return found;
    }
    let (kinds, sums) = sums(geography, group);
    // Where weights move sums of answers, or it must be quick, only n is asked about; answers say nothing of n that it does not say itself.
    let beliefs = measured(geography, group, policy, &kinds, &sums);
    let unanswered = match group.share {
        _ if policy.quick => None,
        true if !beliefs.iter().all(Belief::adds_up) => {
            Some("its shares are weighted, so sums of yes and no do not give them")
        }
        true if policy.weighted && beliefs.iter().all(|own| own.verified == 0) => {
            Some("its shares are weighted, and no sum of shown ones tells that everybody weighs the same")
        }
        true if group.figures.len() > ANSWERED => Some("there are too many figures"),
        _ => None,
    };
    let exact = group.share && !policy.quick && unanswered.is_none();
    let believed_with = |answers: bool| believed(geography, group, policy, &kinds, &sums, beliefs.clone(), answers);
    let with_answers =
        exact.then(|| believed_with(true)).flatten().filter(|own| own.beliefs.iter().all(Belief::adds_up));
    let unanswered =
        unanswered.or((exact && with_answers.is_none()).then_some("sums of yes and no contradict each other"));
    let Some(Believed { modelled, point, fixed, strict, beliefs }) = with_answers.or_else(|| believed_with(false))
    else {
        found.remarks.push(format!("{}: its sums contradict each other, nothing could be proven", group.key.parameter));
        return found;
    };
    let mut asked = Vec::new();
    let mut of_figure = Vec::new();
    for at in &withheld {
        let reason = group.reason(&group.figures[*at]);
        let own = found.tally.reasons.entry(reason.to_owned()).or_default();
        own.figures += 1;
        if !policy.judges(reason) {
            continue;
        }
        own.judged += 1;
        let Counts { n, answers } = modelled.counts[*at];
        asked.push((n, policy.protection_n));
        of_figure.push((*at, Quantity::N));
        if let Some((yes, no)) = answers {
            asked.extend([(yes, policy.protection_answer), (no, policy.protection_answer)]);
            of_figure.extend([(*at, Quantity::Yes), (*at, Quantity::No)]);
        }
    }
    if let Some(why) = unanswered {
        found.remarks.push(format!("{}: n is looked at, yes and no are not: {why}", group.key.parameter));
    }
    found.remarks.extend(given_up(group, &kinds, &beliefs));
    // Nobody is found where there is nobody.
    let nobody = |at: usize| policy.is_nobody(strict[modelled.counts[at].n as usize]);
    let fixed = asked.iter().zip(&of_figure).filter(|((count, _), _)| fixed.binary_search(count).is_ok());
    let words = fixed.filter(|(_, (at, _))| !nobody(*at)).map(|(_, (at, quantity))| {
        format!("{}: {} follows", group.words(geography, &group.figures[*at]), quantity.as_str())
    });
    found.determined = words.collect();
    let proven = match &point {
        Some(point) => prove(&modelled.system, point, &asked),
        None => bounds_alone(&modelled.system, &asked),
    };
    let proven = proven.into_iter().map(|own| {
        // What single equations say while everybody has a place is a finding, whatever had to be doubted for a point.
        let range = own.range.and(strict[own.count as usize]);
        let narrow = asked_width(&asked, own.count) - range.width() > 1e-3;
        let unproven = own.is_safe() || own.proof == Proof::Undecided;
        if narrow && unproven { Proven { range, proof: Proof::Equations, ..own } } else { own }
    });
    let mut last = None;
    for (((at, quantity), (_, need)), proven) in of_figure.into_iter().zip(&asked).zip(proven) {
        if proven.is_safe() || nobody(at) || (quantity == Quantity::N && policy.is_nobody(proven.range)) {
            continue;
        }
        if proven.proof == Proof::Undecided {
            found.undecided += 1;
            continue;
        }
        let figure = &group.figures[at];
        let reason = group.reason(figure).to_owned();
        let own = found.tally.reasons.entry(reason.clone()).or_default();
        if last != Some(at) {
            own.narrow += 1;
            last = Some(at);
        }
        found.narrow.push(Narrow {
            figure: group.words(geography, figure),
            reason,
            quantity,
            range: proven.range,
            need: *need,
            proof: proven.proof,
        });
    }
    found
}

/// Whether exchanges and linear programs are tried: where the numbers are exact, and no more figures than a laptop can look at one by one.
/// Rounding only takes away from what single equations and elimination would find in exact numbers.
fn is_thorough(group: &GroupSeen, policy: &AuditPolicy, geography: &Geography) -> bool {
    let exact = |figure: &Seen| {
        let level = geography.regions[figure.region as usize].level.as_str();
        figure.status != SeenStatus::Shown || known_n(figure, policy, None, level).width() == 0.0
    };
    !policy.quick && group.figures.len() <= THOROUGH && group.figures.iter().all(exact)
}

/// What single equations prove, and nothing else.
fn bounds_alone(system: &System, asked: &[(u32, f64)]) -> Vec<Proven> {
    let of = |(count, need): &(u32, f64)| {
        let range = system.ranges[*count as usize];
        let proof = if range.width() < need - 1e-3 { Proof::Equations } else { Proof::Undecided };
        Proven { count: *count, range, proof }
    };
    asked.iter().map(of).collect()
}

/// The width that a count must have.
fn asked_width(asked: &[(u32, f64)], count: u32) -> f64 {
    asked.binary_search_by_key(&count, |(own, _)| *own).map_or(0.0, |at| asked[at].1)
}

/// The system in which nothing contradicts itself: sums are believed as long as they can hold.
///
/// First everybody has a place: the sums are exact. Where that cannot be, people of a kind of sums may be in none of the parts; where that
/// cannot be either, sums of the kind are dropped. What the reasons say is given up first, because a parameter may have a floor of its own.
/// Where nothing contradicts itself and yet no point is found, kinds are doubted until one is; what the strictest system says stays.
fn believed(
    geography: &Geography,
    group: &GroupSeen,
    policy: &AuditPolicy,
    kinds: &[Kind],
    sums: &[Sum],
    mut beliefs: Vec<Belief>,
    answers: bool,
) -> Option<Believed> {
    // An internal release that says why tells its readers on which side of the floor a figure lies: that is declared, and not found.
    let mut rules = policy.public && policy.reasons_shown && policy.stated;
    let thorough = is_thorough(group, policy, geography);
    let mut strictest = None;
    for _ in 0..8 * kinds.len() + 8 {
        let mut modelled = model(geography, group, sums, &beliefs, policy, Told { rules, answers });
        let published = modelled.system.ranges.clone();
        if let Err(contradiction) = propagate(&mut modelled.system) {
            if rules {
                rules = false;
            } else {
                loosen(&mut beliefs, modelled.about[contradiction.equation as usize]);
            }
            continue;
        }
        let (fixed, strict) = strictest.get_or_insert_with(|| {
            // Elimination knows no boxes but those that are published, and who is nobody.
            let narrowed = std::mem::replace(&mut modelled.system.ranges, published);
            for (own, narrowed) in modelled.system.ranges.iter_mut().zip(&narrowed) {
                if policy.is_nobody(*narrowed) {
                    *own = Range::exactly(0.0);
                }
            }
            let eliminated = modelled.system.ranges.len() <= ELIMINATED;
            let fixed = if eliminated { determined(&modelled.system) } else { Vec::new() };
            modelled.system.ranges.clone_from(&narrowed);
            (fixed, narrowed)
        });
        if !thorough {
            let (fixed, strict) = (std::mem::take(fixed), std::mem::take(strict));
            return Some(Believed { modelled, point: None, fixed, strict, beliefs });
        }
        let point = Point::find(&modelled.system);
        let before = beliefs.clone();
        for equation in point.failing(&modelled.system) {
            doubt(&mut beliefs, &before, modelled.about[equation as usize]);
        }
        if beliefs == before {
            return Some(Believed {
                modelled,
                point: Some(point),
                fixed: std::mem::take(fixed),
                strict: std::mem::take(strict),
                beliefs,
            });
        }
    }
    None
}

/// What an attack goes by.
struct Believed {
    /// The system in which a point was found, as far as one was.
    modelled: Modelled,
    /// `None` where only single equations and elimination were tried.
    point: Option<Point>,
    /// Counts that the equations of the strictest system fix.
    fixed: Vec<u32>,
    /// Boxes of the strictest system in which single equations do not contradict each other.
    strict: Vec<Range>,
    /// How far the sums of each kind are believed.
    beliefs: Vec<Belief>,
}

/// Believes less of the kind of an equation that cannot hold: people may be in none of its parts, then its sums are no sums.
fn loosen(beliefs: &mut [Belief], wrong: About) {
    match wrong {
        About::N(kind) => {
            let own = &mut beliefs[kind as usize];
            (own.dropped, own.open) = (own.open, true);
        }
        About::Answers(kind) => heavier(&mut beliefs[kind as usize]),
        About::Figure => beliefs.iter_mut().for_each(heavier),
    }
}

/// Doubts the kind of an equation that is off where no point was found. That is no contradiction, so no sum is dropped for it.
fn doubt(beliefs: &mut [Belief], before: &[Belief], off: About) {
    match off {
        About::N(kind) => beliefs[kind as usize].open = true,
        About::Answers(kind) if beliefs[kind as usize] == before[kind as usize] => heavier(&mut beliefs[kind as usize]),
        About::Answers(_) | About::Figure => {}
    }
}

/// Weights move sums of answers further than the shown ones say; beyond a limit such a sum says nothing.
fn heavier(belief: &mut Belief) {
    belief.answers_dropped |= belief.weights >= LOOSEST;
    belief.weights = (4.0 * belief.weights).clamp(LEAST_WEIGHTS, 4.0 * LOOSEST);
}

/// How far weights move sums of answers where no shown sum says so and yet they do, per person of the whole.
const LEAST_WEIGHTS: f64 = 0.01;
/// Beyond this a sum of answers says nothing.
const LOOSEST: f64 = 0.16;

/// Sums that do not hold, in words.
fn given_up(group: &GroupSeen, kinds: &[Kind], beliefs: &[Belief]) -> Vec<String> {
    let own = kinds.iter().zip(beliefs).filter(|(_, belief)| belief.dropped || belief.answers_dropped);
    own.map(|(kind, belief)| {
        let what = if belief.dropped { "" } else { " of answers" };
        format!("{}: sums{what} over {} do not hold", group.key.parameter, words(kind))
    })
    .collect()
}

/// What the sums of shown figures alone say of each kind: whether people are missing from the parts, and how far weights move sums of answers.
fn measured(
    geography: &Geography,
    group: &GroupSeen,
    policy: &AuditPolicy,
    kinds: &[Kind],
    sums: &[Sum],
) -> Vec<Belief> {
    let floor = policy.floor(&group.key.collection);
    let seen = |at: u32| -> Option<(Range, Option<Range>)> {
        let figure = &group.figures[at as usize];
        let level = geography.regions[figure.region as usize].level.as_str();
        (figure.status == SeenStatus::Shown)
            .then(|| (known_n(figure, policy, floor, level), known_value(figure, policy, level)))
    };
    let mut beliefs = vec![Belief::default(); kinds.len()];
    let mut off: Vec<(u32, f64, f64)> = Vec::new();
    for sum in sums {
        let Some(whole) = seen(sum.whole) else { continue };
        let Some(parts) = sum.parts.iter().map(|part| seen(*part)).collect::<Option<Vec<_>>>() else { continue };
        let belief = &mut beliefs[sum.kind as usize];
        let least: f64 = parts.iter().map(|(n, _)| n.lower).sum();
        let most: f64 = parts.iter().map(|(n, _)| n.upper).sum();
        if whole.0.lower > most + 0.5 {
            belief.open = true;
        }
        if whole.0.upper < least - 0.5 {
            belief.dropped = true;
        }
        let Some(own) = whole.1 else { continue };
        let Some(values) = parts.iter().map(|(_, value)| *value).collect::<Option<Vec<_>>>() else { continue };
        if !whole.0.upper.is_finite() || !most.is_finite() {
            continue;
        }
        let low: f64 = parts.iter().zip(&values).map(|((n, _), value)| n.lower * value.lower).sum();
        let high: f64 = parts.iter().zip(&values).map(|((n, _), value)| n.upper * value.upper).sum();
        // How far yes of the whole lies outside what its parts, and people without a place, can make.
        let unplaced = (whole.0.upper - least).max(0.0);
        let above = own.lower * whole.0.lower - high - unplaced;
        let below = low - own.upper * whole.0.upper;
        let off_by = above.max(below).max(0.0);
        let exact = own.width() == 0.0 && values.iter().all(|value| value.width() == 0.0);
        beliefs[sum.kind as usize].verified += u32::from(exact && off_by < 1e-6 && unplaced < 0.5);
        off.push((sum.kind, off_by, whole.0.upper.max(1.0)));
    }
    for (kind, off, n) in off {
        let own = &mut beliefs[kind as usize];
        // Rounding of doubles is no weight.
        let relative = if off < 1e-6 { 0.0 } else { off / n };
        own.weights = own.weights.max(relative);
    }
    beliefs
}
