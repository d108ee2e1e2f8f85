//! Quantile groups and indices of inequality beside PHEindicatormethods 2.1.1 (`../shared/oracle/phe`).

use std::collections::BTreeMap;
use std::path::Path;

use wijkpeil::stats::Limits;
use wijkpeil::stats::inequality::{GroupFigure, IndexMethod, InequalityIndex, ValueKind, inequality_index};
use wijkpeil::stats::quantile_group::groups_equal;

type Row = BTreeMap<String, String>;

/// The rows of a file, by column name.
fn table(name: &str) -> Option<Vec<Row>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/oracle/phe").join(name);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("SKIPPED: {name} lies in ../shared/oracle/phe, which is absent");
        return None;
    };
    let mut lines = text.lines();
    let header = cells(lines.next().unwrap());
    Some(lines.map(|line| header.iter().cloned().zip(cells(line)).collect()).collect())
}

/// The cells of a line; a comma between quotes divides nothing.
fn cells(line: &str) -> Vec<String> {
    let mut quoted = false;
    line.split(|c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
    .map(|cell| cell.trim_matches('"').to_owned())
    .collect()
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column}: {row:?}"))
}

#[test]
fn quantile_groups_are_those_of_phe_quantile() {
    let (Some(areas), Some(expected)) = (table("quantile_in.csv"), table("expected_quantile.csv")) else { return };
    let mut calls: Vec<&str> = expected.iter().map(|row| row["call"].as_str()).collect();
    calls.dedup();
    let mut without = 0;
    for call in &calls {
        // "within (IndSexRef,ParentCode), 10 quantiles, invert=Polarity field"
        let rows: Vec<&Row> = expected.iter().filter(|row| row["call"] == *call).collect();
        assert_eq!(rows.len(), areas.len());
        let (before, invert) = call.split_once(" quantiles, invert=").unwrap();
        let (within, k) = before.rsplit_once(' ').unwrap();
        let mut groupings: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for (at, (area, row)) in areas.iter().zip(&rows).enumerate() {
            for key in ["IndSexRef", "ParentCode", "AreaCode"] {
                assert_eq!(area[key], row[key], "{call}, row {at}");
            }
            let parent = if within.contains("ParentCode") { area["ParentCode"].as_str() } else { "" };
            groupings.entry((&area["IndSexRef"], parent)).or_default().push(at);
        }
        let mut found: Vec<Option<u32>> = vec![None; areas.len()];
        for members in groupings.into_values() {
            // The package ranks the areas that have a value and leaves the others without a group.
            let members: Vec<usize> = members.into_iter().filter(|at| !areas[*at]["Value"].is_empty()).collect();
            let values: Vec<f64> = members.iter().map(|at| number(&areas[*at], "Value")).collect();
            let invert = match invert {
                "Polarity field" => areas[members[0]]["Polarity"] == "TRUE",
                fixed => fixed == "TRUE",
            };
            let Some(groups) = groups_equal(&values, k.parse().unwrap(), invert) else { continue };
            for (at, group) in members.iter().zip(groups) {
                found[*at] = Some(group);
            }
        }
        for (row, found) in rows.iter().zip(found) {
            let wanted =
                Some(row["quantile"].as_str()).filter(|cell| !cell.is_empty()).map(|cell| cell.parse().unwrap());
            without += usize::from(wanted.is_none());
            assert_eq!(found, wanted, "{call} {row:?}");
        }
    }
    assert_eq!((calls.len(), expected.len(), without), (3, 1017, 30));
}

/// The index of one case and area, and what the package found.
fn indices() -> Option<Vec<(String, InequalityIndex, Row)>> {
    let (groups, expected) = (table("sii_in.csv")?, table("expected_sii.csv")?);
    let mut found = Vec::new();
    for wanted in expected {
        let rows: Vec<&Row> =
            groups.iter().filter(|row| row["case"] == wanted["case"] && row["Area"] == wanted["Area"]).collect();
        let kind = match rows[0]["value_type"].as_str() {
            "0" => ValueKind::Mean,
            "1" => ValueKind::Rate,
            _ => ValueKind::Proportion,
        };
        let figure = |(at, row): (usize, &&Row)| {
            assert_eq!(row["Quantile"], (at + 1).to_string());
            let limits = Limits { lower: number(row, "LowerCL"), upper: number(row, "UpperCL") };
            let error = kind.error_of_limits(limits, 0.95).unwrap();
            GroupFigure { population: number(row, "Population"), value: number(row, "Value"), error }
        };
        let figures: Vec<GroupFigure> = rows.iter().enumerate().map(figure).collect();
        let method = IndexMethod {
            kind,
            transform: rows[0]["transform"] == "TRUE",
            multiplier: number(rows[0], "multiplier"),
            confidence: number(rows[0], "confidence"),
        };
        let name = format!("{} {}", wanted["case"], wanted["Area"]);
        found.push((name, inequality_index(&figures, method).unwrap(), wanted));
    }
    assert_eq!(found.len(), 14);
    Some(found)
}

#[test]
fn slope_and_relative_index_are_those_of_phe_sii() {
    let Some(indices) = indices() else { return };
    for (name, found, wanted) in indices {
        for (column, value) in [("sii", found.sii), ("rii", found.rii.unwrap()), ("intercept", found.intercept)] {
            let wanted = number(&wanted, column);
            assert!((value - wanted).abs() <= 1e-9 * wanted.abs(), "{name} {column}: {value} {wanted}");
        }
    }
}

/// The package takes the 5,000th and the 195,000th of 200,000 sorted draws. Such an order statistic has standard deviation
/// √(p(1 − p)/N)/f; for p = 0.025, a near-normal index and f = 0.05845 per standard deviation of the index that is 0.00597 of it, or
/// 0.00152 of the width of the interval, 3.92 of them. If ours are the true limits, 48 of theirs stay within 4 of these with probability
/// 0.997, and the root mean square of all is near 1; with fewer than 48 independent numbers 1.3 leaves room for it.
const NOISE: f64 = 0.00152;

/// Distances of the package's limits to ours, in simulation errors, with their names.
fn distances(name: &str, index: &str, limits: Limits, wanted: &Row) -> [(String, f64); 2] {
    let width = limits.upper - limits.lower;
    [("lower", limits.lower), ("upper", limits.upper)].map(|(end, value)| {
        let theirs = number(wanted, &format!("{index}_{end}95_0cl"));
        (format!("{name} {index} {end}: {value} {theirs}"), (theirs - value) / (NOISE * width))
    })
}

/// Whether these are the limits of a transformed SII, which have a test of their own.
fn transformed(name: &str) -> bool {
    name.starts_with("S4") || name.starts_with("S5")
}

#[test]
fn limits_are_those_that_phe_sii_simulates() {
    let Some(indices) = indices() else { return };
    let mut squares = Vec::new();
    for (name, found, wanted) in indices {
        let mut checked = distances(&name, "rii", found.rii_limits.unwrap(), &wanted).to_vec();
        if !transformed(&name) {
            checked.extend(distances(&name, "sii", found.sii_limits.unwrap(), &wanted));
        }
        for (what, distance) in checked {
            assert!(distance.abs() < 4.0, "{what}, {distance} simulation errors");
            squares.push(distance * distance);
        }
    }
    let rms = (squares.iter().sum::<f64>() / squares.len() as f64).sqrt();
    assert!(squares.len() == 48 && rms < 1.3, "{} limits, {rms} simulation errors", squares.len());
}

/// A difference of method. For transformed rates the package draws the slope alone: the line turns about its estimate at b = ½, so that
/// the limits of the SII are f(½)·(√RII − 1/√RII) at the limits of the RII, and neither the error of f(½) nor its covariance with the
/// slope counts. Ours are the quantiles of exp(f(1)) − exp(f(0)) under the stated errors of all groups, which R's `integrate` gives as
/// well (make_inequality.R, S4). In these cases the package's are wider, by 2 and 3 % in area1 and by 7 % in area2.
///
/// The test holds ours to the integration, and the package's to its own rule with our limits of the RII, within its simulation error.
#[test]
fn limits_of_a_transformed_sii_know_the_error_of_the_height_and_those_of_phe_sii_do_not() {
    let Some(indices) = indices() else { return };
    let by_integration = [("area1", (-3.47323042923, -2.84292235999)), ("area2", (-2.41462428901, -2.17614571760))];
    let mut seen = 0;
    for (name, found, wanted) in indices.into_iter().filter(|(name, ..)| transformed(name)) {
        let limits = found.sii_limits.unwrap();
        let (_, (lower, upper)) = by_integration.into_iter().find(|(area, _)| name.ends_with(area)).unwrap();
        let (lower, upper) = if name.starts_with("S5") { (-upper, -lower) } else { (lower, upper) };
        assert!((limits.lower - lower).abs() < 1e-9 && (limits.upper - upper).abs() < 1e-9, "{name}: {limits:?}");
        let turned = |rii: f64| rii.sqrt() - 1.0 / rii.sqrt();
        let (middle, rii) = (found.sii / turned(found.rii.unwrap()), found.rii_limits.unwrap());
        let about_the_middle = Limits { lower: middle * turned(rii.lower), upper: middle * turned(rii.upper) };
        for (what, distance) in distances(&name, "sii", about_the_middle, &wanted) {
            assert!(distance.abs() < 4.0, "{what}, {distance} simulation errors");
        }
        let theirs = number(&wanted, "sii_upper95_0cl") - number(&wanted, "sii_lower95_0cl");
        let wider = theirs / (upper - lower);
        let range = if name.ends_with("area1") { 1.015..1.035 } else { 1.065..1.080 };
        assert!(range.contains(&wider), "{name}: {wider} times as wide");
        seen += 1;
    }
    assert_eq!(seen, 4);
}
