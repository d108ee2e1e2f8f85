//! Runs the models of areas: direct figures, as they are published or withheld, → modelled figures and cards.

use std::collections::BTreeMap;

use super::Plan;
use super::area_card::area_card;
use super::build_area::{AreaPlan, area_of_regions, find};
use super::build_tally::weight_set_of;
use super::coverage::series_keys;
use super::estimates::index;
use super::model::Models;
use super::read::Reading;
use crate::declare::{AnswerLimits, AreaModelRules, Catalogue, Floor, Parameter, PublishedPrecision, SourceKind};
use crate::disclose::{BesideDirect, Figure, FigureKey, ModelPolicy, OfModel, Publishable, beside_direct, model};
use crate::estimate::{
    AreaDirect, AreaOutcome, AreaScale, Exactness, Modelled, area_model, direct_of_sums, published_direct,
};
use crate::stats::Limits;
use crate::tally::{CellSums, Moments};
use crate::vocab::{IntervalMethod, Method, Reason, Statistic, Status};

/// Word of the column `variant` for figures of a model of areas.
pub(super) const AREA_LEVEL: &str = "area_level";

/// What a parameter came to.
pub(super) enum AreaVerdict {
    /// Its figures may be shown, as far as each of them may.
    Shown(AreaOutcome),
    /// Withheld, with what is known of it.
    Withheld(Reason, String, Option<AreaOutcome>),
}

/// The direct figures of a parameter.
struct Given {
    /// The keys; the source is that of the model, the region is filled in.
    key: FigureKey,
    /// Per area the direct figure that the line may use.
    direct: Vec<Option<AreaDirect>>,
    /// Per area why it gets no figure, although its answers are used.
    withheld: Vec<Option<Reason>>,
    /// Answers no and yes of a share in all areas that are used; `None` where they are not known or there are none.
    answers: Option<[u64; 2]>,
}

/// Fits and discloses every parameter of every `[[area-model]]`. `parts` are the figures that have passed disclosure control.
pub(super) fn area_models(
    plan: &Plan,
    reading: &Reading,
    moments: Option<&Moments>,
    catalogue: &Catalogue,
    parts: &[Publishable],
) -> Models {
    let mut models = Models::default();
    for own in &plan.area_models {
        let declared = &plan.definitions.pipeline.area_models[own.rules];
        let regions: Vec<u32> =
            own.areas.iter().filter_map(|(code, year)| find(&catalogue.regions, code, *year).map(index)).collect();
        let maker = Maker { plan, reading, catalogue, own, declared, regions: &regions };
        for name in &declared.parameters {
            let Some(parameter) = catalogue.parameters.iter().position(|entry| entry.id == name.value) else {
                continue;
            };
            let definition = plan.parameter_of(index(parameter));
            let scale = plan.area_scale(declared, definition);
            let given = match moments {
                Some(moments) if declared.answers.is_some() => {
                    maker.of_respondents(moments, (parameter, definition, scale), parts)
                }
                _ => maker.of_table((parameter, definition, scale), parts),
            };
            let Some(given) = given else { continue };
            let (figures, card) = maker.modelled(&given, definition, scale);
            models.figures.push(figures);
            models.cards.push(card);
        }
    }
    models
}

struct Maker<'m> {
    plan: &'m Plan,
    reading: &'m Reading,
    catalogue: &'m Catalogue,
    own: &'m AreaPlan,
    declared: &'m AreaModelRules,
    /// Places of the areas in the catalogue.
    regions: &'m [u32],
}

impl Maker<'_> {
    /// Index of a source in the catalogue.
    fn source(&self, id: &str) -> u32 {
        self.catalogue.sources.iter().position(|entry| entry.id == id).map_or(0, index)
    }

    /// Per area the crude figure of the total that passed disclosure control.
    fn shown<'p>(
        &self,
        parts: &'p [Publishable],
        parameter: usize,
        wanted: impl Fn(&Figure) -> bool,
    ) -> BTreeMap<u32, &'p Figure> {
        let total = self.catalogue.category("total", "total").map_or(0, index);
        let crude = |figure: &&Figure| {
            figure.parameter == index(parameter)
                && figure.statistic == Statistic::Crude
                && figure.category == total
                && self.regions.contains(&figure.region)
                && wanted(figure)
        };
        parts.iter().flat_map(Publishable::figures).filter(crude).map(|figure| (figure.region, figure)).collect()
    }

    /// The direct figures of respondents: of areas with enough answers whose direct figure is shown, or is withheld because of what was answered.
    fn of_respondents(
        &self,
        moments: &Moments,
        (parameter, definition, scale): (usize, &Parameter, AreaScale),
        parts: &[Publishable],
    ) -> Option<Given> {
        let source = &self.plan.definitions.pipeline.sources[self.own.source];
        let year = *source.period_years().first()?;
        let keys = series_keys(self.plan, self.reading, moments, self.catalogue);
        let (series, keys) = keys.into_iter().find(|(_, keys)| {
            self.catalogue.collections[keys.collection as usize] == source.collection.value && keys.year == year
        })?;
        let place = self.plan.measured.iter().position(|own| *own == parameter)?;
        let level = self.declared.level.value;
        let of = (source.collection.value.as_str(), definition.id.value.as_str());
        let weight_set = weight_set_of(&self.plan.definitions, &self.plan.weight_sets, of, year, level)?;
        let at = self.plan.shown_tables().iter().position(|spec| {
            (spec.parameter, spec.breakdown, spec.weight_set) == (place, 0, weight_set) && spec.levels.contains(&level)
        })?;
        let table = &moments.tables[at];
        let of_region = area_of_regions(&self.plan.catalogue.regions, self.own);
        let mut sums = vec![CellSums::empty(table.numeric(), table.exponent); self.own.areas.len()];
        for (unit, frame) in moments.frames[table.frame].units.iter().enumerate() {
            if let Some(area) = of_region.get(&frame.region).filter(|_| frame.series == series) {
                table.add_to(&mut sums[*area], unit, 0);
            }
        }
        let wanted = |figure: &Figure| {
            figure.method == Method::Direct && figure.collection == keys.collection && figure.period == keys.period
        };
        let shown = self.shown(parts, parameter, wanted);
        let AnswerLimits { own: enough, .. } = self.declared.answers?;
        let mut withheld = vec![None; sums.len()];
        let used: Vec<Option<CellSums>> = sums
            .iter()
            .enumerate()
            .map(|(area, sums)| {
                let figure = shown.get(&self.regions[area])?;
                let beside = beside_direct(figure.status, figure.reason);
                if sums.n - sums.weightless < enough || beside == BesideDirect::LeaveOut {
                    return None;
                }
                if let BesideDirect::Withhold(reason) = beside {
                    withheld[area] = Some(reason);
                }
                Some(*sums)
            })
            .collect();
        let answers = (scale == AreaScale::Share)
            .then(|| used.iter().flatten().fold([0, 0], |[no, yes], own| [no + own.n - own.n_yes, yes + own.n_yes]));
        let key = FigureKey {
            parameter: index(parameter),
            collection: keys.collection,
            period: keys.period,
            region: 0,
            category: self.catalogue.category("total", "total").map_or(0, index),
            source: self.source(&self.declared.id.value),
        };
        Some(Given { key, direct: direct_of_sums(&used, scale), withheld, answers })
    }

    /// The figures of a published table.
    fn of_table(
        &self,
        (parameter, definition, scale): (usize, &Parameter, AreaScale),
        parts: &[Publishable],
    ) -> Option<Given> {
        let source = self.source(&self.declared.source.value);
        let periods = &self.catalogue.periods;
        let year = self.declared.period.as_ref().map(|own| own.value);
        let wanted = |figure: &Figure| {
            figure.method == Method::Published
                && figure.source == source
                && year.is_none_or(|year| i64::from(periods[figure.period as usize].year) == year)
        };
        let shown = self.shown(parts, parameter, wanted);
        let first = shown.values().next()?;
        let other = |id: &str| {
            let place = self.catalogue.parameters.iter().position(|entry| entry.id == id);
            place.map(|place| self.shown(parts, place, wanted)).unwrap_or_default()
        };
        let precision = self.declared.precision_of(&definition.id.value);
        let beside = match precision {
            PublishedPrecision::Interval => BTreeMap::new(),
            PublishedPrecision::EffectiveN(id) | PublishedPrecision::StandardError(id) => other(id),
        };
        let direct = self.regions.iter().map(|region| {
            let figure = shown.get(region)?;
            let exactness = match precision {
                PublishedPrecision::Interval => {
                    let limits = Limits { lower: figure.lower?, upper: figure.upper? };
                    Exactness::Limits(limits, figure.confidence?)
                }
                PublishedPrecision::EffectiveN(_) => Exactness::EffectiveN(beside.get(region)?.value?),
                PublishedPrecision::StandardError(_) => Exactness::StandardError(beside.get(region)?.value?),
            };
            published_direct(figure.value?, exactness, scale)
        });
        Some(Given {
            key: FigureKey {
                parameter: first.parameter,
                collection: first.collection,
                period: first.period,
                region: 0,
                category: first.category,
                source: self.source(&self.declared.id.value),
            },
            direct: direct.collect(),
            withheld: vec![None; self.regions.len()],
            answers: None,
        })
    }

    /// The outcome, or why there is none; hard rules come before any fit.
    fn verdict(&self, given: &Given, scale: AreaScale) -> AreaVerdict {
        let minimum = self.declared.answers.map_or(0, |own| own.minimum);
        if given.answers.is_some_and(|answers| answers[0].min(answers[1]) < minimum) {
            let text =
                format!("in alle gebieden samen zijn er minder dan {minimum} antwoorden van één van beide soorten");
            return AreaVerdict::Withheld(Reason::MinAnswer, text, None);
        }
        let confidence = self.plan.definitions.pipeline.estimate.confidence;
        let found = area_model(&given.direct, &self.own.facts, &self.own.population, scale, confidence);
        let Ok(outcome) = found else {
            let text = "er zijn te weinig directe cijfers voor dit aantal kenmerken".to_owned();
            return AreaVerdict::Withheld(Reason::Unreliable, text, None);
        };
        if outcome.card.mean_square_z > self.declared.maximum_mean_square {
            let text =
                "gebieden die om de beurt buiten het model blijven, wijken te ver af van wat het voorspelt".to_owned();
            return AreaVerdict::Withheld(Reason::Unreliable, text, Some(outcome));
        }
        AreaVerdict::Shown(outcome)
    }

    fn modelled(
        &self,
        given: &Given,
        definition: &Parameter,
        scale: AreaScale,
    ) -> (Publishable, crate::publish::ModelCard) {
        let verdict = self.verdict(given, scale);
        let figures: Vec<OfModel> = self
            .regions
            .iter()
            .enumerate()
            .map(|(area, region)| {
                let modelled: Result<Modelled, _> = match (&verdict, &given.withheld[area]) {
                    (AreaVerdict::Withheld(reason, ..), _) | (_, Some(reason)) => Err((Status::Suppressed, *reason)),
                    // Where nobody lives there is nothing to say.
                    (AreaVerdict::Shown(_), None) if self.own.population[area] <= 0.0 => {
                        Err((Status::NotAvailable, Reason::SourceLacks))
                    }
                    (AreaVerdict::Shown(outcome), None) => Ok(outcome.areas[area]),
                };
                let key = FigureKey { region: *region, ..given.key };
                OfModel { key, modelled, beside: None, parent: None, place: None, decided: None }
            })
            .collect();
        let degrees = match &verdict {
            AreaVerdict::Shown(outcome) => i64::try_from(outcome.degrees).ok(),
            AreaVerdict::Withheld(..) => None,
        };
        let (range, method) = match scale {
            AreaScale::Share => ((0.0, 1.0), IntervalMethod::Asin),
            AreaScale::Mean(low, high) => ((low, high), IntervalMethod::T),
        };
        let variant = |word: &str| self.catalogue.variants.iter().position(|own| own == word).map_or(0, index);
        let policy = ModelPolicy {
            limits: self.declared.limits,
            range,
            interval: (method, degrees),
            of_persons: false,
            variant: variant(AREA_LEVEL),
            floor: self.floor(given.key),
            confidence: self.plan.definitions.pipeline.estimate.confidence,
            benchmarked: 0,
        };
        let (shown, _) = model(&figures, &policy, None);
        let count = shown.figures().filter(|figure| figure.status == Status::Ok).count();
        let card = area_card(self.declared, definition, &verdict, (count, figures.len()));
        (shown, card)
    }

    /// The floor of respondents' figures; of figures that are public already there is none.
    fn floor(&self, key: FigureKey) -> Floor {
        let source = &self.plan.definitions.pipeline.sources[self.own.source];
        let place = self.plan.measured.iter().position(|own| index(*own) == key.parameter);
        match (&source.kind, place) {
            (SourceKind::Respondents(_), Some(place)) => {
                self.plan.policies(self.catalogue, place).of(key.collection).floor
            }
            _ => Floor {
                minimum_n: 0,
                minimum_answer: 0,
                minimum_complement: 0,
                group_disclosure: 0,
                minimum_population: 0,
            },
        }
    }
}
