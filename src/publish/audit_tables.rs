//! The other tables of a release: what the dashboard, the targets and the quality tables say of withheld figures.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde_json::Value;

use super::{
    audit_read::Published,
    error::PublishError,
    folder,
    why::{Cells, batches},
};
use crate::disclose::audit::{AuditCheck, AuditPolicy, SeenStatus};

/// Totals that are withheld: the parameters by collection, year, region and region year.
type Totals = HashMap<(String, String, String, i32), HashSet<String>>;

/// Tables that repeat figures, and tables that count.
pub(super) fn tables(
    release: &Path,
    published: &Published,
    manifest: &Value,
    policy: &AuditPolicy,
) -> Result<[AuditCheck; 3], PublishError> {
    let withheld = totals(published);
    let files = folder::files_under(release)?;
    let mut dashboard = AuditCheck::new("dashboard");
    for (name, path) in
        files.iter().filter(|(name, _)| name.starts_with("dashboard/") && name.ends_with("_direct.parquet"))
    {
        for batch in batches(path)? {
            let names: Vec<String> = batch.schema().fields().iter().map(|field| field.name().clone()).collect();
            let parameters: Vec<&str> = names.iter().filter_map(|own| own.strip_suffix("_status")).collect();
            for row in 0..batch.num_rows() {
                let cells = Cells { batch: &batch, row };
                let of_place = withheld.get(&place(&cells));
                for parameter in &parameters {
                    dashboard.try_one();
                    if of_place.is_none_or(|own| !own.contains(*parameter)) {
                        continue;
                    }
                    let suffixes = ["", "_lower", "_upper"];
                    let number = suffixes.iter().any(|own| cells.number(&format!("{parameter}{own}")).is_some());
                    if number || !cells.text(&format!("{parameter}_verdict")).is_empty() {
                        dashboard.break_by(|| {
                            format!("{name}: {parameter} of {} is withheld and stands there", cells.text("region"))
                        });
                    }
                }
            }
        }
    }
    let mut targets = AuditCheck::new("targets");
    if let Some(path) = files.get("targets.parquet") {
        for batch in batches(path)? {
            for row in 0..batch.num_rows() {
                let cells = Cells { batch: &batch, row };
                let parameter = cells.text("parameter");
                targets.try_one();
                if cells.text("method") == "direct"
                    && withheld.get(&place(&cells)).is_some_and(|own| own.contains(parameter))
                    && (["value", "difference"].iter().any(|own| cells.number(own).is_some())
                        || cells.is_there("reached"))
                {
                    targets
                        .break_by(|| format!("{parameter} of {} is withheld and stands there", cells.text("region")));
                }
            }
        }
    }
    Ok([dashboard, targets, counts(release, manifest, policy)?])
}

fn place(cells: &Cells<'_>) -> (String, String, String, i32) {
    let period = cells.number("period").map_or(String::new(), |year| format!("{year:.0}"));
    let year = cells.number("region_year").unwrap_or_default() as i32;
    (cells.text("collection").to_owned(), period, cells.text("region").to_owned(), year)
}

fn totals(published: &Published) -> Totals {
    let (mut withheld, mut shown) = (Totals::new(), Totals::new());
    let nodes = &published.geography.nodes;
    let is_total: Vec<bool> = nodes.iter().map(|own| own.dimension == "total").collect();
    for (group, year) in published.groups.iter().zip(&published.years) {
        for figure in group.figures.iter().filter(|own| is_total[own.node as usize]) {
            let region = &published.geography.regions[figure.region as usize];
            let place = (group.key.collection.clone(), year.clone(), region.code.clone(), region.year);
            let set = if matches!(figure.status, SeenStatus::Withheld(_)) { &mut withheld } else { &mut shown };
            set.entry(place).or_default().insert(group.key.parameter.clone());
        }
    }
    // One place of the wide table may stand for the figure of another source or variant that is shown.
    withheld.retain(|place, parameters| {
        parameters.retain(|parameter| shown.get(place).is_none_or(|own| !own.contains(parameter)));
        !parameters.is_empty()
    });
    withheld
}

/// Counts of the quality tables and of the manifest: none below the floor, no row numbers in a public release.
fn counts(release: &Path, manifest: &Value, policy: &AuditPolicy) -> Result<AuditCheck, PublishError> {
    let mut check = AuditCheck::new("counts");
    let floor = policy.floors.iter().map(|floor| floor.minimum_n).reduce(f64::min).unwrap_or(10.0);
    let checks = release.join("quality/checks.parquet");
    if checks.is_file() {
        for batch in batches(&checks)? {
            for row in 0..batch.num_rows() {
                let cells = Cells { batch: &batch, row };
                let name = cells.text("check");
                check.try_one();
                let small = cells.number("measured").is_some_and(|count| count > 0.0 && count < floor);
                if name.starts_with("answers_") && small {
                    check.break_by(|| format!("quality/checks: {name} of {} is a small count", cells.text("subject")));
                }
            }
        }
    }
    let rejects = release.join("quality/rejects.parquet");
    if policy.public && rejects.is_file() {
        for batch in batches(&rejects)? {
            for row in 0..batch.num_rows() {
                check.try_one();
                if (Cells { batch: &batch, row }).number("row").is_some() {
                    check.break_by(|| "quality/rejects: a public release has row numbers".to_owned());
                }
            }
        }
    }
    // The manifest counts rows of tables, never of respondents.
    for key in ["rows", "respondents", "counts", "withheld"] {
        if manifest.get(key).is_some() {
            check.note(|| format!("manifest.json: key `{key}` is not looked into"));
        }
    }
    Ok(check)
}
