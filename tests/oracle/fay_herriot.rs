//! Fay-Herriot beside R: `tests/oracle/fay_herriot/make_fay_herriot.R` maximises the restricted likelihood with whole matrices, and the package sae fits its milk data.

use std::collections::BTreeMap;

use wijkpeil::stats::fay_herriot::{Direct, fay_herriot};

use super::small_area::{number, rows};
use crate::support::{Csv, shared};

#[test]
fn estimates_and_errors_equal_those_of_whole_matrices() {
    let areas = rows("fay_herriot/areas.csv");
    let direct: Vec<Option<Direct>> = areas
        .iter()
        .map(|row| row["value"].parse().ok().map(|value| Direct { value, variance: number(row, "variance") }))
        .collect();
    let facts: Vec<f64> = areas.iter().flat_map(|row| [1.0, number(row, "z1"), number(row, "z2")]).collect();
    let fitted = fay_herriot(&direct, &facts).expect("a fit");
    let near = |own: f64, expected: f64, what: &str| assert!((own - expected).abs() < 1e-9, "{what}: {own} {expected}");
    let parameters = rows("fay_herriot/expected_parameters.csv");
    let own = [fitted.variance].into_iter().chain(fitted.beta.clone()).chain(fitted.beta_se.clone());
    own.zip(&parameters).for_each(|(own, row)| near(own, number(row, "value"), &row["parameter"]));
    assert_eq!(parameters.len(), 7);
    assert_eq!(direct.iter().flatten().count(), 35);
    for (row, own) in rows("fay_herriot/expected_areas.csv").iter().zip(&fitted.areas) {
        near(own.value, number(row, "estimate"), &row["area"]);
        near(own.mse, number(row, "mse"), &row["area"]);
    }
    assert!(!fitted.adjusted);
}

/// A file of the reference material, each row by the names of its columns.
fn milk(name: &str) -> Option<Vec<BTreeMap<String, String>>> {
    let file = Csv::read(&shared(&format!("oracle/fay_herriot/{name}"))?, ',');
    Some(file.rows.iter().map(|row| file.header.iter().cloned().zip(row.iter().cloned()).collect()).collect())
}

/// The milk data of R package sae 1.3 (Arora and Lahiri 1997; You and Chapman 2006), REML with precision 1e-13.
#[test]
fn the_milk_data_come_out_as_in_sae() {
    let (Some(areas), Some(expected), Some(parameters)) =
        (milk("milk.csv"), milk("expected_areas.csv"), milk("expected_parameters.csv"))
    else {
        return;
    };
    let square = |value: f64| value * value;
    let direct: Vec<Option<Direct>> = areas
        .iter()
        .map(|row| Some(Direct { value: number(row, "yi"), variance: square(number(row, "SD")) }))
        .collect();
    let of_major = |row: &BTreeMap<String, String>| {
        let own = row["MajorArea"].clone();
        ["2", "3", "4"].map(|major| f64::from(u8::from(own == major)))
    };
    let facts: Vec<f64> = areas.iter().flat_map(|row| std::iter::once(1.0).chain(of_major(row))).collect();
    let fitted = fay_herriot(&direct, &facts).expect("a fit");
    let near = |own: f64, row: &BTreeMap<String, String>, column: &str| {
        let wanted = number(row, column);
        assert!((own - wanted).abs() < 1e-7 * wanted.abs().min(1.0), "{row:?}: {own}");
    };
    let reml = |rows: Vec<BTreeMap<String, String>>| -> Vec<BTreeMap<String, String>> {
        rows.into_iter().filter(|row| row["method"] == "REML").collect()
    };
    let parameters = reml(parameters);
    let of = |start: &str| parameters.iter().filter(|row| row["parameter"].starts_with(start)).collect::<Vec<_>>();
    let (beta, se) = (of("beta:"), of("se:"));
    assert_eq!((beta.len(), se.len()), (4, 4));
    fitted.beta.iter().zip(beta).for_each(|(own, row)| near(*own, row, "value"));
    fitted.beta_se.iter().zip(se).for_each(|(own, row)| near(*own, row, "value"));
    let variance: Vec<_> = parameters.iter().filter(|row| row["parameter"] == "refvar").collect();
    near(fitted.variance, variance[0], "value");
    let expected = reml(expected);
    assert_eq!(expected.len(), 43);
    for (own, row) in fitted.areas.iter().zip(&expected) {
        near(own.value, row, "estimate");
        near(own.mse, row, "mse");
    }
    assert!(!fitted.adjusted);
}
