//! Definitions + the header of a file → which columns are read and what their codes mean.

use std::collections::{BTreeSet, HashMap};

use crate::declare::{Definitions, RespondentSource, Source, WeightSet};
use crate::derive::{Deriver, UNKNOWN_CATEGORY};
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::{
    CodeTable, CodedColumn, DecimalMark, FileFormat, NumberColumn, RegionColumnPlan, RejectCode, WeightColumns,
};

/// The finding of a column whose name stands more than once in a header.
pub(super) fn repeated_column(name: &str, column: &str, count: usize) -> Finding {
    Finding::error(Duty::Data, "ingest-repeated-column", format!("column `{column}` stands {count} times in {name}"))
        .at_line(name, Some(1))
        .help("keep one of them, or give the others another name; case and blanks around a name do not tell two apart")
}

/// The finding of a column whose numbers show both decimal marks, without its next step.
pub(super) fn both_marks(name: &str, column: &str) -> Finding {
    Finding::error(
        Duty::Data,
        "ingest-decimal-mark",
        format!("column `{column}` of {name} shows both decimal commas and decimal points"),
    )
    .at_line(name, Some(1))
}

/// Columns of a source under way. Coded columns get their index in order of use, so it is the same for every file of a source.
pub(super) struct ColumnPlanner<'d> {
    pub(super) definitions: &'d Definitions,
    pub(super) source: &'d Source,
    pub(super) respondents: &'d RespondentSource,
    pub(super) format: &'d FileFormat,
    /// (column, codes, reject) in order of use.
    coded: Vec<(String, Vec<String>, RejectCode)>,
    pub(super) numbers: Vec<NumberColumn>,
    missing: Vec<(String, String)>,
    /// Parameters, as indexes into the definitions, that the files lack a column for.
    pub(super) absent: &'d BTreeSet<usize>,
    /// Columns that something asks for, in lowercase.
    asked: BTreeSet<String>,
    pub(super) findings: Findings,
}

impl<'d> ColumnPlanner<'d> {
    pub(super) fn new(
        definitions: &'d Definitions,
        source: &'d Source,
        respondents: &'d RespondentSource,
        format: &'d FileFormat,
        absent: &'d BTreeSet<usize>,
    ) -> Self {
        Self {
            definitions,
            source,
            respondents,
            format,
            coded: Vec::new(),
            numbers: Vec::new(),
            missing: Vec::new(),
            absent,
            asked: BTreeSet::new(),
            findings: Findings::default(),
        }
    }

    /// The field of a column, or a note that it is missing and who needs it.
    pub(super) fn field(&mut self, column: &str, who: &str) -> Option<usize> {
        let column = self.respondents.own_name(column);
        self.asked.insert(column.trim().to_lowercase());
        match self.format.field(column) {
            Ok(field) => Some(field),
            Err(0) => {
                self.missing.push((column.to_owned(), who.to_owned()));
                None
            }
            Err(count) => {
                let finding = repeated_column(&self.format.name, column, count);
                if !self.findings.list().contains(&finding) {
                    self.findings.push(finding);
                }
                None
            }
        }
    }

    /// The field of a column with its name as the file spells it.
    pub(super) fn named(&mut self, column: &str, who: &str) -> Option<(usize, String)> {
        let field = self.field(column, who)?;
        Some((field, self.format.header[field].clone()))
    }

    pub(super) fn mark(&mut self, field: usize, column: &str) -> DecimalMark {
        self.format.decimal_mark(field).unwrap_or_else(|| {
            self.findings.push(both_marks(&self.format.name, column).help(
                "pin it: [source.format] decimal = \"comma\" or \"point\"; numbers in the other mark are then rejects",
            ));
            DecimalMark::Point
        })
    }

    pub(super) fn code(&mut self, column: &str, codes: Vec<String>, undeclared: RejectCode, who: &str) -> usize {
        self.field(column, who);
        let wanted = (self.respondents.own_name(column).to_owned(), codes, undeclared);
        self.coded.iter().position(|known| *known == wanted).unwrap_or_else(|| {
            self.coded.push(wanted);
            self.coded.len() - 1
        })
    }

    /// What is derived from the source: dimensions and the measured parameters of the plan.
    ///
    /// `everywhere` says whether every file of the source has a column: what one file lacks cannot be compared in the others.
    pub(super) fn deriver(&mut self, parameters: &[usize], everywhere: &dyn Fn(&str) -> bool) -> Deriver {
        let mut deriver = Deriver::default();
        let definitions = self.definitions;
        for dimension in &definitions.pipeline.dimensions {
            let Some(column) = &dimension.column else { continue };
            let mut codes = Vec::new();
            let mut meaning = Vec::new();
            for (category, index) in dimension.categories.iter().zip(0_u8..) {
                codes.extend(category.codes.iter().map(|code| code.value.clone()));
                meaning.extend(category.codes.iter().map(|_| index));
            }
            codes.extend(dimension.unknown.iter().cloned());
            meaning.resize(codes.len(), UNKNOWN_CATEGORY);
            let who = format!("dimension `{}`", dimension.id.value);
            let column = self.code(&column.value, codes, RejectCode::UnknownCategory, &who);
            deriver.dimensions.push((column, meaning));
        }
        let mut scores = HashMap::new();
        for index in parameters {
            let plan = self.indicator(*index, &mut deriver.scores, &mut scores);
            deriver.indicators.push(plan);
        }
        for (at, index) in parameters.iter().enumerate() {
            deriver.checks.extend(self.ready_made(at, *index, everywhere));
        }
        deriver
    }

    pub(super) fn weights(&mut self, set: &WeightSet) -> Option<WeightColumns> {
        let who = format!("weight set `{}`", set.id.value);
        let weight = self.named(&set.weight.value, &who);
        let stratum = set.stratum.as_ref().map(|column| self.named(&column.value, &who));
        let cluster = set.cluster.as_ref().map(|column| self.named(&column.value, &who));
        let sizes =
            [&set.fpc, &set.cluster_fpc].map(|column| column.as_ref().map(|column| self.named(&column.value, &who)));
        let weight = weight?;
        let mark = self.mark(weight.0, &weight.1);
        let mut marked = Vec::with_capacity(2);
        for column in sizes {
            marked.push(match column {
                None => None,
                Some(column) => {
                    let (field, name) = column?;
                    let mark = self.mark(field, &name);
                    Some((field, name, mark))
                }
            });
        }
        let (cluster_population, population) = (marked.pop().flatten(), marked.pop().flatten());
        let flat = |column: Option<Option<(usize, String)>>| column.flatten();
        Some(WeightColumns {
            weight,
            mark,
            stratum: flat(stratum),
            cluster: flat(cluster),
            population,
            cluster_population,
        })
    }

    pub(super) fn regions(&mut self) -> Vec<RegionColumnPlan> {
        let columns = &self.respondents.region.columns;
        columns
            .iter()
            .filter_map(|column| {
                let (field, name) = self.named(&column.column.value, &format!("level `{}`", column.level))?;
                let numbers = self.definitions.ggd_regions.iter().filter(|_| column.monitor_number.is_some());
                let numbers = numbers.flat_map(|ggd| {
                    ggd.numbers.iter().map(|number| (number.value.to_string(), ggd.code.value.clone()))
                });
                let own = column.codes.iter().map(|(own, code)| (own.clone(), code.value.clone()));
                let codes = own.chain(numbers).collect();
                Some(RegionColumnPlan { level: column.level, field, column: name, codes })
            })
            .collect()
    }

    /// The coded and number columns, once everything has been asked for.
    pub(super) fn columns(&self) -> (Vec<CodedColumn>, Vec<NumberColumn>) {
        let coded = self
            .coded
            .iter()
            .filter_map(|(column, codes, undeclared)| {
                let field = self.format.field(column).ok()?;
                Some(CodedColumn {
                    field,
                    column: self.format.header[field].clone(),
                    codes: CodeTable::new(codes),
                    undeclared: *undeclared,
                })
            })
            .collect();
        (coded, self.numbers.clone())
    }

    /// Says every missing column once, with everybody who needs it.
    pub(super) fn finish(mut self) -> Findings {
        let mut missing: Vec<(String, Vec<String>)> = Vec::new();
        for (column, who) in std::mem::take(&mut self.missing) {
            match missing.iter_mut().find(|(known, _)| *known == column) {
                Some((_, whos)) if whos.contains(&who) => {}
                Some((_, whos)) => whos.push(who),
                None => missing.push((column, vec![who])),
            }
        }
        for (column, whos) in missing {
            // A column that has a meaning already is not a slip of this one: GGADB201 stands for no GGADB202.
            let free = self.format.header.iter().filter(|name| !self.asked.contains(&name.to_lowercase()));
            let header =
                free.map(|name| (strsim::damerau_levenshtein(&name.to_lowercase(), &column.to_lowercase()), name));
            let near =
                header.filter(|(distance, _)| *distance <= 2).min().map(|(_, name)| format!("did you mean `{name}`? "));
            let lack = if whos.iter().all(|who| who.starts_with("parameter")) {
                "or say that the source lacks it: not-measured = [\"…\"]"
            } else {
                "or correct the name in the pipeline"
            };
            self.findings.push(
                Finding::error(
                    Duty::Data,
                    "ingest-missing-column",
                    format!("{} has no column `{column}`, needed by {}", self.format.name, whos.join(", ")),
                )
                .at_line(self.format.name.as_str(), Some(1))
                .help(format!(
                    "{}hand in the file with the column, {lack} (source `{}`)",
                    near.unwrap_or_default(),
                    self.source.id.value
                )),
            );
        }
        self.findings
    }
}
