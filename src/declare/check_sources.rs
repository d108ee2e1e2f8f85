//! What must hold for sources: what they feed, what they rest on, and who may see it.

use super::check::Checker;
use super::parameter::Measure;
use super::reader::Placed;
use super::source::{Source, SourceKind, SyntheticEstimate, SyntheticSource};
use super::table::{Denominator, Register, TableSource};
use crate::vocab::Unit;

impl Checker<'_> {
    pub(super) fn estimates(&self) {
        for name in &self.pipeline.estimate.parameters {
            if !self.known_parameter(name) {
                continue;
            }
            let Some(parameter) = self.parameter(&name.value) else { continue };
            // Without any source, that is the finding.
            if self.pipeline.sources.is_empty() || self.is_asked(parameter) {
                continue;
            }
            let why = match parameter.measure {
                Measure::Published { .. } => "comes from published tables only",
                Measure::Register { .. } => "is counted in a register",
                Measure::Synthetic(_) => "is a synthetic estimate",
                // It stands in the codebook, and says there why it has no figures.
                Measure::External { .. } => continue,
                _ if !self.has_respondents() => "cannot be computed without respondents",
                _ => "is asked in none of the collections of respondents",
            };
            if !self.fed().any(|fed| fed.value == name.value) {
                self.fault(
                    "declare-not-measurable",
                    &name.place,
                    format!("parameter `{}` {why}, and no source maps a measure to it", name.value),
                    match parameter.measure {
                        Measure::Synthetic(_) => {
                            "add a `[[source.estimate]]` of a synthetic source or leave the parameter out"
                        }
                        _ => "add a `[[source.measure]]` or leave the parameter out",
                    },
                );
            }
        }
    }

    /// A source is measured in one way: a measure for some of its years would be left out for all of them without a word.
    pub(super) fn measures_for(&self) {
        for source in &self.pipeline.sources {
            let SourceKind::Respondents(own) = &source.kind else { continue };
            let years = own.period.years();
            let computed = |id: &str| self.pipeline.estimate.parameters.iter().any(|name| name.value == id);
            for parameter in self.parameters.iter().filter(|parameter| computed(&parameter.id.value)) {
                for part in &parameter.measures_for {
                    let named = part.collections.iter().find(|name| name.value == source.collection.value);
                    let within = years.iter().filter(|year| part.periods.contains(year)).count();
                    let Some(named) = named.filter(|_| within > 0 && within < years.len()) else { continue };
                    self.fault(
                        "declare-contradiction",
                        &named.place,
                        format!(
                            "parameter `{}` has a measure for some of the years of source `{}`",
                            parameter.id.value, source.id.value
                        ),
                        "give the years a source each, or name all of them in `periods`",
                    );
                }
            }
        }
    }

    /// Whether some source of respondents asks for a parameter.
    fn is_asked(&self, parameter: &super::parameter::Parameter) -> bool {
        self.pipeline.sources.iter().any(|source| match &source.kind {
            SourceKind::Respondents(own) => {
                parameter.measure_in(&source.collection.value, own.period.years()).is_asked()
            }
            SourceKind::Table(_) | SourceKind::Synthetic(_) => false,
        })
    }

    /// Parameters that a table or a synthetic source names.
    fn fed(&self) -> impl Iterator<Item = &Placed<String>> {
        self.pipeline.sources.iter().flat_map(|source| match &source.kind {
            SourceKind::Respondents(_) => Vec::new(),
            SourceKind::Table(table) => table.parameters(),
            SourceKind::Synthetic(own) => own.estimates.iter().map(|estimate| &estimate.parameter).collect(),
        })
    }

    pub(super) fn sources(&self) {
        let pipeline = self.pipeline;
        for source in &pipeline.sources {
            match &source.kind {
                SourceKind::Respondents(_) => {
                    let regions = &pipeline.regions;
                    if regions.from_sources || (regions.list.is_none() && regions.tables.is_empty()) {
                        self.fault(
                            "declare-regions",
                            &source.id.place,
                            "respondents need a list of regions, and not `from-sources`".to_owned(),
                            "name a `file` or a `[[regions.table]]` of every year; without one an unknown code could not be told from a known one",
                        );
                    }
                }
                SourceKind::Table(table) => self.table(table),
                SourceKind::Synthetic(synthetic) => self.synthetic(source, synthetic),
            }
        }
    }

    fn table(&self, table: &TableSource) {
        for breakdown in &table.breakdowns {
            for (_, meaning) in &breakdown.codes {
                self.category(meaning);
            }
        }
        for meaning in table.measures().iter().filter_map(|measure| measure.category.as_ref()) {
            self.category(meaning);
        }
        match table.register() {
            None => {
                let once = "a measure of a table is one parameter";
                self.unique(table.measures().iter().map(|measure| &measure.key), "measure", once);
                let mut fed = std::collections::BTreeSet::new();
                for measure in table.measures() {
                    self.feeds(&measure.parameter, "a published table", |kind| {
                        !matches!(kind, Measure::Register { .. } | Measure::Synthetic(_))
                    });
                    let share =
                        self.parameter(&measure.parameter.value).is_some_and(|own| own.unit.value == Unit::Share);
                    if share && measure.multiply.to_bits() != 1.0_f64.to_bits() {
                        self.fault(
                            "declare-contradiction",
                            &measure.key.place,
                            format!("the share `{}` has a `multiply`", measure.parameter.value),
                            "remove it: tables give shares in per cent, and they become parts of 1 by themselves",
                        );
                    }
                    let category = measure.category.as_ref().map(|category| &category.value);
                    if !fed.insert((&measure.parameter.value, category)) {
                        self.fault(
                            "declare-duplicate",
                            &measure.parameter.place,
                            format!("two measures of one table are parameter `{}`", measure.parameter.value),
                            "give each measure its own parameter, or its own `category`",
                        );
                    }
                }
            }
            Some(register) => self.register(register),
        }
    }

    /// A parameter of a source is declared, and of a kind that the source can feed.
    fn feeds(&self, name: &Placed<String>, what: &str, fits: impl Fn(&Measure) -> bool) {
        if !self.known_parameter(name) {
            return;
        }
        if let Some(parameter) = self.parameter(&name.value)
            && !fits(&parameter.measure)
        {
            self.fault(
                "declare-contradiction",
                &name.place,
                format!("parameter `{}` cannot come from {what}", name.value),
                "measured, published, registered and synthetic figures have parameters of their own, so that nobody compares them",
            );
        }
    }

    fn register(&self, register: &Register) {
        self.unique(register.parameters.iter(), "parameter of a register", "name it once");
        for name in &register.parameters {
            self.feeds(name, "a register", |kind| matches!(kind, Measure::Register { .. }));
            let Some(parameter) = self.parameter(&name.value) else { continue };
            let unit = parameter.unit.value;
            if unit != Unit::Count && register.denominator.is_none() {
                self.fault(
                    "declare-missing-key",
                    &name.place,
                    format!("parameter `{}` has the unit `{unit}`, and the register has no denominator", name.value),
                    "name the column `denominator`, or another source in `denominator-from`",
                );
            }
            if matches!(unit, Unit::Mean | Unit::Index) {
                self.fault(
                    "declare-contradiction",
                    &parameter.unit.place,
                    format!("a register cannot give a {unit}"),
                    "a count, a rate (per_1000, per_100000) or a share; a published mean belongs to a published-table",
                );
            }
        }
        if let Some(Denominator::Source { source, parameter, category, .. }) = &register.denominator {
            self.category(category);
            self.base(source, parameter, "the denominator");
        }
    }

    fn synthetic(&self, source: &Source, synthetic: &SyntheticSource) {
        let names = synthetic.estimates.iter().map(|estimate| &estimate.parameter);
        self.unique(names, "synthetic estimate", "one rate and one base population per parameter");
        for estimate in &synthetic.estimates {
            self.feeds(&estimate.parameter, "a synthetic source", |kind| matches!(kind, Measure::Synthetic(_)));
            for (category, _) in &estimate.population {
                self.category(category);
            }
            self.parts_apart(synthetic, estimate);
        }
        self.base(&synthetic.base_source, &synthetic.base_parameter, "the base population");
        let base = self.pipeline.sources.iter().find(|other| other.id.value == synthetic.base_source.value);
        if let Some(base) = base.filter(|base| base.figure_year() != source.region_year) {
            self.fault(
                "declare-region-year",
                &synthetic.base_source.place,
                format!(
                    "its regions are of {}, and those of `{}` of {}",
                    base.figure_year(),
                    source.id.value,
                    source.region_year
                ),
                "write the `region-year` of the base population",
            );
        }
    }

    /// The categories of a base population do not overlap, and the base has them.
    fn parts_apart(&self, synthetic: &SyntheticSource, estimate: &SyntheticEstimate) {
        let mut dimensions = estimate.population.iter().map(|(category, _)| (&category.value.0, &category.place));
        let Some((first, _)) = dimensions.next() else { return };
        if let Some((other, place)) = dimensions.find(|(other, _)| *other != first) {
            self.fault(
                "declare-contradiction",
                place,
                format!("the base population adds up `{first}` and `{other}`: people would count twice"),
                "name categories of one dimension, or `total` alone",
            );
        }
        let base = self.pipeline.sources.iter().find(|own| own.id.value == synthetic.base_source.value);
        let Some(table) = base.and_then(Source::table) else { return };
        // What no dimension has, and a base that is no count, have their own findings.
        let declared = |(dimension, category): &(String, String)| {
            let own = self.pipeline.dimensions.iter().find(|own| own.id.value == *dimension);
            dimension == "total" || own.is_some_and(|own| own.categories.iter().any(|one| one.id.value == *category))
        };
        let counted = self.parameter(&synthetic.base_parameter.value).is_some_and(|own| own.unit.value == Unit::Count);
        for (category, _) in estimate.population.iter().filter(|(category, _)| counted && declared(&category.value)) {
            let of = |measure: &super::table::MeasureKey| match &measure.category {
                Some(own) => own.value == category.value,
                None => {
                    category.value.0 == "total"
                        || table.breakdowns.iter().any(|b| b.codes.iter().any(|(_, of)| of.value == category.value))
                }
            };
            let mut measures =
                table.measures().iter().filter(|own| own.parameter.value == synthetic.base_parameter.value);
            if !measures.any(of) {
                self.fault(
                    "declare-unknown-reference",
                    &category.place,
                    format!(
                        "`{}` of source `{}` has no `{}/{}`",
                        synthetic.base_parameter.value, synthetic.base_source.value, category.value.0, category.value.1
                    ),
                    "name categories that a measure or breakdown of that table has",
                );
            }
        }
    }

    /// The source and parameter of a population: a count in a published table of the pipeline.
    fn base(&self, source: &Placed<String>, parameter: &Placed<String>, what: &str) {
        let tables = || self.pipeline.sources.iter().filter(|own| own.table().is_some_and(|t| t.register().is_none()));
        if !self.known(source, tables().map(|own| own.id.value.as_str()), "published table") {
            return;
        }
        let measures = tables().filter(|own| own.id.value == source.value).filter_map(Source::table);
        let names: Vec<&str> = measures.flat_map(|t| t.measures()).map(|m| m.parameter.value.as_str()).collect();
        if self.known(parameter, names.iter().copied(), "measure of that table")
            && let Some(found) = self.parameter(&parameter.value)
            && found.unit.value != Unit::Count
        {
            self.fault(
                "declare-contradiction",
                &parameter.place,
                format!("{what} `{}` is a {}, not a count", parameter.value, found.unit.value),
                "name a parameter with the unit `count`",
            );
        }
    }

    /// Whether the numbers of a table are public already.
    pub(super) fn is_published(&self, table: &TableSource) -> bool {
        let whole = matches!(self.pipeline.floor, super::disclosure::FloorRule::AlreadyPublished { .. });
        whole || table.already_published.is_some()
    }

    fn category(&self, meaning: &Placed<(String, String)>) {
        let (dimension, category) = &meaning.value;
        if dimension == "total" && category == "total" {
            return;
        }
        let Some(found) = self.pipeline.dimensions.iter().find(|d| d.id.value == *dimension) else {
            let name = Placed { value: dimension.clone(), place: meaning.place.clone() };
            self.known(&name, self.pipeline.dimensions.iter().map(|d| d.id.value.as_str()), "dimension");
            return;
        };
        let name = Placed { value: category.clone(), place: meaning.place.clone() };
        self.known(&name, found.categories.iter().map(|c| c.id.value.as_str()), "category");
    }

    /// A minimum cannot be held against a table that does not say its numbers of answers. Counts of a register it can be held against.
    pub(super) fn published_grounds(&self) {
        for source in &self.pipeline.sources {
            if let SourceKind::Table(table) = &source.kind
                && table.already_published.is_none()
                && table.register().is_none()
            {
                self.fault(
                    "declare-floor",
                    &source.id.place,
                    format!(
                        "the floor of the pipeline cannot be held against the published table `{}`",
                        source.id.value
                    ),
                    "say where and by whom its figures were published: already-published = \"…\"",
                );
            }
        }
    }
}
