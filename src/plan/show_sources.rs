//! What a plan reads, in words.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Plan, SourcePlan};
use crate::declare::{Denominator, Source, TableContent};
use crate::ingest::PublishedPlan;
use crate::vocab::Level;

impl Plan {
    /// The files with regions, and how many of each level and year they list.
    pub(super) fn write_regions(&self, out: &mut String) -> std::fmt::Result {
        for input in &self.region_files.inputs {
            writeln!(out, "  regions {}", input.name)?;
        }
        let mut years: BTreeMap<i32, BTreeMap<Level, usize>> = BTreeMap::new();
        for region in &self.catalogue.regions {
            *years.entry(region.region_year).or_default().entry(region.level()).or_default() += 1;
        }
        for (year, levels) in years {
            let levels: Vec<String> = levels.iter().map(|(level, count)| format!("{level} {count}")).collect();
            writeln!(out, "    {year}: {}", levels.join(", "))?;
        }
        if self.region_files.other_kinds > 0 {
            writeln!(out, "    {} rows of other kinds of region are left out", self.region_files.other_kinds)?;
        }
        for (declared, recode) in self.definitions.pipeline.regions.recodes.iter().zip(&self.region_files.recodes) {
            writeln!(
                out,
                "    {} codes of {} are others in {}",
                recode.parts.len(),
                declared.from_year,
                declared.to_year
            )?;
        }
        Ok(())
    }

    pub(super) fn write_source(&self, out: &mut String, at: usize, source: &SourcePlan) -> std::fmt::Result {
        let declared = &self.definitions.pipeline.sources[at];
        let covers: Vec<&str> = declared.covers.iter().map(|code| code.value.as_str()).collect();
        writeln!(
            out,
            "  source {} ({}, {}, regions of {}, covers {}, at most {} rejects)",
            declared.id.value,
            declared.collection.value,
            declared.sample,
            declared.region_year,
            covers.join(" "),
            declared.max_rejects
        )?;
        match source {
            SourcePlan::Respondents { files, .. } => {
                for (input, plan) in files {
                    writeln!(out, "    {}: {}", self.inputs[*input].name, plan.format.describe())?;
                    writeln!(out, "      {} of {} columns are read", plan.fields().len(), plan.format.header.len())?;
                }
                let sets = self.weight_sets.iter().zip(files.first().map_or(&[][..], |(_, plan)| &plan.weights[..]));
                for (set, columns) in sets {
                    let Some(columns) = columns else {
                        writeln!(out, "      weight set {set}: not in this source")?;
                        continue;
                    };
                    let part = |what: &str, name: Option<&String>| {
                        name.map_or(String::new(), |name| format!(", {what} {name}"))
                    };
                    writeln!(
                        out,
                        "      weight set {set}: weight {}{}{}{}{}",
                        columns.weight.1,
                        part("stratum", columns.stratum.as_ref().map(|column| &column.1)),
                        part("cluster", columns.cluster.as_ref().map(|column| &column.1)),
                        part("fpc", columns.population.as_ref().map(|column| &column.1)),
                        part("cluster-fpc", columns.cluster_population.as_ref().map(|column| &column.1))
                    )?;
                }
            }
            SourcePlan::Table { files, parameters, unmapped, .. } => {
                self.write_table(out, declared, files)?;
                writeln!(
                    out,
                    "      {} measures are read, {unmapped} others of the table are not mapped",
                    parameters.len()
                )?;
            }
            SourcePlan::Synthetic { parameters, base } => {
                let base = &self.definitions.pipeline.sources[*base].id.value;
                writeln!(out, "      {} synthetic estimates from the population of {base}", parameters.len())?;
            }
        }
        Ok(())
    }

    fn write_table(&self, out: &mut String, declared: &Source, files: &[(usize, PublishedPlan)]) -> std::fmt::Result {
        for (input, plan) in files {
            writeln!(out, "    {}: shape {}, {}", self.inputs[*input].name, plan.shape, plan.format.describe())?;
        }
        let Some(table) = declared.table() else { return Ok(()) };
        if let Some(ground) = &table.already_published {
            writeln!(out, "      already published, ground: {ground}")?;
        }
        if let Some(to) = &table.recode_to {
            writeln!(out, "      regions of {} are recoded to {}", declared.region_year, to.value)?;
        }
        if let TableContent::Register(register) = &table.content {
            let denominator = match &register.denominator {
                None => "no denominator".to_owned(),
                Some(Denominator::Column(column)) => format!("denominator {}", column.value),
                Some(Denominator::Source { source, parameter, .. }) => {
                    format!("denominator {} of {}", parameter.value, source.value)
                }
            };
            let pools: Vec<String> = register.pools.iter().map(|(first, last)| format!("{first}-{last}")).collect();
            let pools = if pools.is_empty() { String::new() } else { format!(", pooled {}", pools.join(" ")) };
            writeln!(out, "      counts in {}, {denominator}{pools}", register.count.value)?;
        }
        Ok(())
    }
}
