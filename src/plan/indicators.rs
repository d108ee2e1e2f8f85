//! Parameters + the header of a file → how each indicator is derived.

use std::collections::{BTreeSet, HashMap};

use super::columns::ColumnPlanner;
use crate::declare::{Definitions, Instrument, Measure, NotApplicableIs, RuleTest};
use crate::derive::{IndicatorPlan, ReadyMade, ScoreKernel, ScorePlan, TestPlan, answer};
use crate::ingest::{NumberColumn, RejectCode};

/// (instrument, score) → index in the deriver's scores: parameters share scores.
pub(super) type Scores = HashMap<(usize, usize), usize>;

/// Columns, as definitions name them, that a measure needs.
pub(super) fn columns_of<'d>(definitions: &'d Definitions, measure: &'d Measure) -> Vec<&'d str> {
    let (instrument, part) = match measure {
        Measure::Codes { column, .. } | Measure::Number { column, .. } => return vec![&column.value],
        Measure::Rule { instrument, rule, .. } => (instrument, rule),
        Measure::Score { instrument, score } => (instrument, score),
        Measure::Published { .. } | Measure::Register { .. } | Measure::Synthetic(_) | Measure::External { .. } => {
            return Vec::new();
        }
    };
    let Some(found) = definitions.instruments.iter().find(|own| own.id.value == instrument.value) else {
        return Vec::new();
    };
    let scores = match measure {
        Measure::Rule { .. } => {
            found.rules.iter().position(|rule| rule.id.value == part.value).map(|rule| found.scores_of(rule))
        }
        _ => found.scores.iter().position(|score| score.id.value == part.value).map(|score| vec![score]),
    };
    let items = scores.into_iter().flatten().flat_map(|score| {
        let score = &found.scores[score];
        score.items.iter().copied().chain(score.gate.as_ref().map(|gate| gate.item))
    });
    let items: BTreeSet<usize> = items.collect();
    items.into_iter().map(|item| found.items[item].column.value.as_str()).collect()
}

/// Answer per code of a measure of codes: the codes, and what each counts as.
fn answers(measure: &Measure) -> Option<(&str, Vec<String>, Vec<u8>)> {
    let Measure::Codes { column, yes, no, unknown, not_applicable, not_applicable_is } = measure else { return None };
    let groups = [
        (yes, answer::YES),
        (no, answer::NO),
        (unknown, answer::UNKNOWN),
        (not_applicable, counts_as(Some(*not_applicable_is))),
    ];
    let codes = groups.iter().flat_map(|(codes, _)| codes.iter().cloned()).collect();
    let answers = groups.iter().flat_map(|(codes, answer)| codes.iter().map(|_| *answer)).collect();
    Some((&column.value, codes, answers))
}

/// What not applicable counts as, as an answer.
const fn counts_as(treatment: Option<NotApplicableIs>) -> u8 {
    match treatment {
        Some(NotApplicableIs::No) => answer::NO,
        Some(NotApplicableIs::Excluded) | None => answer::NOT_APPLICABLE,
    }
}

impl ColumnPlanner<'_> {
    pub(super) fn indicator(&mut self, index: usize, plans: &mut Vec<ScorePlan>, scores: &mut Scores) -> IndicatorPlan {
        let definitions = self.definitions;
        let parameter = &definitions.parameters[index];
        let lacks = self.respondents.declares_not_measured(&parameter.id.value);
        if lacks || self.absent.contains(&index) {
            return IndicatorPlan::NotMeasured;
        }
        let who = format!("parameter `{}`", parameter.id.value);
        let measure = parameter.measure_in(&self.source.collection.value, self.respondents.period.years());
        match measure {
            Measure::Published { .. } | Measure::Register { .. } | Measure::Synthetic(_) | Measure::External { .. } => {
                IndicatorPlan::NotMeasured
            }
            Measure::Codes { .. } => {
                let Some((column, codes, answers)) = answers(measure) else { return IndicatorPlan::NotMeasured };
                IndicatorPlan::Codes { column: self.code(column, codes, RejectCode::UnknownCode, &who), answers }
            }
            Measure::Number { column, minimum, maximum, unknown } => {
                let Some((field, name)) = self.named(&column.value, &who) else { return IndicatorPlan::NotMeasured };
                let mark = self.mark(field, &name);
                self.numbers.push(NumberColumn {
                    field,
                    column: name,
                    mark,
                    minimum: *minimum,
                    maximum: *maximum,
                    unknown: unknown.clone(),
                });
                IndicatorPlan::Number { column: self.numbers.len() - 1 }
            }
            Measure::Rule { instrument, .. } | Measure::Score { instrument, .. } => {
                let Some(at) = definitions.instruments.iter().position(|i| i.id.value == instrument.value) else {
                    return IndicatorPlan::NotMeasured;
                };
                // Parameters share scores; a missing column names all of them.
                for column in columns_of(definitions, measure) {
                    self.field(column, &who);
                }
                let mut shared = Shared { planner: self, instrument: at, who: &who, plans, scores };
                shared.measure(measure).unwrap_or(IndicatorPlan::NotMeasured)
            }
        }
    }

    /// The ready-made variable of a parameter, where every file has it beside the items or the answer that it was made of.
    pub(super) fn ready_made(
        &mut self,
        at: usize,
        index: usize,
        everywhere: &dyn Fn(&str) -> bool,
    ) -> Option<ReadyMade> {
        let parameter = &self.definitions.parameters[index];
        let measure = parameter.measure_in(&self.source.collection.value, self.respondents.period.years());
        let (column, codes, answers) = answers(parameter.ready_made.as_ref()?)?;
        // A coded variable is compared with another one; with itself there is nothing to compare.
        let own = match measure {
            Measure::Rule { .. } => true,
            Measure::Codes { column: own, .. } => own.value != column,
            _ => false,
        };
        let lacks = self.respondents.declares_not_measured(&parameter.id.value);
        let computed = own && !lacks && !self.absent.contains(&index);
        let there = everywhere(self.respondents.own_name(column));
        if !computed || !there {
            return None;
        }
        let who = format!("parameter `{}`", parameter.id.value);
        let column = self.code(column, codes, RejectCode::UnknownCode, &who);
        Some(ReadyMade { indicator: at, column, answers })
    }
}

/// Scores of one instrument under way.
struct Shared<'s, 'p, 'd> {
    planner: &'s mut ColumnPlanner<'d>,
    instrument: usize,
    who: &'p str,
    plans: &'s mut Vec<ScorePlan>,
    scores: &'s mut Scores,
}

impl<'d> Shared<'_, '_, 'd> {
    fn instrument(&self) -> &'d Instrument {
        &self.planner.definitions.instruments[self.instrument]
    }

    fn measure(&mut self, measure: &Measure) -> Option<IndicatorPlan> {
        let found = self.instrument();
        match measure {
            Measure::Rule { rule, not_applicable_is, .. } => {
                let rule = found.rules.iter().position(|own| own.id.value == rule.value)?;
                Some(IndicatorPlan::Rule { test: self.test(rule), not_applicable: counts_as(*not_applicable_is) })
            }
            Measure::Score { score, .. } => {
                let score = found.scores.iter().position(|own| own.id.value == score.value)?;
                Some(IndicatorPlan::Score { score: self.score(score) })
            }
            _ => None,
        }
    }

    fn test(&mut self, rule: usize) -> TestPlan {
        match &self.instrument().rules[rule].test {
            RuleTest::CutOff(score, cut_off) => TestPlan::CutOff(self.score(*score), *cut_off),
            RuleTest::All(parts) => TestPlan::All(parts.iter().map(|part| self.test(*part)).collect()),
            RuleTest::Any(parts) => TestPlan::Any(parts.iter().map(|part| self.test(*part)).collect()),
        }
    }

    /// The index of a score among the deriver's.
    fn score(&mut self, score: usize) -> usize {
        if let Some(known) = self.scores.get(&(self.instrument, score)) {
            return *known;
        }
        let declared = &self.instrument().scores[score];
        let items = declared.items.iter().map(|item| self.item(*item)).collect();
        let mut plan = ScorePlan::new(items, ScoreKernel::new(declared));
        if let Some(gate) = &declared.gate {
            let (column, points) = self.item(gate.item);
            plan = plan.with_gate(column, &points, &gate.points);
        }
        self.plans.push(plan);
        self.scores.insert((self.instrument, score), self.plans.len() - 1);
        self.plans.len() - 1
    }

    /// The column of an item, and the points of its codes.
    fn item(&mut self, item: usize) -> (usize, Vec<f64>) {
        let instrument = self.instrument();
        let item = &instrument.items[item];
        let recode = &instrument.recodes[item.recode];
        let mut codes: Vec<String> = recode.codes.iter().map(|(code, _)| code.clone()).collect();
        let points = recode.codes.iter().map(|(_, points)| *points).collect();
        codes.extend(recode.unknown.iter().chain(&recode.not_applicable).cloned());
        (self.planner.code(&item.column.value, codes, RejectCode::UnknownCode, self.who), points)
    }
}
