//! Runs the models of a plan: cells of the hidden tables → modelled shares → figures, comparisons and cards.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::Plan;
use super::build_model::ModelledPlan;
use super::coverage::series_keys;
use super::direct_sums::DirectSums;
use super::estimates::index;
use super::model_card::card;
use super::model_lines::lines;
use super::read::Reading;
use crate::declare::{Catalogue, ModelRules, Parameter};
use crate::disclose::{
    Comparisons, FigureKey, Judgement, ModelPolicy, OfModel, Publishable, model as disclose_model, withhold_beside,
};
use crate::estimate::{AreaAnswers, BesideParent, DirectShare, ModelFault, ModelOutcome, ModelPlan, Modelled, model};
use crate::publish::ModelCard;
use crate::stats::fixed::{SQUARE_BITS, WEIGHT_BITS, from_fixed};
use crate::stats::model::fit::FitFault;
use crate::stats::model::problem::Cell;
use crate::tally::{Cells, Moments, Table};
use crate::vocab::{IntervalMethod, Reason, Status};

/// Word of the column `variant` for figures shifted to the weighted total.
pub(super) const BENCHMARKED: &str = "benchmarked";

/// What the models say.
#[derive(Default)]
pub(super) struct Models {
    pub(super) figures: Vec<Publishable>,
    pub(super) comparisons: Vec<Comparisons>,
    pub(super) cards: Vec<ModelCard>,
}

/// Least number of areas that are left out one by one of which something is said.
pub(super) const JUDGED: usize = 10;

/// What a parameter came to.
pub(super) enum Verdict<'o> {
    /// Its figures may be shown, as far as each of them may.
    Shown(&'o ModelOutcome),
    /// Withheld, with what is known of it.
    Withheld(Reason, String, Option<&'o ModelOutcome>),
}

/// Fits and discloses every parameter of `[model]`, in parallel. `direct` are the figures of the respondents.
pub(super) fn models(
    plan: &Plan,
    reading: &Reading,
    moments: &Moments,
    (catalogue, direct): (&Catalogue, &[Publishable]),
    rules: Option<&Judgement>,
) -> Models {
    let (Some(own), Some(declared)) = (&plan.modelled, &plan.definitions.pipeline.model) else {
        return Models::default();
    };
    let keys = series_keys(plan, reading, moments, catalogue);
    let source = &plan.definitions.pipeline.sources[own.source];
    let series = keys.iter().find(|(_, keys)| {
        catalogue.collections[keys.collection as usize] == source.collection.value
            && source.period_years().contains(&keys.year)
    });
    let Some((series, keys)) = series else { return Models::default() };
    let first = plan.shown_tables().len();
    let tables: Vec<usize> = (first..plan.tally.tables.len()).collect();
    let total = catalogue.category("total", "total").map_or(0, index);
    let direct = DirectSums::new(plan, moments, (catalogue, direct), own, (*series, keys), &plan.tally.tables[first..]);
    let model_source = catalogue.sources.iter().position(|entry| entry.id == declared.id.value).map_or(0, index);
    let protection = plan.definitions.pipeline.disclosure.as_ref().and_then(|own| own.protection);
    let lines = lines(own, catalogue);
    let found: Vec<_> = tables
        .into_par_iter()
        .map(|at| {
            let measured = plan.tally.tables[at].parameter;
            let parameter = plan.measured[measured];
            let key = FigureKey {
                parameter: index(parameter),
                collection: keys.collection,
                period: keys.period,
                region: 0,
                category: total,
                source: model_source,
            };
            let (cells, answers) = answers(own, moments, &moments.tables[at], *series);
            let confidence = plan.definitions.pipeline.estimate.confidence;
            let how = ModelPlan {
                confidence,
                own_answers: declared.limits.own_answers,
                checked_answers: declared.limits.checked_answers,
                benchmark: declared.benchmark,
            };
            let floor = plan.policies(catalogue, measured).of(key.collection).floor;
            let sums = direct.of(measured, &answers, floor);
            let outcome = fitted(declared, own, (&cells, &answers, &sums), &how);
            let verdict = verdict(declared, &outcome);
            let benchmarked = catalogue.variants.iter().position(|word| word == BENCHMARKED).map_or(0, index);
            let policy = ModelPolicy {
                limits: declared.limits.shown,
                range: (0.0, 1.0),
                interval: (IntervalMethod::Posterior, None),
                of_persons: true,
                variant: catalogue.variants.iter().position(String::is_empty).map_or(0, index),
                floor,
                confidence,
                benchmarked,
            };
            let mut figures = figures(own, key, &verdict);
            figures.extend(figures_of_ages(declared, catalogue, own, key, &verdict));
            if let Some(protection) = protection {
                withhold_beside(&mut figures, &lines, &policy, protection.largest_part);
            }
            let counts = shown_counts(&figures, total, &policy);
            let (shown, compared) = disclose_model(&figures, &policy, rules);
            let definition: &Parameter = plan.parameter_of(key.parameter);
            (shown, compared, card(declared, own, definition, &verdict, &counts))
        })
        .collect();
    let mut models = Models::default();
    for (figures, comparisons, card) in found {
        models.figures.push(figures);
        models.comparisons.push(comparisons);
        models.cards.push(card);
    }
    models
}

/// Areas whose figure is shown, and areas that have persons.
fn shown_counts(figures: &[OfModel], total: u32, policy: &ModelPolicy) -> (usize, usize) {
    let is_area = |own: &&OfModel| own.key.category == total && own.modelled.is_ok_and(|own| own.own_share.is_some());
    let areas = || figures.iter().filter(is_area);
    let shown = areas().filter(|own| policy.why(own).is_none());
    (shown.count(), areas().count())
}

/// Cells per area and row, and the sums of every area.
fn answers(own: &ModelledPlan, moments: &Moments, table: &Table, series: u32) -> (Vec<Cell>, Vec<AreaAnswers>) {
    let places: BTreeMap<u32, u32> = own.areas.iter().zip(0..).map(|(region, at)| (*region, at)).collect();
    let mut answers = vec![AreaAnswers::default(); own.areas.len()];
    let mut cells: BTreeMap<(u32, u32), (u64, u64)> = BTreeMap::new();
    let Cells::Share(all) = &table.cells else { return (Vec::new(), answers) };
    for (unit, sums) in moments.frames[table.frame].units.iter().zip(all.chunks_exact(table.categories)) {
        let Some(area) = places.get(&unit.region).filter(|_| unit.series == series) else { continue };
        for (row, cell) in sums.iter().enumerate() {
            let [no, yes] = cell.n.map(u64::from);
            if no + yes == 0 {
                continue;
            }
            let sum = cells.entry((*area, index(row))).or_default();
            *sum = (sum.0 + no + yes, sum.1 + yes);
            let part = AreaAnswers {
                n: [no, yes],
                w: cell.w.map(|own| from_fixed(own, WEIGHT_BITS)),
                w2: cell.w2.map(|own| from_fixed(own, SQUARE_BITS)),
            };
            answers[*area as usize].add(&part);
        }
    }
    let cell = |((area, row), (n, yes)): ((u32, u32), (u64, u64))| Cell { area, row, n: n as f64, yes: yes as f64 };
    (cells.into_iter().map(cell).collect(), answers)
}

/// The outcome, or why there is none: hard rules come before any fit.
fn fitted(
    declared: &ModelRules,
    own: &ModelledPlan,
    (cells, answers, direct): (&[Cell], &[AreaAnswers], &[Option<DirectShare>]),
    how: &ModelPlan,
) -> Result<ModelOutcome, (Reason, String)> {
    let used = answers.iter().filter(|area| area.count() >= how.own_answers);
    let [no, yes] = used.fold([0, 0], |sum, area| [sum[0] + area.n[0], sum[1] + area.n[1]]);
    let minimum = declared.limits.minimum_answers;
    if no.min(yes) < minimum {
        let text = format!("in de hele regio zijn er minder dan {minimum} antwoorden van één van beide soorten");
        return Err((Reason::MinAnswer, text));
    }
    model(&own.ground, cells, answers, direct, how).map_err(|fault| match fault {
        ModelFault::Fit(FitFault::NotSettled) => {
            (Reason::Unreliable, "de berekening kwam niet tot een vaste uitkomst".to_owned())
        }
        ModelFault::Fit(_) | ModelFault::Ground(_) => {
            (Reason::Unreliable, "de gegevens dragen dit model niet".to_owned())
        }
    })
}

/// Whether the checks let the parameter through.
fn verdict<'o>(declared: &ModelRules, outcome: &'o Result<ModelOutcome, (Reason, String)>) -> Verdict<'o> {
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err((reason, text)) => return Verdict::Withheld(*reason, text.clone(), None),
    };
    let checks = &outcome.card.checks;
    let limits = &declared.limits;
    let withheld = |text: String| Verdict::Withheld(Reason::Unreliable, text, Some(outcome));
    if checks.left_out >= JUDGED && checks.mean_square_z > limits.maximum_mean_square {
        return withheld(
            "wijken die om de beurt buiten het model blijven, wijken te ver af van wat het model voorspelt".into(),
        );
    }
    let (sums, held) = checks.sums;
    if sums > 0 && (held as f64) < limits.minimum_agreement * sums as f64 {
        return withheld("te weinig gemeenten komen overeen met hun eigen gewogen cijfer".into());
    }
    match checks.log_score_gain {
        Some(gain) if gain >= 0.0 => Verdict::Shown(outcome),
        _ => withheld("het model voorspelt nieuwe antwoorden niet beter dan het cijfer van de hele regio".into()),
    }
}

/// Every figure with its keys.
fn figures(own: &ModelledPlan, key: FigureKey, verdict: &Verdict<'_>) -> Vec<OfModel> {
    let none = |reason: Reason| Err((Status::Suppressed, reason));
    let modelled = |found: Option<&Option<Modelled>>| match verdict {
        Verdict::Shown(_) => found.copied().flatten().ok_or((Status::NotAvailable, Reason::SourceLacks)),
        Verdict::Withheld(reason, ..) => none(*reason),
    };
    let outcome = match verdict {
        Verdict::Shown(outcome) => Some(*outcome),
        Verdict::Withheld(..) => None,
    };
    let value = |area: usize| outcome?.areas[area].map(|own| own.share.value);
    let mut found = Vec::with_capacity(own.areas.len() + own.sums.len());
    for (area, region) in own.areas.iter().enumerate() {
        let parent = own.ground.parent[area];
        let beside: Option<BesideParent> = outcome.and_then(|outcome| outcome.beside[area]);
        let place = value(area).map(|own_value| {
            let siblings = (0..own.areas.len()).filter(|other| own.ground.parent[*other] == parent);
            1 + index(siblings.filter_map(value).filter(|other| *other > own_value).count())
        });
        found.push(OfModel {
            key: FigureKey { region: *region, ..key },
            modelled: modelled(outcome.map(|outcome| &outcome.areas[area])),
            beside: parent.zip(beside).map(|(sum, beside)| (own.sums[sum], beside)),
            parent: parent.and_then(|sum| outcome?.sums[sum]),
            place,
            decided: None,
        });
    }
    for (sum, region) in own.sums.iter().enumerate() {
        found.push(OfModel {
            key: FigureKey { region: *region, ..key },
            modelled: modelled(outcome.map(|outcome| &outcome.sums[sum])),
            beside: None,
            parent: None,
            place: None,
            decided: None,
        });
    }
    found
}

/// Figures of groups of ages, without places and comparisons: a group with too few answers of either kind in the whole region has none.
fn figures_of_ages(
    declared: &ModelRules,
    catalogue: &Catalogue,
    own: &ModelledPlan,
    key: FigureKey,
    verdict: &Verdict<'_>,
) -> Vec<OfModel> {
    let mut found = Vec::new();
    for (at, group) in declared.age_groups.iter().enumerate() {
        let (dimension, category) = &group.category.value;
        let Ok(category) = catalogue.category(dimension, category) else { continue };
        let few = |answers: [u64; 2]| answers[0].min(answers[1]) < declared.limits.minimum_answers;
        let outcome = match verdict {
            Verdict::Shown(outcome) if few(outcome.age_groups[at].answers) => Err(Reason::MinAnswer),
            Verdict::Shown(outcome) => Ok(&outcome.age_groups[at]),
            Verdict::Withheld(reason, ..) => Err(*reason),
        };
        let mut add = |region: u32, modelled: Option<Option<Modelled>>| {
            let modelled = match outcome {
                Err(reason) => Err((Status::Suppressed, reason)),
                Ok(_) => modelled.flatten().ok_or((Status::NotAvailable, Reason::SourceLacks)),
            };
            let key = FigureKey { region, category: index(category), ..key };
            found.push(OfModel { key, modelled, beside: None, parent: None, place: None, decided: None });
        };
        for (area, region) in own.areas.iter().enumerate() {
            add(*region, outcome.ok().map(|outcome| outcome.areas[area]));
        }
        for (sum, region) in own.sums.iter().enumerate() {
            add(*region, outcome.ok().map(|outcome| outcome.sums[sum]));
        }
    }
    found
}
