//! The plan in words, for `explain`.

use std::fmt::Write;

use super::policy::policy_in_words;
use super::provenance::floor_in_words;
use super::rules::rules as rules_in_words;
use super::{Plan, SourcePlan};
use crate::declare::FloorRule;
use crate::vocab::Level;

impl Plan {
    /// What is read, computed and written, and how much.
    #[must_use]
    pub fn show(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = self.write(&mut text);
        text
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let pipeline = &self.definitions.pipeline;
        writeln!(out, "pipeline {}: {}", pipeline.id.value, pipeline.title_nl)?;
        writeln!(out, "audience {}", pipeline.audience.value)?;
        match &pipeline.floor {
            FloorRule::Minimum { floor, ground, overrides } => {
                writeln!(out, "floor    {}\n         ground: {ground}", floor_in_words(floor))?;
                for own in overrides {
                    let names: Vec<&str> = own.collections.iter().map(|name| name.value.as_str()).collect();
                    let (names, floor) = (names.join(", "), floor_in_words(&own.floor));
                    writeln!(out, "         {names}: {floor}\n         ground: {}", own.ground)?;
                }
            }
            FloorRule::AlreadyPublished { ground, .. } => {
                writeln!(out, "floor    already published\n         ground: {ground}")?
            }
        }
        if let Some(rules) = &pipeline.disclosure {
            policy_in_words(rules).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        }
        writeln!(out, "\nreads")?;
        self.write_regions(out)?;
        for (at, source) in self.sources.iter().enumerate() {
            self.write_source(out, at, source)?;
        }
        if self.measured.is_empty() {
            writeln!(
                out,
                "\ncomputes nothing from respondents; {} parameters come from tables",
                self.parameters.len()
            )?;
        } else {
            self.write_estimates(out)?;
        }
        for own in &self.area_models {
            let rules = &self.definitions.pipeline.area_models[own.rules];
            let (parameters, areas, files) = (rules.parameters.len(), own.areas.len(), own.inputs.len());
            let level = rules.level.value;
            writeln!(
                out,
                "  model of areas `{}` of {parameters} parameters: {areas} regions of level {level}, from {files} more files",
                rules.id.value
            )?;
        }
        rules_in_words(self).iter().try_for_each(|line| writeln!(out, "  {line}"))?;
        self.write_files(out)
    }

    fn write_estimates(&self, out: &mut String) -> std::fmt::Result {
        let rules = &self.definitions.pipeline.estimate;
        writeln!(
            out,
            "\ncomputes {} parameters, interval {} at {} %, df of the {}, strata with one unit: {}",
            self.measured.len(),
            rules.interval,
            rules.confidence * 100.0,
            rules.degrees_of_freedom,
            rules.single_psu
        )?;
        for one in self.definitions.pipeline.design.iter().flat_map(|design| &design.overrides) {
            let parts = [
                ("collections", one.collections.iter().map(|name| name.value.clone()).collect::<Vec<_>>()),
                ("parameters", one.parameters.iter().map(|id| id.value.clone()).collect::<Vec<_>>()),
                ("periods", one.periods.iter().map(ToString::to_string).collect()),
                ("levels", one.levels.iter().map(ToString::to_string).collect()),
            ];
            let parts = parts.iter().filter(|(_, list)| !list.is_empty());
            let parts: Vec<String> = parts.map(|(what, list)| format!("{what} {}", list.join(" "))).collect();
            writeln!(out, "  weight set {} for {}", one.weight_set.value, parts.join(", "))?;
        }
        let mut figures = 0;
        for breakdown in &self.breakdowns {
            let levels: Vec<String> =
                breakdown.levels.iter().map(|level| format!("{level} {}", self.regions(*level))).collect();
            writeln!(
                out,
                "  {}: {} categories × {}",
                breakdown.dimension,
                breakdown.categories.len(),
                levels.join(" + ")
            )?;
            let regions: usize = breakdown.levels.iter().map(|level| self.regions(*level)).sum();
            figures += regions * breakdown.categories.len() * self.measured.len();
        }
        writeln!(out, "  {figures} figures per period, from {} tables of moments", self.shown_tables().len())?;
        if let (Some(own), Some(rules)) = (&self.modelled, &self.definitions.pipeline.model) {
            let (areas, sums, files) = (own.areas.len(), own.sums.len(), own.inputs.len());
            let level = rules.level.value;
            writeln!(
                out,
                "  model of {} parameters: {areas} regions of level {level}, {sums} sums of them, from {files} more files",
                self.hidden_tables
            )?;
        }
        Ok(())
    }

    /// Regions of a level that some source covers wholly.
    fn regions(&self, level: Level) -> usize {
        let regions = self.catalogue.regions.iter().enumerate().filter(|(_, region)| region.level() == level);
        regions
            .filter(|(at, _)| {
                self.sources.iter().any(|source| match source {
                    SourcePlan::Respondents { index, covers, .. } => {
                        let position = u32::try_from(*at).unwrap_or(u32::MAX);
                        covers.iter().any(|wide| index.within(position, *wide))
                    }
                    SourcePlan::Table { .. } | SourcePlan::Synthetic { .. } => false,
                })
            })
            .count()
    }

    fn write_files(&self, out: &mut String) -> std::fmt::Result {
        let pipeline = &self.definitions.pipeline;
        let levels: Vec<&str> = pipeline.estimate.levels.iter().map(|level| level.as_str()).collect();
        writeln!(out, "\nwrites under <out>/releases/<id>/")?;
        for collection in &self.catalogue.collections {
            writeln!(out, "  figures/{collection}/<period>/{{{}}}.parquet", levels.join(","))?;
        }
        if pipeline.comparison.is_some() {
            writeln!(out, "  comparisons/<collection>/<period>/{{{}}}.parquet", levels.join(","))?;
        }
        if pipeline.trend.is_some() {
            writeln!(out, "  trends/<collection>.parquet")?;
        }
        writeln!(out, "  dashboard/<collection>_<method>.parquet")?;
        writeln!(
            out,
            "  parameters, regions, categories, sources, targets, interventions, quality/rejects, quality/checks (.parquet)"
        )?;
        writeln!(out, "  codebook.md, codebook.csv, manifest.json, SHA256SUMS")?;
        if pipeline.regions.from_sources {
            writeln!(
                out,
                "  regions of years without a list are those of the tables; their number is known when they are read"
            )?;
        }
        Ok(())
    }
}
