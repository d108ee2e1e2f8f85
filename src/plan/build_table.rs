//! A source with a table per region + the headers of its files → how it is read.

use std::collections::HashSet;
use std::sync::Arc;

use super::SourcePlan;
use super::build_regions::Recode;
use super::build_source::SourceBuilder;
use super::header::{HeaderPlanner, Wanted};
use crate::declare::{
    Denominator, MeasureKey, PeriodFrom, Placed, RegionEntry, SyntheticSource, TableContent, TableSource,
};
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{ListFile, Numbers, RegionCodes, detect, read_measures, read_provisional, read_table_id};
use crate::vocab::Unit;

impl SourceBuilder<'_> {
    pub(super) fn table(
        &self,
        table: &TableSource,
        parameters: &[usize],
        regions: &[RegionEntry],
        recodes: &[Recode],
        findings: &mut Findings,
    ) -> SourcePlan {
        let mapped = table.parameters().into_iter().filter_map(|name| self.computed(name, parameters, findings));
        let mapped: Vec<usize> = mapped.collect();
        let wanted = match &table.content {
            TableContent::Published(measures) => {
                measures.iter().filter_map(|measure| self.wanted(measure, parameters)).collect()
            }
            TableContent::Register(register) => {
                let column = |column, who: &str, numbers| Wanted {
                    column,
                    who: who.to_owned(),
                    per_cent: false,
                    multiply: 1.0,
                    category: None,
                    numbers,
                };
                let mut wanted = vec![column(&register.count, "the counts", Numbers::Whole)];
                if let Some(Denominator::Column(denominator)) = &register.denominator {
                    wanted.push(column(denominator, "the denominator", Numbers::Quantity));
                }
                wanted
            }
        };
        let recode = table
            .recode_to
            .as_ref()
            .and_then(|to| self.definitions.pipeline.regions.recode(self.source.region_year, to.value))
            .filter(|at| *at < recodes.len());
        let codes = self.region_codes(table, regions, recode.map(|at| &recodes[at]), findings);
        let provisional = self.code_lists(table, &wanted, findings);
        let mut files = Vec::new();
        let mut unmapped = 0;
        for at in self.files {
            let input = &self.inputs[*at];
            let format = match detect(&input.path, &input.name, table.format) {
                Ok(format) => format,
                Err(finding) => {
                    findings.push(finding);
                    continue;
                }
            };
            let header = HeaderPlanner { format: &format, findings };
            let Some(mut plan) = header.plan(table, &wanted, codes.clone()) else { continue };
            plan.provisional.clone_from(&provisional);
            plan.dimensions = self.definitions.pipeline.dimensions.iter().map(|own| own.id.value.clone()).collect();
            plan.levels.clone_from(&self.definitions.pipeline.estimate.levels);
            let keys = 1
                + usize::from(matches!(table.period, PeriodFrom::Column(_)))
                + usize::from(table.margins.is_some())
                + table.breakdowns.len();
            let other = format.header.iter().filter(|name| name.eq_ignore_ascii_case("ID")).count();
            unmapped = unmapped.max(format.header.len().saturating_sub(keys + other + plan.measures.len()));
            files.push((*at, plan));
        }
        SourcePlan::Table { files, parameters: mapped, unmapped, recode }
    }

    pub(super) fn synthetic(
        &self,
        synthetic: &SyntheticSource,
        parameters: &[usize],
        findings: &mut Findings,
    ) -> SourcePlan {
        let names = synthetic.estimates.iter().map(|estimate| &estimate.parameter);
        let mapped = names.filter_map(|name| self.computed(name, parameters, findings)).collect();
        let sources = &self.definitions.pipeline.sources;
        // That the base is there has been checked with the definitions.
        let base = sources.iter().position(|own| own.id.value == synthetic.base_source.value).unwrap_or(self.index);
        SourcePlan::Synthetic { parameters: mapped, base }
    }

    /// The place of a parameter among those of the plan; a finding where [estimate] does not name it.
    fn computed(&self, name: &Placed<String>, parameters: &[usize], findings: &mut Findings) -> Option<usize> {
        let known = parameters.iter().position(|at| self.definitions.parameters[*at].id.value == name.value);
        if known.is_none() {
            findings.push(
                Finding::error(
                    Duty::Definition,
                    "declare-not-computed",
                    format!(
                        "source `{}` maps to `{}`, which [estimate] does not name",
                        self.source.id.value, name.value
                    ),
                )
                .at(name.place.clone())
                .help("add it to `parameters` of [estimate], or remove the mapping"),
            );
        }
        known
    }

    fn wanted<'t>(&self, measure: &'t MeasureKey, parameters: &[usize]) -> Option<Wanted<'t>> {
        let definitions = self.definitions;
        let at = parameters.iter().find(|at| definitions.parameters[**at].id.value == measure.parameter.value)?;
        Some(Wanted {
            column: &measure.key,
            who: format!("the measure of `{}`", measure.parameter.value),
            per_cent: definitions.parameters[*at].unit.value == Unit::Share,
            multiply: measure.multiply,
            category: measure.category.as_ref().map(|category| category.value.clone()),
            numbers: match definitions.parameters[*at].unit.value {
                // "x 1 000" has decimals.
                Unit::Count if measure.multiply.total_cmp(&1.0).is_eq() => Numbers::Whole,
                Unit::Count | Unit::Per1000 | Unit::Per100000 | Unit::Share => Numbers::Positive,
                Unit::Mean | Unit::Index => Numbers::Any,
            },
        })
    }

    /// Which codes of the source are regions: those of the year of its figures, and those that a recode leads there.
    fn region_codes(
        &self,
        table: &TableSource,
        regions: &[RegionEntry],
        recode: Option<&Recode>,
        findings: &mut Findings,
    ) -> RegionCodes {
        let year = self.source.figure_year();
        let of_year = regions.iter().filter(|region| region.region_year == year);
        let mut known: HashSet<String> = of_year.map(|region| region.code.as_str().to_owned()).collect();
        let declared = &self.definitions.pipeline.regions;
        // Where a file of regions has a fault, nobody can say which years it holds.
        if known.is_empty() && self.regions_whole && !declared.from_sources && !regions.is_empty() {
            findings.push(
                Finding::error(
                    Duty::Definition,
                    "declare-region-year",
                    format!("[regions] has no list of the regions of {year}, the year of source `{}`", self.source.id.value),
                )
                .at(self.source.id.place.clone())
                .help("add a `[[regions.table]]` of that year, or `from-sources = true` to take the codes of the table as they are"),
            );
        }
        let listed = !known.is_empty();
        if let Some(recode) = recode {
            for (from, parts) in &recode.parts {
                // A code that is there no more, and one that is there with other borders, both go through the recode.
                known.insert(from.as_str().to_owned());
                for (to, _) in parts.iter().filter(|(to, _)| listed && !known.contains(to.as_str())) {
                    findings.push(
                        Finding::error(
                            Duty::Data,
                            "ingest-recode",
                            format!("the recode of {from} leads to {to}, which is no region of {year} in [regions]"),
                        )
                        .at(self.source.id.place.clone())
                        .help("correct the recode table, or the list of regions"),
                    );
                }
            }
        }
        let elsewhere = regions.iter().filter(|region| region.region_year != year);
        RegionCodes {
            // Set from the header of each file.
            column: Err((0, String::new())),
            alias: table.region_alias.iter().map(|(own, code)| (own.clone(), code.value.clone())).collect(),
            digits: table.region_digits,
            known: listed.then(|| Arc::new(known)),
            elsewhere: Arc::new(elsewhere.map(|region| region.code.as_str().to_owned()).collect()),
        }
    }

    /// Holds the table against the lists of codes beside it; gives the codes of provisional periods.
    fn code_lists(&self, table: &TableSource, wanted: &[Wanted<'_>], findings: &mut Findings) -> HashSet<String> {
        let lists = &table.code_lists;
        let path = |file: &Placed<String>| self.definitions.data_folder.join(&file.value);
        if let Some(file) = &lists.properties {
            match read_table_id(ListFile { path: &path(file), name: &file.value }) {
                Ok(id) if id == table.table_id => {}
                Ok(id) => findings.push(
                    Finding::error(
                        Duty::Data,
                        "ingest-other-table",
                        format!(
                            "{} is of table `{id}`, and source `{}` of `{}`",
                            file.value, self.source.id.value, table.table_id
                        ),
                    )
                    .at(file.place.clone())
                    .help("unpack each zip in a folder of its own: the observations may be of the other table too"),
                ),
                Err(wrong) => findings.extend(wrong),
            }
        }
        if let Some(file) = &lists.measures {
            match read_measures(ListFile { path: &path(file), name: &file.value }) {
                Ok(codes) => {
                    for own in wanted.iter().filter(|own| !codes.contains_key(own.column.value.trim())) {
                        findings.push(
                            Finding::error(
                                Duty::Data,
                                "ingest-moved-measure",
                                format!("{} has no measure `{}` ({})", file.value, own.column.value, own.who),
                            )
                            .at(own.column.place.clone())
                            .help("the table may have moved it: look the measure up by its title and check that it is the same"),
                        );
                    }
                }
                Err(wrong) => findings.extend(wrong),
            }
        }
        let periods =
            lists.periods.as_ref().map(|file| read_provisional(ListFile { path: &path(file), name: &file.value }));
        periods.map_or_else(HashSet::new, |read| {
            read.unwrap_or_else(|wrong| {
                findings.extend(wrong);
                HashSet::new()
            })
        })
    }
}
