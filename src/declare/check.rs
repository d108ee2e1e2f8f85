//! What must hold between the pipeline, its instruments and its parameters.

use std::collections::BTreeSet;

use super::action::Intervention;
use super::disclosure::FloorRule;
use super::instrument::Instrument;
use super::parameter::{Measure, Parameter};
use super::pipeline::Pipeline;
use super::reader::{Placed, Sink};
use super::source::SourceKind;
use super::value::suggestion;
use crate::finding::{Duty, Finding, Place};
use crate::vocab::Unit;

/// Whether every declared instrument and parameter could be read. Where one could not, a name that is not found has no finding of
/// its own: it may be the one whose finding stands there already.
#[derive(Clone, Copy)]
pub(super) struct Whole {
    pub(super) instruments: bool,
    pub(super) parameters: bool,
}

pub(super) fn check(
    pipeline: &Pipeline,
    instruments: &[Instrument],
    parameters: &[Parameter],
    interventions: &[Intervention],
    whole: Whole,
    sink: &Sink,
) {
    let checker = Checker { pipeline, instruments, parameters, whole, sink };
    checker.action(interventions);
    checker.ids();
    checker.dashboard_columns();
    checker.measures();
    checker.measures_for();
    checker.estimates();
    checker.dimensions();
    checker.levels_reached();
    checker.design();
    checker.sources();
    checker.region_years();
    checker.perspectives();
    checker.floor();
    checker.disclosure();
    checker.comparisons();
    checker.analysis();
    checker.model();
    checker.area_models();
    checker.operation();
}

/// What the dashboard puts behind the id of a parameter.
const PARAMETER_COLUMNS: [&str; 4] = ["_lower", "_upper", "_status", "_verdict"];
/// Columns of the dashboard before those of the parameters.
const DASHBOARD_COLUMNS: [&str; 9] =
    ["collection", "period", "period_label", "level", "region", "region_year", "region_name", "parent", "sample"];

/// The pipeline and its definitions while they are held against each other.
pub(super) struct Checker<'a> {
    pub(super) pipeline: &'a Pipeline,
    pub(super) instruments: &'a [Instrument],
    pub(super) parameters: &'a [Parameter],
    pub(super) whole: Whole,
    pub(super) sink: &'a Sink,
}

impl Checker<'_> {
    pub(super) fn fault(&self, code: &'static str, place: &Place, message: String, help: impl Into<String>) {
        self.sink.push(Finding::error(Duty::Definition, code, message).at(place.clone()).help(help));
    }

    pub(super) fn unique<'p>(&self, ids: impl Iterator<Item = &'p Placed<String>>, what: &str, help: &str) {
        let mut seen = BTreeSet::new();
        for id in ids {
            if !seen.insert(&id.value) {
                self.fault("declare-duplicate", &id.place, format!("{what} `{}` stands twice", id.value), help);
            }
        }
    }

    pub(super) fn known<'n>(
        &self,
        name: &Placed<String>,
        names: impl Iterator<Item = &'n str> + Clone,
        what: &str,
    ) -> bool {
        if names.clone().any(|known| known == name.value) {
            return true;
        }
        let help = suggestion(&name.value, names.clone()).unwrap_or_else(|| {
            let names: BTreeSet<&str> = names.collect();
            format!("known: {}", names.into_iter().collect::<Vec<_>>().join(", "))
        });
        self.fault("declare-unknown-reference", &name.place, format!("there is no {what} `{}`", name.value), help);
        false
    }

    /// Whether a parameter is declared, or may be one that could not be read.
    pub(super) fn known_parameter(&self, name: &Placed<String>) -> bool {
        let declared = self.parameter(&name.value).is_some();
        declared || (self.whole.parameters && self.known(name, self.parameter_names(), "parameter"))
    }

    fn ids(&self) {
        let definition = "one id per definition and cut-off; a changed rule gets its own id";
        let own = "give each its own id";
        self.unique(self.instruments.iter().map(|instrument| &instrument.id), "instrument", definition);
        self.unique(self.parameters.iter().map(|parameter| &parameter.id), "parameter", definition);
        self.unique(self.pipeline.sources.iter().map(|source| &source.id), "source", own);
        self.unique(self.pipeline.dimensions.iter().map(|dimension| &dimension.id), "dimension", own);
        self.unique(self.pipeline.estimate.parameters.iter(), "parameter to compute", "name it once");
        for source in self.pipeline.sources.iter().filter(|source| source.id.value == "regions") {
            self.fault(
                "declare-id",
                &source.id.place,
                "`regions` cannot be the id of a source".to_owned(),
                "the manifest names the region list so",
            );
        }
        // Ids become folder and file names and column names.
        let named = [(&self.pipeline.id, "pipeline")]
            .into_iter()
            .chain(self.pipeline.sources.iter().flat_map(|s| [(&s.id, "source"), (&s.collection, "collection")]))
            .chain(self.parameters.iter().map(|parameter| (&parameter.id, "parameter")));
        for (id, what) in named {
            let plain = id.value.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b));
            if !plain {
                self.fault(
                    "declare-id",
                    &id.place,
                    format!("the {what} id `{}` cannot be a file or column name", id.value),
                    "use lowercase letters, digits, `_` and `-`",
                );
            }
        }
    }

    /// A parameter has five columns in the wide tables, so two ids can make one column, and an id can be a column of the region.
    fn dashboard_columns(&self) {
        for parameter in self.parameters {
            let id = parameter.id.value.as_str();
            let other = PARAMETER_COLUMNS
                .iter()
                .filter_map(|suffix| id.strip_suffix(suffix))
                .find(|other| self.parameter(other).is_some());
            let owner = match other {
                Some(other) => format!(" of `{other}`"),
                None if DASHBOARD_COLUMNS.contains(&id) => String::new(),
                None => continue,
            };
            self.fault(
                "declare-id",
                &parameter.id.place,
                format!("the parameter id `{id}` is already a column{owner} in the dashboard"),
                "give the parameter another id",
            );
        }
    }

    fn measures(&self) {
        for (parameter, measure) in self.parameters.iter().flat_map(|own| own.all_measures().map(move |m| (own, m))) {
            let (instrument, part) = match measure {
                Measure::Rule { instrument, rule, .. } => (instrument, rule),
                Measure::Score { instrument, score } => (instrument, score),
                _ => continue,
            };
            let Some(found) = self.instruments.iter().find(|i| i.id.value == instrument.value) else {
                if self.whole.instruments {
                    let names = self.instruments.iter().map(|instrument| instrument.id.value.as_str());
                    self.known(instrument, names, "instrument");
                }
                continue;
            };
            let Measure::Rule { not_applicable_is, .. } = measure else {
                self.known(part, found.scores.iter().map(|score| score.id.value.as_str()), "score");
                continue;
            };
            if !self.known(part, found.rules.iter().map(|rule| rule.id.value.as_str()), "rule") {
                continue;
            }
            let rule = found.rules.iter().position(|rule| rule.id.value == part.value);
            let gated =
                rule.is_some_and(|rule| found.scores_of(rule).iter().any(|at| found.scores[*at].gate.is_some()));
            if gated != not_applicable_is.is_some() {
                let (what, help) = match gated {
                    true => (
                        "can be not applicable, and nothing says what that counts as",
                        "add not-applicable-is = \"no\" (of everybody) or \"excluded\"",
                    ),
                    false => ("is never not applicable", "remove `not-applicable-is`"),
                };
                self.fault(
                    "declare-contradiction",
                    &part.place,
                    format!("rule `{}` of parameter `{}` {what}", part.value, parameter.id.value),
                    help,
                );
            }
        }
    }

    pub(super) fn parameter(&self, id: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| parameter.id.value == id)
    }

    pub(super) fn parameter_names(&self) -> impl Iterator<Item = &str> + Clone {
        self.parameters.iter().map(|parameter| parameter.id.value.as_str())
    }

    pub(super) fn has_respondents(&self) -> bool {
        self.pipeline.sources.iter().any(|source| matches!(source.kind, SourceKind::Respondents(_)))
    }

    /// Targets and interventions are of parameters that exist; targets of what the pipeline computes, in its unit.
    fn action(&self, interventions: &[Intervention]) {
        self.unique(interventions.iter().map(|own| &own.id), "intervention", "give each its own id");
        for name in interventions.iter().flat_map(|own| &own.parameters) {
            self.known_parameter(name);
        }
        let computed = &self.pipeline.estimate.parameters;
        for (at, target) in self.pipeline.targets.iter().enumerate() {
            let same = |other: &&super::pipeline::Target| {
                (&other.parameter.value, other.year) == (&target.parameter.value, target.year)
                    && other.levels.iter().any(|level| target.levels.contains(level))
            };
            if self.pipeline.targets[..at].iter().any(|other| same(&other)) {
                self.fault(
                    "declare-duplicate",
                    &target.parameter.place,
                    format!("there are two targets of `{}` for {} at one level", target.parameter.value, target.year),
                    "keep one of them, or give them other years or levels",
                );
            }
            let name = &target.parameter;
            self.known(name, computed.iter().map(|own| own.value.as_str()), "parameter to compute");
            let share = self.parameter(&name.value).is_some_and(|own| own.unit.value == Unit::Share);
            if share && !(0.0..=1.0).contains(&target.value.value) {
                self.fault(
                    "declare-out-of-range",
                    &target.value.place,
                    format!(
                        "the target of `{}` is {}, and a share lies between 0 and 1",
                        name.value, target.value.value
                    ),
                    "write 0.4 for 40 %",
                );
            }
            for level in target.levels.iter().filter(|level| !self.pipeline.estimate.levels.contains(level)) {
                self.fault(
                    "declare-level",
                    &name.place,
                    format!(
                        "the target of `{}` is for level {}, which [estimate] does not produce",
                        name.value,
                        level.as_str()
                    ),
                    "add the level to `levels` of [estimate] or remove it here",
                );
            }
        }
    }

    /// Each parameter stands under one perspective, where there are any.
    fn perspectives(&self) {
        let perspectives = &self.pipeline.perspectives;
        let Some(first) = perspectives.first() else { return };
        self.unique(perspectives.iter().map(|perspective| &perspective.id), "perspective", "give each its own id");
        let named = || perspectives.iter().flat_map(|perspective| &perspective.parameters);
        self.unique(named(), "parameter of a perspective", "name it under one perspective");
        let computed = &self.pipeline.estimate.parameters;
        for name in named() {
            self.known(name, computed.iter().map(|own| own.value.as_str()), "parameter to compute");
        }
        for lost in computed.iter().filter(|own| named().all(|name| name.value != own.value)) {
            self.fault(
                "declare-perspective",
                &lost.place,
                format!("parameter `{}` stands under no perspective", lost.value),
                format!("name it in one of the `[[perspective]]`, such as `{}`", first.id.value),
            );
        }
    }

    fn floor(&self) {
        match &self.pipeline.floor {
            FloorRule::AlreadyPublished { place, .. } if self.has_respondents() => self.fault(
                "declare-floor",
                place,
                "`already-published` cannot be the floor of a pipeline with respondents".to_owned(),
                "write kind = \"minimum\" with minimum-n, minimum-answer and group-disclosure",
            ),
            FloorRule::AlreadyPublished { .. } => {}
            FloorRule::Minimum { floor, .. } => {
                self.published_grounds();
                for parameter in self.parameters {
                    let own = [
                        (&parameter.minimum_n, floor.minimum_n, "minimum-n"),
                        (&parameter.minimum_answer, floor.minimum_answer, "minimum-answer"),
                    ];
                    for (stricter, general, key) in own {
                        if let Some(stricter) = stricter.as_ref().filter(|own| own.value.unsigned_abs() < general) {
                            self.fault(
                                "declare-floor",
                                &stricter.place,
                                format!(
                                    "`{key}` of parameter `{}` is below the floor of the pipeline ({general})",
                                    parameter.id.value
                                ),
                                "a parameter may only be stricter than the pipeline",
                            );
                        }
                    }
                    if parameter.unit.value == Unit::Mean && parameter.minimum_answer.is_some() {
                        self.fault(
                            "declare-floor",
                            &parameter.id.place,
                            format!("parameter `{}` is a mean and has no answers yes and no", parameter.id.value),
                            "remove `minimum-answer`",
                        );
                    }
                }
            }
        }
    }
}
