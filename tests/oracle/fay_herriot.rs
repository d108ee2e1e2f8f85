//! Fay-Herriot beside R: `tests/oracle/fay_herriot/make_fay_herriot.R` maximises the restricted likelihood with whole matrices.

use wijkpeil::stats::fay_herriot::{Direct, fay_herriot};

use super::small_area::{number, rows};

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
