//! A source with a table per region + the headers of its files → how it is read.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::SourcePlan;
use super::build_regions::Recode;
use super::build_source::SourceBuilder;
use super::columns::{both_marks, repeated_column};
use crate::declare::{
    Denominator, MeasureKey, PeriodFrom, Placed, RegionEntry, RegionFrom, SyntheticSource, TableContent, TableSource,
};
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{
    CategoryKey, CodesPlan, FileFormat, ListFile, MeasurePlan, PublishedPlan, RegionCodes, detect, read_measures,
    read_provisional, read_table_id, recognise,
};
use crate::vocab::{Shape, Unit};

/// A column of numbers that is wanted.
struct Wanted<'t> {
    column: &'t Placed<String>,
    /// What needs it, for messages.
    who: String,
    per_cent: bool,
    multiply: f64,
    category: Option<CategoryKey>,
}

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
                let column = |column, who: &str| Wanted {
                    column,
                    who: who.to_owned(),
                    per_cent: false,
                    multiply: 1.0,
                    category: None,
                };
                let mut wanted = vec![column(&register.count, "the counts")];
                if let Some(Denominator::Column(denominator)) = &register.denominator {
                    wanted.push(column(denominator, "the denominator"));
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

/// The header of one file while its columns are looked up.
struct HeaderPlanner<'h> {
    format: &'h FileFormat,
    findings: &'h mut Findings,
}

impl HeaderPlanner<'_> {
    /// The field of a column; `None` where it is not there once, which is said.
    fn field(&mut self, column: &str, what: &str) -> Option<usize> {
        let format = self.format;
        let count = match format.field(column) {
            Ok(field) => return Some(field),
            Err(count) => count,
        };
        if count > 0 {
            self.findings.push(repeated_column(&format.name, column, count));
            return None;
        }
        let near = format.header.iter().map(|name| (strsim::damerau_levenshtein(name, column), name)).min();
        let near = near.filter(|(distance, _)| *distance <= column.len() / 2);
        self.findings.push(
            Finding::error(
                Duty::Data,
                "ingest-missing-column",
                format!("{} has no column `{column}` ({what})", format.name),
            )
            .at_line(format.name.as_str(), Some(1))
            .help(match near {
                Some((_, near)) => {
                    format!("the table may have moved it; nearest is `{near}`: check that it is the same measure")
                }
                None => "check the table id and the columns of the file".to_owned(),
            }),
        );
        None
    }

    /// How the file is read; `None` where a column is missing. Every missing column is said.
    fn plan(mut self, table: &TableSource, wanted: &[Wanted<'_>], mut region: RegionCodes) -> Option<PublishedPlan> {
        let format = self.format;
        let register = table.register().is_some();
        let pinned = table.shape.as_ref().map(|pinned| pinned.value);
        let shape = pinned.unwrap_or_else(|| if register { Shape::Plain } else { recognise(format) });
        let column = match &table.region {
            RegionFrom::Fixed(code) => Some(Ok(code.value.clone())),
            RegionFrom::Column(column) => {
                self.field(&column.value, "the region").map(|at| Err((at, column.value.clone())))
            }
        };
        let long = (shape == Shape::ODataV4).then(|| self.field("Measure", "the measure"));
        let period = match &table.period {
            PeriodFrom::Fixed(period) => Some(Ok(period.clone())),
            PeriodFrom::Column(column) => {
                self.field(&column.value, "the period").map(|at| Err((at, column.value.clone())))
            }
        };
        let margins = table.margins.as_ref().map(|margins| {
            let codes = [(Some(&margins.value), 0), (margins.lower.as_ref(), 1), (margins.upper.as_ref(), 2)];
            Some(CodesPlan {
                field: self.field(&margins.column.value, "the margins")?,
                column: margins.column.value.clone(),
                codes: codes.into_iter().filter_map(|(code, margin)| Some((code?.clone(), margin))).collect(),
                others_left_out: false,
            })
        });
        let mut breakdowns = Vec::with_capacity(table.breakdowns.len());
        for breakdown in &table.breakdowns {
            let field = self.field(&breakdown.column.value, "a breakdown");
            breakdowns.push(field.map(|field| CodesPlan {
                field,
                column: breakdown.column.value.clone(),
                codes: breakdown.codes.iter().map(|(code, of)| (code.clone(), of.value.clone())).collect(),
                others_left_out: breakdown.others_left_out,
            }));
        }
        let measures = self.measures(wanted, shape);
        region.column = column?;
        Some(PublishedPlan {
            format: format.clone(),
            shape,
            region,
            period: period?,
            provisional: HashSet::new(),
            margins: match margins {
                Some(margins) => Some(margins?),
                None => None,
            },
            breakdowns: breakdowns.into_iter().collect::<Option<_>>()?,
            dimensions: Vec::new(),
            measures: measures?,
            long: match long {
                Some(field) => Some(field?),
                None => None,
            },
            levels: Vec::new(),
        })
    }

    fn measures(&mut self, wanted: &[Wanted<'_>], shape: Shape) -> Option<Vec<MeasurePlan>> {
        let mut mixed = BTreeSet::new();
        let mut measures = Vec::with_capacity(wanted.len());
        for own in wanted {
            let column = if shape == Shape::ODataV4 { "Value" } else { own.column.value.as_str() };
            let Some(field) = self.field(column, &own.who) else {
                measures.push(None);
                continue;
            };
            let mark = self.format.decimal_mark(field);
            if mark.is_none() {
                mixed.insert(column.to_owned());
            }
            measures.push(mark.map(|mark| MeasurePlan {
                field,
                key: own.column.value.clone(),
                mark,
                per_cent: own.per_cent,
                multiply: own.multiply,
                category: own.category.clone(),
            }));
        }
        for column in mixed {
            self.findings.push(both_marks(&self.format.name, &column).help(
                "one of the two is a slip or a mark of thousands, and nobody can say which: download the table again, or pin [source.format] decimal",
            ));
        }
        measures.into_iter().collect()
    }
}
