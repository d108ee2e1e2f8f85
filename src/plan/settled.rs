//! Collections and years whose answers did not change: their figures from the cache, instead of estimated and protected again.
//!
//! The figures of a series follow from its respondents, the definitions, the lists and tables beside them, and what was published of it before. A file of
//! the cache is called after all of that and after the program, so that nothing else can be taken for it.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::coverage::SeriesKeys;
use super::fingerprint::BUILD;
use super::over_time::Kept;
use super::{Plan, SourcePlan};
use crate::declare::{Catalogue, SourceKind};
use crate::disclose::protect::Protected;
use crate::disclose::{Comparisons, Judgement, Publishable, Settled};
use crate::publish::{Cache, InputFile, Registry};
use crate::vocab::hex;

/// What the tables of a parameter give.
#[derive(Debug)]
pub(super) struct OfParameter {
    /// Index in `measured` of the plan.
    pub(super) parameter: usize,
    pub(super) figures: Publishable,
    pub(super) compared: Vec<Comparisons>,
    /// What comparisons between periods need.
    pub(super) kept: Vec<Kept>,
}

/// What the tables and runs gave, per parameter. The parameter is the first part of a figure's key: figures that are in order within each parameter
/// are in order.
pub(super) fn by_parameter(parts: impl IntoIterator<Item = OfParameter>) -> Vec<OfParameter> {
    let mut found: BTreeMap<usize, Vec<OfParameter>> = BTreeMap::new();
    parts.into_iter().for_each(|part| found.entry(part.parameter).or_default().push(part));
    let join = |(parameter, parts): (usize, Vec<OfParameter>)| {
        let mut all =
            OfParameter { parameter, figures: Publishable::default(), compared: Vec::new(), kept: Vec::new() };
        let mut figures = Vec::new();
        for part in parts {
            figures.push(part.figures);
            all.compared.extend(part.compared);
            all.kept.extend(part.kept);
        }
        OfParameter { figures: Publishable::merge(figures), ..all }
    };
    found.into_par_iter().map(join).collect()
}

/// A series of the cache.
#[derive(Serialize, Deserialize)]
struct OfSeries {
    /// Its own name, so that it is not taken for another.
    name: String,
    parameters: Vec<(usize, Settled, Vec<Kept>)>,
    protected: Protected,
}

/// Series as an earlier run left them.
#[derive(Debug, Default)]
pub struct SettledSeries<'s> {
    /// Where they are; `None` for a run that remembers nothing.
    place: Option<(&'s Plan, &'s Cache, &'s [InputFile])>,
    /// Hash of what all series follow from.
    basis: String,
    /// What the names of all files of the pipeline begin with.
    beginning: String,
}

/// What was recalled, and what is to be estimated.
pub(super) struct Recalled {
    pub(super) parameters: Vec<OfParameter>,
    /// One of each that was recalled.
    pub(super) protected: Vec<Protected>,
    /// Series that are new.
    pub(super) open: BTreeMap<u32, SeriesKeys>,
    /// What the file of each series is called; none where nothing is kept.
    names: BTreeMap<u32, String>,
}

impl<'s> SettledSeries<'s> {
    /// Those of a plan; `basis` is the hash of definitions, regions and what the plan made of them.
    pub(super) fn new(
        plan: &'s Plan,
        cache: Option<&'s Cache>,
        inputs: &'s [InputFile],
        (basis, catalogue): (&str, &Catalogue),
    ) -> Self {
        let mut hash = Sha256::new();
        hash.update(format!("{BUILD}\n{basis}\n"));
        // What figures point at, without what changes with every file.
        let mut words = catalogue.clone();
        for source in &mut words.sources {
            source.file_sha256.clear();
            source.content.clear();
        }
        hash.update(format!("{words:?}\n"));
        let ids_of_respondents: Vec<&str> = (0..plan.sources.len())
            .filter(|at| matches!(plan.sources[*at], SourcePlan::Respondents { .. }))
            .map(|at| plan.definitions.pipeline.sources[at].id.value.as_str())
            .collect();
        for input in inputs.iter().filter(|input| !ids_of_respondents.contains(&input.source.as_str())) {
            hash.update(format!("{} {} {}\n", input.source, input.name, input.sha256));
        }
        Self {
            place: cache.map(|cache| (plan, cache, inputs)),
            basis: hex(hash.finalize()),
            beginning: format!("figures-{}-", &hex(Sha256::digest(&plan.definitions.pipeline.id.value))[..16]),
        }
    }

    /// What the file of a series is called.
    fn name(&self, catalogue: &Catalogue, keys: &SeriesKeys, before: &Registry) -> Option<String> {
        let (plan, _, inputs) = self.place?;
        let (collection, year) = (catalogue.collections[keys.collection as usize].as_str(), keys.year);
        let mut what = Sha256::new();
        what.update(format!("{}\n{collection}\n{year}\n{}\n", self.basis, before.hash_of(collection, year)));
        for source in &plan.definitions.pipeline.sources {
            let SourceKind::Respondents(own) = &source.kind else { continue };
            if source.collection.value != collection || !own.period.years().contains(&year) {
                continue;
            }
            what.update(format!("{}\n", source.id.value));
            for input in inputs.iter().filter(|input| input.source == source.id.value) {
                what.update(format!("{} {}\n", input.name, input.sha256));
            }
        }
        Some(format!("{}{}", self.beginning, hex(what.finalize())))
    }

    /// Takes from the cache what is there.
    pub(super) fn recall(
        &self,
        all: BTreeMap<u32, SeriesKeys>,
        (catalogue, before): (&Catalogue, &Registry),
        rules: Option<&Judgement>,
    ) -> Recalled {
        // The one series of a pipeline has changed whenever there is a run.
        let several = all.len() > 1;
        let named = all.par_iter().filter(|_| several);
        let names: BTreeMap<u32, String> =
            named.filter_map(|(number, keys)| Some((*number, self.name(catalogue, keys, before)?))).collect();
        let found: Vec<(u32, OfSeries)> =
            names.par_iter().filter_map(|(number, name)| Some((*number, self.get(name)?))).collect();
        let mut recalled = Recalled { parameters: Vec::new(), protected: Vec::new(), open: all, names };
        for (number, found) in found {
            recalled.open.remove(&number);
            recalled.protected.push(found.protected);
            for (parameter, settled, kept) in found.parameters {
                let (figures, compared) = settled.open(rules);
                recalled.parameters.push(OfParameter { parameter, figures, compared: vec![compared], kept });
            }
        }
        recalled
    }

    fn get(&self, name: &str) -> Option<OfSeries> {
        let (_, cache, _) = self.place?;
        let found: OfSeries = postcard::from_bytes(&cache.get(name)?).ok()?;
        (found.name == name).then_some(found)
    }

    /// Keeps the new series for the next run, and forgets those that this one did not ask for.
    pub(super) fn keep(&self, recalled: &Recalled, parameters: &[OfParameter], protected: &BTreeMap<u32, Protected>) {
        let Some((_, cache, _)) = self.place else { return };
        recalled.open.par_iter().for_each(|(number, keys)| {
            let Some(name) = recalled.names.get(number) else { return };
            let series = (keys.collection, keys.period);
            let own = parameters.iter().map(|own| {
                let kept = own.kept.iter().filter(|kept| (kept.key.collection, kept.key.period) == series);
                (own.parameter, Settled::of(&own.figures, &own.compared, series), kept.copied().collect())
            });
            let protected = protected.get(number).copied().unwrap_or_default();
            let of_series = OfSeries { name: name.clone(), parameters: own.collect(), protected };
            if let Ok(bytes) = postcard::to_allocvec(&of_series) {
                // A cache that cannot be written costs time in the next night and nothing else.
                let _ = cache.keep(name, name, &bytes);
            }
        });
        let names: Vec<&str> = recalled.names.values().map(String::as_str).collect();
        cache.forget_all_but(&self.beginning, &names);
    }
}
