//! Definitions + the header of a file → which columns are read and what their codes mean.

use std::collections::{BTreeSet, HashMap};

use crate::declare::{Definitions, Measure, NotApplicableIs, RespondentSource, Source, WeightSet};
use crate::derive::{Deriver, IndicatorPlan, ScoreKernel, ScorePlan, UNKNOWN_CATEGORY, answer};
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
    definitions: &'d Definitions,
    source: &'d Source,
    respondents: &'d RespondentSource,
    format: &'d FileFormat,
    /// (column, codes, reject) in order of use.
    coded: Vec<(String, Vec<String>, RejectCode)>,
    numbers: Vec<NumberColumn>,
    missing: Vec<(String, String)>,
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
    ) -> Self {
        Self {
            definitions,
            source,
            respondents,
            format,
            coded: Vec::new(),
            numbers: Vec::new(),
            missing: Vec::new(),
            asked: BTreeSet::new(),
            findings: Findings::default(),
        }
    }

    /// The field of a column, or a note that it is missing and who needs it.
    pub(super) fn field(&mut self, column: &str, who: &str) -> Option<usize> {
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

    fn mark(&mut self, field: usize, column: &str) -> DecimalMark {
        self.format.decimal_mark(field).unwrap_or_else(|| {
            self.findings.push(both_marks(&self.format.name, column).help(
                "pin it: [source.format] decimal = \"comma\" or \"point\"; numbers in the other mark are then rejects",
            ));
            DecimalMark::Point
        })
    }

    fn code(&mut self, column: &str, codes: Vec<String>, undeclared: RejectCode, who: &str) -> usize {
        self.field(column, who);
        let wanted = (column.to_owned(), codes, undeclared);
        self.coded.iter().position(|known| *known == wanted).unwrap_or_else(|| {
            self.coded.push(wanted);
            self.coded.len() - 1
        })
    }

    /// What is derived from the source: dimensions and the measured parameters of the plan.
    pub(super) fn deriver(&mut self, parameters: &[usize]) -> Deriver {
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
        let mut scores: HashMap<(usize, usize), usize> = HashMap::new();
        for index in parameters {
            let plan = self.indicator(*index, &mut deriver.scores, &mut scores);
            deriver.indicators.push(plan);
        }
        deriver
    }

    fn indicator(
        &mut self,
        index: usize,
        score_plans: &mut Vec<ScorePlan>,
        scores: &mut HashMap<(usize, usize), usize>,
    ) -> IndicatorPlan {
        let definitions = self.definitions;
        let parameter = &definitions.parameters[index];
        if self.respondents.not_measured.iter().any(|name| name.value == parameter.id.value) {
            return IndicatorPlan::NotMeasured;
        }
        let who = format!("parameter `{}`", parameter.id.value);
        match &parameter.measure {
            Measure::Published { .. } | Measure::Register { .. } | Measure::Synthetic(_) => IndicatorPlan::NotMeasured,
            Measure::Codes { column, yes, no, unknown, not_applicable, not_applicable_is } => {
                let nvt = match not_applicable_is {
                    NotApplicableIs::No => answer::NO,
                    NotApplicableIs::Excluded => answer::NOT_APPLICABLE,
                };
                let groups = [(yes, answer::YES), (no, answer::NO), (unknown, answer::UNKNOWN), (not_applicable, nvt)];
                let codes = groups.iter().flat_map(|(codes, _)| codes.iter().cloned()).collect();
                let answers = groups.iter().flat_map(|(codes, answer)| codes.iter().map(|_| *answer)).collect();
                IndicatorPlan::Codes { column: self.code(&column.value, codes, RejectCode::UnknownCode, &who), answers }
            }
            Measure::Number { column, minimum, maximum, unknown } => {
                let Some((field, name)) = self.named(&column.value, &who) else { return IndicatorPlan::NotMeasured };
                let mark = self.mark(field, &name);
                self.numbers.push(NumberColumn {
                    field,
                    column: name,
                    mark,
                    minimum: *minimum,
                    maximum: *maximum,
                    unknown: unknown.clone(),
                });
                IndicatorPlan::Number { column: self.numbers.len() - 1 }
            }
            Measure::Rule { instrument, rule: part } | Measure::Score { instrument, score: part } => {
                let Some(at) = definitions.instruments.iter().position(|i| i.id.value == instrument.value) else {
                    return IndicatorPlan::NotMeasured;
                };
                let found = &definitions.instruments[at];
                let is_rule = matches!(parameter.measure, Measure::Rule { .. });
                let rule = found.rules.iter().find(|rule| is_rule && rule.id.value == part.value);
                let score = match rule {
                    Some(rule) => Some(rule.score),
                    None => found.scores.iter().position(|score| score.id.value == part.value),
                };
                let Some(score) = score else { return IndicatorPlan::NotMeasured };
                // Parameters share scores; a missing column names all of them.
                for item in &found.scores[score].items {
                    self.field(&found.items[*item].column.value, &who);
                }
                let plan = *scores.entry((at, score)).or_insert_with(|| {
                    score_plans.push(self.score(at, score, &who));
                    score_plans.len() - 1
                });
                match rule {
                    Some(rule) => IndicatorPlan::Rule { score: plan, rule: rule.clone() },
                    None => IndicatorPlan::Score { score: plan },
                }
            }
        }
    }

    fn score(&mut self, instrument: usize, score: usize, who: &str) -> ScorePlan {
        let definitions = self.definitions;
        let instrument = &definitions.instruments[instrument];
        let score = &instrument.scores[score];
        let items = score
            .items
            .iter()
            .map(|item| {
                let item = &instrument.items[*item];
                let recode = &instrument.recodes[item.recode];
                let mut codes: Vec<String> = recode.codes.iter().map(|(code, _)| code.clone()).collect();
                let points = recode.codes.iter().map(|(_, points)| *points).collect();
                codes.extend(recode.unknown.iter().chain(&recode.not_applicable).cloned());
                (self.code(&item.column.value, codes, RejectCode::UnknownCode, who), points)
            })
            .collect();
        ScorePlan::new(items, ScoreKernel::new(score))
    }

    pub(super) fn weights(&mut self, set: &WeightSet) -> Option<WeightColumns> {
        let who = format!("weight set `{}`", set.id.value);
        let weight = self.named(&set.weight.value, &who);
        let stratum = set.stratum.as_ref().map(|column| self.named(&column.value, &who));
        let cluster = set.cluster.as_ref().map(|column| self.named(&column.value, &who));
        let population = set.fpc.as_ref().map(|column| self.named(&column.value, &who));
        let weight = weight?;
        let mark = self.mark(weight.0, &weight.1);
        let population = match population {
            None => None,
            Some(column) => {
                let (field, name) = column?;
                let mark = self.mark(field, &name);
                Some((field, name, mark))
            }
        };
        let flat = |column: Option<Option<(usize, String)>>| column.flatten();
        Some(WeightColumns { weight, mark, stratum: flat(stratum), cluster: flat(cluster), population })
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
