//! What `why` says beside the figure itself: figures made of it, and what it is compared with.

use std::fmt::Write as _;
use std::path::Path;

use super::{
    error::PublishError,
    why::{Cells, WhyQuery, batches, shown, value},
    words,
};
use crate::vocab::{Reference, Statistic};

/// A figure made of others, in a few lines, with the rules that it was made by.
pub(super) fn derived(figure: &Cells<'_>, rules: &[&str]) -> String {
    let mut text = String::new();
    let statistic = figure.text("statistic");
    let meaning = Statistic::parse(statistic).map_or("", |own| words::statistic(own).1);
    let reason = figure.text("reason");
    let reason = if reason.is_empty() { String::new() } else { format!(" ({reason})") };
    let source = figure.text("source");
    let number = match (statistic, figure.number("value")) {
        ("rank", Some(rank)) => {
            let limits = figure.number("lower").zip(figure.number("upper"));
            format!(
                "{rank:.0}{}",
                limits.map_or(String::new(), |(lower, upper)| format!(" (from {lower:.0} to {upper:.0})"))
            )
        }
        ("gap" | "sii", Some(difference)) => {
            let unit = figure.text("unit");
            let limits = figure.number("lower").zip(figure.number("upper"));
            let limits = limits.map(|(lower, upper)| format!(" ({} to {})", signed(lower, unit), signed(upper, unit)));
            format!("{}{}", signed(difference, unit), limits.unwrap_or_default())
        }
        _ => value(figure, figure.text("unit")),
    };
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{:<12}{statistic} of {}: {meaning}", "figure", figure.text("parameter"));
    let _ = writeln!(text, "{:<12}{number}", "value");
    let _ = writeln!(text, "{:<12}{}{reason}, {}, {source}", "decision", figure.text("status"), figure.text("method"));
    let opening = match statistic {
        "sii" | "rii" | "gap" | "ratio" => "inequality over ",
        "indirect_ratio" => "standardised over ",
        other => other,
    };
    for rule in rules.iter().filter(|rule| rule.starts_with(opening)) {
        let _ = writeln!(text, "{:<12}{rule}", "rule");
    }
    text
}

/// The comparisons of a figure, one line each.
pub(super) fn comparisons(release: &Path, figure: &Cells<'_>, query: &WhyQuery) -> Result<Vec<String>, PublishError> {
    let period = figure.text("period_label").replace('/', "-");
    let path = format!("comparisons/{}/{period}/{}.parquet", figure.text("collection"), figure.text("level"));
    let path = release.join(path);
    let mut lines = Vec::new();
    if figure.text("method") != "direct" || !path.exists() {
        return Ok(lines);
    }
    for batch in batches(&path)? {
        for row in 0..batch.num_rows() {
            let own = Cells { batch: &batch, row };
            let same = [
                ("parameter", &query.parameter),
                ("region", &query.region),
                ("dimension", &query.dimension),
                ("category", &query.category),
            ];
            if same.iter().all(|(column, wanted)| own.text(column) == wanted.as_str())
                && own.text("source") == figure.text("source")
            {
                lines.push(line(&own, figure.text("unit")));
            }
        }
    }
    Ok(lines)
}

fn line(own: &Cells<'_>, unit: &str) -> String {
    let reference = own.text("reference");
    let period = own.number("reference_period").map(|year| format!("{year:.0}"));
    let with: Vec<String> = [own.text("reference_region"), own.text("reference_category")]
        .into_iter()
        .filter(|text| !text.is_empty())
        .map(str::to_owned)
        .chain(period)
        .collect();
    let with = if with.is_empty() { String::new() } else { format!(" {}", with.join(" ")) };
    if own.text("status") != "ok" {
        return format!("{reference}{with}: {} ({})", own.text("status"), own.text("reason"));
    }
    let difference = own.number("difference").map(|difference| format!(" {}", signed(difference, unit)));
    let limits = own.number("lower").zip(own.number("upper"));
    let limits = limits.map(|(lower, upper)| format!(" ({} to {})", signed(lower, unit), signed(upper, unit)));
    let p = own.number("p_adjusted").map(|p| {
        let p = if p < 0.001 { "< 0.001".to_owned() } else { format!("{p:.3}") };
        format!(", {} p {p}, adjusted by {}", own.text("test"), own.text("adjustment"))
    });
    let verdict = match (own.text("verdict"), own.text("favourable")) {
        ("", _) => String::new(),
        (verdict, "") => format!(": {verdict}"),
        (verdict, favourable) => format!(": {verdict} ({favourable})"),
    };
    let meaning = match Reference::parse(reference) {
        Some(Reference::AllSiblings) => " (its regions against each other)",
        _ => "",
    };
    format!(
        "{reference}{with}{meaning}{}{}{}{verdict}",
        difference.unwrap_or_default(),
        limits.unwrap_or_default(),
        p.unwrap_or_default()
    )
}

/// A difference with its sign; of shares in percentage points.
fn signed(difference: f64, unit: &str) -> String {
    let sign = if difference < 0.0 { "-" } else { "+" };
    match unit {
        "share" => format!("{sign}{:.1} points", difference.abs() * 100.0),
        _ => format!("{sign}{}", shown(difference.abs(), unit)),
    }
}
