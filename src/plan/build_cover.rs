//! What must hold between the regions that the sources of respondents cover.

use std::collections::BTreeSet;

use super::SourcePlan;
use crate::declare::{Definitions, RegionEntry, SourceKind};
use crate::finding::{Duty, Finding, Findings};

/// Two sources of respondents with one collection and period must not cover one region: its respondents would count twice.
pub(super) fn overlaps(definitions: &Definitions, plans: &[SourcePlan], findings: &mut Findings) {
    let sources = &definitions.pipeline.sources;
    let respondents: Vec<_> = sources
        .iter()
        .zip(plans)
        .filter_map(|(source, plan)| match (&source.kind, plan) {
            (SourceKind::Respondents(own), SourcePlan::Respondents { index, covers, .. }) => {
                Some((source, own, index, covers))
            }
            _ => None,
        })
        .collect();
    for (at, (one, own, index, covers)) in respondents.iter().enumerate() {
        for (other, others, _, other_covers) in &respondents[at + 1..] {
            let apart = !own.period.holds_any(others.period.years());
            let relabelled = own.period.periods().into_iter().any(|mine| {
                let theirs = others.period.periods();
                theirs.iter().any(|period| period.year == mine.year && period.label != mine.label)
            });
            if one.collection.value == other.collection.value && relabelled {
                findings.push(
                    Finding::error(
                        Duty::Definition,
                        "declare-period",
                        format!(
                            "sources `{}` and `{}` give one year of one collection two labels",
                            one.id.value, other.id.value
                        ),
                    )
                    .at(other.id.place.clone())
                    .help("write one `period-label`, or give the pooled years a collection of their own"),
                );
            }
            let meet = covers.iter().any(|a| other_covers.iter().any(|b| index.within(*a, *b) || index.within(*b, *a)));
            if one.collection.value == other.collection.value && one.region_year == other.region_year && !apart && meet
            {
                findings.push(
                    Finding::error(
                        Duty::Definition,
                        "declare-overlap",
                        format!(
                            "sources `{}` and `{}` cover the same region in one collection, and may hold the same period",
                            one.id.value, other.id.value
                        ),
                    )
                    .at(other.id.place.clone())
                    .help("give each its own `covers`, `collection`, `period` or `periods`; files of one survey belong to one source, as a list of `files`"),
                );
            }
        }
    }
}

/// A region that sources cover together is in the list, and every region that it consists of is covered; else its figures would be
/// missing without a word. Every region year of the respondents that has the region is looked at.
pub(super) fn covered_together(
    definitions: &Definitions,
    plans: &[SourcePlan],
    regions: &[RegionEntry],
    findings: &mut Findings,
) {
    let pipeline = &definitions.pipeline;
    let sources = || {
        pipeline.sources.iter().zip(plans).filter_map(|(source, plan)| match plan {
            SourcePlan::Respondents { index, covers, .. } => Some((source, index, covers)),
            SourcePlan::Table { .. } | SourcePlan::Synthetic { .. } => None,
        })
    };
    // A list that could not be read, and a region of `covers` that is not in it, have their own findings.
    if regions.is_empty() || sources().any(|(source, _, covers)| source.covers.len() != covers.len()) {
        return;
    }
    let years: BTreeSet<i32> = sources().map(|(source, ..)| source.region_year).collect();
    let mut fault = |place: &crate::finding::Place, code: &'static str, message: String, help: &str| {
        findings.push(Finding::error(Duty::Definition, code, message).at(place.clone()).help(help));
    };
    for together in &pipeline.covered_together {
        let code = &together.value;
        let listed: Vec<i32> = years
            .iter()
            .copied()
            .filter(|year| regions.iter().any(|region| region.region_year == *year && region.code == *code))
            .collect();
        if years.is_empty() {
            fault(
                &together.place,
                "declare-covered-together",
                format!("`{code}` is to be covered together, and there is no source of respondents"),
                "remove it from `covered-together`; published tables name their regions themselves",
            );
        } else if listed.is_empty() {
            let years: Vec<String> = years.iter().map(i32::to_string).collect();
            fault(
                &together.place,
                "declare-unknown-region",
                format!("`{code}` is no region of {} in the region list", years.join(" or ")),
                "correct the code, or add the region to the list",
            );
        }
        for year in listed {
            let children = || {
                regions
                    .iter()
                    .zip(0_u32..)
                    .filter(|(region, _)| region.region_year == year && region.parent.as_ref() == Some(code))
            };
            let open: Vec<&str> = children()
                .filter(|(child, position)| {
                    let own = sources().filter(|(source, ..)| source.region_year == year);
                    let covered =
                        own.into_iter().any(|(_, index, wide)| wide.iter().any(|wide| index.within(*position, *wide)));
                    !covered && pipeline.covered_together.iter().all(|other| other.value != child.code)
                })
                .map(|(child, _)| child.code.as_str())
                .collect();
            if children().next().is_none() {
                fault(
                    &together.place,
                    "declare-covered-together",
                    format!("`{code}` has no parts in the region list of {year}"),
                    "name it as `parent` of its parts in the list, or remove it from `covered-together`",
                );
            } else if let Some(first) = open.first() {
                let others = if open.len() > 1 { format!(" and {} other", open.len() - 1) } else { String::new() };
                fault(
                    &together.place,
                    "declare-covered-together",
                    format!("no source covers `{first}`{others} of {year}, which is part of `{code}`"),
                    "add its source, or remove the region from `covered-together`; its figures would not be of all of it",
                );
            }
        }
    }
}
