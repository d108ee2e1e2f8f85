//! The gates of a pipeline: what must hold before a release is published.
//!
//! Each gate gives rows of what was measured and asked. No count below the floor is in them: a number that is small is left out, and the verdict
//! remains.

use std::path::Path;

use super::{BesidePublished, Plan, Reading, SourcePlan};
use crate::declare::GateRules;
use crate::finding::{Duty, Finding, Findings};
use crate::ingest::modified;
use crate::publish::{CheckRow, PublishError, current_release, diff, shown};
use crate::vocab::Unit;

/// Seconds of a day.
const DAY: i64 = 24 * 3600;
/// How many of the changed figures are named.
const NAMED: usize = 20;

/// Gates of a run, which are asked one after another.
pub(super) struct Gates<'g> {
    plan: &'g Plan,
    rules: &'g GateRules,
    /// What was measured so far.
    pub(super) rows: Vec<CheckRow>,
}

impl<'g> Gates<'g> {
    /// The gates of a plan; `None` where it declares none.
    pub(super) fn of(plan: &'g Plan) -> Option<Self> {
        let rules = plan.definitions.pipeline.gate.as_ref()?;
        Some(Self { plan, rules, rows: Vec::new() })
    }

    fn add(&mut self, check: &str, subject: &str, measured: Option<f64>, limit: Option<f64>, passed: bool) {
        self.rows.push(CheckRow {
            check: check.to_owned(),
            subject: subject.to_owned(),
            measured,
            limit,
            verdict: if passed { "ok" } else { "failed" }.to_owned(),
        });
    }

    /// How old the newest file of each source is. Also asked where nothing changed: that is what it is for.
    pub(super) fn freshness(&mut self, now: i64) {
        let Some(limit) = self.rules.maximum_input_age_days else { return };
        for (index, source) in self.plan.definitions.pipeline.sources.iter().enumerate() {
            let own = self.plan.inputs.iter().filter(|input| input.source == Some(index) && input.known.is_none());
            let Some(newest) = own.filter_map(|input| modified(&input.path)).max() else { continue };
            let days = (now - newest) / DAY;
            self.add("maximum-input-age-days", &source.id.value, Some(days as f64), Some(limit as f64), days <= limit);
        }
    }

    /// How many respondents each source has, and how many answers are unknown.
    pub(super) fn answers(&mut self, reading: &Reading) {
        for (index, source) in self.plan.definitions.pipeline.sources.iter().enumerate() {
            if !matches!(self.plan.sources[index], SourcePlan::Respondents { .. }) {
                continue;
            }
            let pipeline = &self.plan.definitions.pipeline;
            let floor = pipeline.floor.of(&source.collection.value).map_or(0, |floor| floor.minimum_n);
            let safe = |count: u64| count == 0 || count >= floor;
            let found = &reading.found[index];
            let used = found.rows - found.rejects.rows;
            if let Some(minimum) = self.rules.minimum_respondents {
                let told = (safe(used) && safe(found.rejects.rows)).then_some(used as f64);
                self.add("minimum-respondents", &source.id.value, told, Some(minimum as f64), used >= minimum);
            }
            let Some(maximum) = self.rules.maximum_unknown else { continue };
            for (indicator, own) in found.answered.iter().enumerate() {
                let asked = own.known + own.unknown;
                if asked == 0 {
                    continue;
                }
                let share = own.unknown as f64 / asked as f64;
                let told = (safe(own.known) && safe(own.unknown)).then_some(share);
                let parameter = &self.plan.catalogue.parameters[self.plan.measured[indicator]].id;
                let subject = format!("{} of {}", parameter, source.id.value);
                self.add("maximum-unknown", &subject, told, Some(maximum), share <= maximum);
            }
        }
    }

    /// How far modelled shares lie from published ones. With nothing to hold against each other the gate is not passed.
    pub(super) fn published(&mut self, found: &[BesidePublished]) {
        let Some(limit) = self.rules.maximum_published_difference else { return };
        let check = "maximum-published-difference";
        let mut shares = found.iter().filter(|own| own.unit == Unit::Share).peekable();
        if shares.peek().is_none() {
            self.add(check, "every modelled share", None, Some(limit), false);
        }
        for own in shares {
            let measured = own.agreement.root_mean_square;
            self.add(check, &own.subject(), Some(measured), Some(limit), measured <= limit);
        }
    }

    /// What the release that stands aside shows, and how it differs from the one that is current.
    pub(super) fn figures(&mut self, staged: &Path, out: &Path) -> Result<(), PublishError> {
        let rules = self.rules;
        if !rules.expected_regions.is_empty() || !rules.required_parameters.is_empty() {
            let shown = shown(staged)?;
            for region in &rules.expected_regions {
                self.add("expected-regions", &region.value, None, None, shown.regions.contains(&region.value));
            }
            for parameter in &rules.required_parameters {
                let there = shown.parameters.contains(&parameter.value);
                self.add("required-parameters", &parameter.value, None, None, there);
            }
        }
        if rules.maximum_change.is_none() && rules.maximum_relative_change.is_none() {
            return Ok(());
        }
        let Some(current) = current_release(out)? else { return Ok(()) };
        let found = diff(&current, staged)?;
        let mut left = 0;
        for (check, limit, shares) in [
            ("maximum-change", rules.maximum_change, true),
            ("maximum-relative-change", rules.maximum_relative_change, false),
        ] {
            let Some(limit) = limit else { continue };
            let mut named = 0;
            for row in &found.rows {
                let Some([was, now]) = row.values.filter(|_| (row.unit == "share") == shares) else { continue };
                let change = if shares { (now - was).abs() } else { (now - was).abs() / was.abs() };
                // From 0 every change is endless; NaN is no change from 0.
                if change.is_nan() || change <= limit {
                    continue;
                }
                named += 1;
                if named <= NAMED {
                    self.add(check, &row.key, Some(change), Some(limit), false);
                } else {
                    left += 1;
                }
            }
            if named == 0 {
                self.add(check, "every published figure", None, Some(limit), true);
            }
        }
        if left > 0 {
            self.add("maximum-change", &format!("and {left} more figures"), None, None, false);
        }
        Ok(())
    }

    /// Nothing where every gate was passed, or what failed where.
    pub(super) fn verdict(&self) -> Result<(), Findings> {
        let mut findings = Findings::default();
        for row in self.rows.iter().filter(|row| row.verdict != "ok") {
            let number = |number: f64| format!("{}", (number * 1e6).round() / 1e6);
            let asked = row.limit.map_or(String::new(), |limit| format!(", the limit is {}", number(limit)));
            let found = row.measured.map_or(String::new(), |measured| format!(": {}", number(measured)));
            findings.push(
                Finding::error(Duty::Gate, "gate-failed", format!("{} of {}{found}{asked}", row.check, row.subject))
                    .at(self.rules.place.clone())
                    .help(help(&row.check)),
            );
        }
        findings.ok_or_stop().map(|_| ())
    }
}

/// What to do about a gate that failed.
fn help(check: &str) -> &'static str {
    match check {
        "minimum-respondents" => "look whether the file is whole; if it is, lower the minimum",
        "maximum-unknown" => "look whether the codes of the question changed; if not, raise the maximum",
        "expected-regions" => "look whether the region is in the file and passes the floor, or expect it no longer",
        "required-parameters" => {
            "look whether the question is in the file and passes the floor, or require it no longer"
        }
        "maximum-published-difference" => {
            "look at the card of the parameter; if the two methods may differ so far, or no figure has a published one beside it, raise the maximum or leave it out"
        }
        "maximum-input-age-days" => "look whether the delivery of the file stopped, or raise the maximum",
        _ => "look at the file and the weights; if the change is real, raise the maximum for one night",
    }
}
