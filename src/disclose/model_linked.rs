//! Modelled figures that are withheld for the sake of others.
//!
//! The figure of a wider region is the mean of the figures of its areas, weighted by persons, and that of everybody the mean of those of the groups of ages. Persons are published: with all figures of such a line but one, that
//! one follows. So of every line either no figure is secret, or others are withheld with it that have enough of the persons: a secret figure may have no more than `largest-part` of all that is withheld in the line. And no
//! secret figure may follow from all lines together ([`determined`]). What is withheld because it is too imprecise is no secret, and hides others. Primary reasons: [`ModelPolicy::withhold`].

use super::model::{ModelPolicy, OfModel};
use super::{Reason, Status};
use crate::stats::bounds::{Range, System, determined};

/// Figures of which the first is the weighted mean of the others, as positions in a list.
pub type Line = Vec<usize>;

/// Decides what is withheld for the sake of others, until no secret figure follows; parts before the whole, and of them the one with the fewest persons that will do.
///
/// `largest_part` is the largest part of the persons of what is withheld in a line that one secret figure may have, below 1.
pub fn withhold_beside(figures: &mut [OfModel], lines: &[Line], policy: &ModelPolicy, largest_part: f64) {
    let reason = |own: &OfModel| match own.modelled {
        Ok(modelled) => policy.withhold(&modelled),
        Err((Status::Suppressed, reason)) => Some(reason),
        Err(_) => None,
    };
    let mut found = Hidden {
        persons: figures.iter().map(|own| own.modelled.ok().map(|own| own.population)).collect(),
        reasons: figures.iter().map(reason).collect(),
        largest_part,
    };
    // Where nobody lives there is no figure.
    let there = |at: &usize| !matches!(figures[*at].modelled, Err((Status::NotAvailable, _)));
    let lines: Vec<Line> = lines.iter().map(|line| line.iter().copied().filter(there).collect()).collect();
    loop {
        let before = found.reasons.clone();
        lines.iter().for_each(|line| found.close(line));
        if found.reasons == before && !found.free(&lines) {
            break;
        }
    }
    for (own, reason) in figures.iter_mut().zip(found.reasons) {
        own.decided = reason.filter(|reason| *reason == Reason::Complementary);
    }
}

/// What is withheld so far.
struct Hidden {
    /// `None` of a figure that the model does not give.
    persons: Vec<Option<f64>>,
    reasons: Vec<Option<Reason>>,
    largest_part: f64,
}

impl Hidden {
    fn is_secret(&self, at: usize) -> bool {
        self.reasons[at].is_some_and(|own| !matches!(own, Reason::Unreliable | Reason::Complementary))
    }

    /// Whether no secret figure follows from what is shown of a line alone.
    fn holds(&self, line: &[usize]) -> bool {
        let withheld: Vec<usize> = line.iter().copied().filter(|at| self.reasons[*at].is_some()).collect();
        if let [alone] = withheld.as_slice() {
            // One that hides another elsewhere must not follow either.
            return self.reasons[*alone] == Some(Reason::Unreliable);
        }
        // Of a parameter that has no figure nobody knows the persons.
        let Some(all) = withheld.iter().map(|at| self.persons[*at]).sum::<Option<f64>>() else { return true };
        let small = |at: &usize| self.persons[*at].is_none_or(|own| own <= self.largest_part * all);
        withheld.iter().filter(|at| self.is_secret(**at)).all(small)
    }

    /// Withholds of a line what it needs to hold.
    fn close(&mut self, line: &[usize]) {
        while !self.holds(line) && self.withhold_one(line) {}
    }

    /// Withholds one more figure of a line: the smallest part with which it holds, or the largest there is; the whole where no part is left. Whether there was one.
    fn withhold_one(&mut self, line: &[usize]) -> bool {
        let Some((whole, parts)) = line.split_first() else { return false };
        let mut open: Vec<usize> = parts.iter().copied().filter(|at| self.reasons[*at].is_none()).collect();
        let size = |at: usize| self.persons[at].unwrap_or(f64::INFINITY);
        open.sort_by(|a, b| size(*a).total_cmp(&size(*b)).then(a.cmp(b)));
        if open.is_empty() && self.reasons[*whole].is_none() {
            open.push(*whole);
        }
        for at in &open {
            self.reasons[*at] = Some(Reason::Complementary);
            if self.holds(line) {
                return true;
            }
            self.reasons[*at] = None;
        }
        let Some(last) = open.last() else { return false };
        self.reasons[*last] = Some(Reason::Complementary);
        true
    }

    /// Withholds one more figure beside each secret one that follows from all lines together; whether there was one.
    fn free(&mut self, lines: &[Line]) -> bool {
        let mut system = System::default();
        for reason in &self.reasons {
            system.count(if reason.is_some() { Range::any() } else { Range::exactly(0.0) });
        }
        for line in lines {
            // Persons with the value: those of the whole are those of its parts.
            let sign = |place: usize| if place == 0 { -1.0 } else { 1.0 };
            system.equation(line.iter().enumerate().map(|(place, at)| (*at as u32, sign(place))), 0.0);
        }
        let mut any = false;
        for at in determined(&system).into_iter().map(|at| at as usize) {
            if self.is_secret(at) {
                any |= lines.iter().filter(|line| line.contains(&at)).any(|line| self.withhold_one(line));
            }
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use super::super::FigureKey;
    use super::super::model::tests::{modelled, policy};
    use super::*;

    fn of(share: f64, persons: f64) -> OfModel {
        let key = FigureKey { parameter: 0, collection: 0, period: 0, region: 0, category: 0, source: 0 };
        OfModel {
            key,
            modelled: Ok(modelled(share, persons, 0.0)),
            beside: None,
            parent: None,
            place: None,
            decided: None,
        }
    }

    /// Which of them are withheld, and which for the sake of others.
    fn withheld(mut figures: Vec<OfModel>, lines: &[Line]) -> (Vec<usize>, Vec<usize>) {
        withhold_beside(&mut figures, lines, &policy(), 0.8);
        let at = |of: &dyn Fn(&OfModel) -> bool| (0..figures.len()).filter(|at| of(&figures[*at])).collect();
        let for_others = |own: &OfModel| own.decided.is_some();
        let any = |own: &OfModel| own.modelled.is_ok_and(|own| policy().withhold(&own).is_some()) || for_others(own);
        (at(&any), at(&for_others))
    }

    #[test]
    fn a_group_that_would_follow_from_the_total_takes_another_with_it() {
        // Everybody 1,255; 950 younger ones; 305 older ones with a share below a tenth: group disclosure. Then the younger ones go as well, not the total.
        let figures = vec![of(0.20, 1255.0), of(0.25, 950.0), of(0.03, 305.0)];
        assert_eq!(withheld(figures, &[vec![0, 1, 2]]), (vec![1, 2], vec![1]));
    }

    #[test]
    fn the_smallest_that_hides_enough_goes() {
        // 400 of 400 and 60 is more than four fifths; 400 of 400 and 600 is not.
        let figures = vec![of(0.2, 2060.0), of(0.05, 400.0), of(0.3, 60.0), of(0.3, 600.0), of(0.3, 1000.0)];
        assert_eq!(withheld(figures, &[vec![0, 1, 2, 3, 4]]), (vec![1, 3], vec![3]));
        // Two that hide each other need no third.
        let figures = vec![of(0.2, 1600.0), of(0.05, 300.0), of(0.05, 300.0), of(0.3, 1000.0)];
        assert_eq!(withheld(figures, &[vec![0, 1, 2, 3]]), (vec![1, 2], vec![]));
    }

    #[test]
    fn what_hides_another_is_hidden_in_every_line_it_stands_in() {
        // Wijk 1 (positions 0 total, 1 and 2 groups) and wijk 2 (3, 4, 5) of a gemeente (6, 7, 8). The older ones of wijk 1 are secret: 1 goes for them; then 4 for 1 and 5 for 2.
        let wijken =
            [of(0.2, 1255.0), of(0.25, 950.0), of(0.03, 305.0), of(0.2, 2000.0), of(0.2, 1200.0), of(0.2, 800.0)];
        let gemeente = [of(0.2, 3255.0), of(0.2, 2150.0), of(0.2, 1105.0)];
        let figures = [wijken.as_slice(), &gemeente].concat();
        let lines = [vec![0, 1, 2], vec![3, 4, 5], vec![6, 7, 8], vec![6, 0, 3], vec![7, 1, 4], vec![8, 2, 5]];
        assert_eq!(withheld(figures, &lines), (vec![1, 2, 4, 5], vec![1, 4, 5]));
    }

    #[test]
    fn what_is_too_imprecise_is_no_secret_and_an_area_without_people_no_part() {
        let mut wide = of(0.4, 600.0);
        wide.modelled = wide.modelled.map(|own| {
            let share = crate::estimate::ModelledShare { lower: 0.1, upper: 0.8, ..own.share };
            crate::estimate::Modelled { share, ..own }
        });
        assert_eq!(withheld(vec![of(0.2, 1600.0), wide, of(0.2, 1000.0)], &[vec![0, 1, 2]]).1, Vec::<usize>::new());
        let mut nobody = of(0.4, 0.0);
        nobody.modelled = Err((Status::NotAvailable, Reason::SourceLacks));
        let figures = vec![of(0.2, 1300.0), nobody, of(0.03, 300.0), of(0.3, 1000.0)];
        assert_eq!(withheld(figures, &[vec![0, 1, 2, 3]]).1, [3]);
    }

    /// Every line has two that are withheld, and yet one follows: of three wijken by two groups the withheld cells make two squares with one figure between them.
    #[test]
    fn what_follows_from_all_lines_together_is_seen() {
        // Four regions by four categories without totals of their own: rows and columns are lines, whose wholes are shown.
        let cell = |row: usize, column: usize| row * 4 + column;
        let secret = [
            cell(0, 0),
            cell(0, 1),
            cell(1, 0),
            cell(1, 1),
            cell(1, 2),
            cell(2, 2),
            cell(2, 3),
            cell(3, 2),
            cell(3, 3),
        ];
        let mut figures: Vec<OfModel> =
            (0..16).map(|at| of(if secret.contains(&at) { 0.03 } else { 0.3 }, 400.0)).collect();
        figures.extend((0..8).map(|_| of(0.3, 1600.0)));
        let mut lines: Vec<Line> =
            (0..4).map(|row| [vec![16 + row], (0..4).map(|column| cell(row, column)).collect()].concat()).collect();
        lines.extend((0..4).map(|column| [vec![20 + column], (0..4).map(|row| cell(row, column)).collect()].concat()));
        // By hand: the sum of rows 1 and 2 less that of columns 1 and 2 gives cell (1, 2).
        let (_, for_others) = withheld(figures, &lines);
        assert_eq!(for_others.len(), 1, "{for_others:?}");
    }
}
