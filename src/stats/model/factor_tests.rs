//! The factored system beside a dense twin: every coefficient and effect in one matrix.

use super::dense::DenseCholesky;
use super::design::Design;
use super::factor::Factor;
use super::fit::{fit, settle};
use super::graph::Graph;
use super::poststratify::{Persons, Population, groups, shares};
use super::problem::{Cell, FIXED, Precision, Problem, State};
use super::product;

/// Seven areas in a ring with a chord, two facts, four rows of three columns; an area without answers.
fn problem(with_map: bool) -> Problem {
    let values = vec![1.0, 0.0, -0.5, 1.0, 0.0, 0.5, 1.0, 1.0, -0.5, 1.0, 1.0, 0.5];
    let design = Design { width: 3, values, blocks: std::iter::once(2..3).collect() };
    let facts: Vec<f64> = (0..14).map(|at| f64::from((at * 5) % 7) / 3.0 - 1.0).collect();
    let graph = Graph::new(7, &[(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 0), (1, 5)]);
    let cells: Vec<Cell> = (0..28)
        .filter(|at| at / 4 != 4)
        .map(|at| Cell { area: at / 4, row: at % 4, n: f64::from(3 + at % 5), yes: f64::from((at * at) % 4) })
        .collect();
    let mut problem = Problem::new(design, 7, &facts, with_map.then_some(&graph), &cells).expect("connected");
    // With the tiny precision of the constant the dense twin itself has only six digits.
    problem.spatial.iter_mut().for_each(|spatial| spatial.constant = 0.3);
    problem
}

fn precision(problem: &Problem) -> Precision {
    let spatial = problem.spatial.as_ref().map(|_| 1.7);
    Precision { blocks: vec![0.8], covariates: 2.5, iid: 3.1, spatial }
}

/// Row of all coefficients: columns, facts, independent and spatial effects.
fn full_row(problem: &Problem, area: usize, columns: &[f64], times: f64) -> Vec<f64> {
    let mut row = columns.to_vec();
    row.extend(problem.facts_of(area).iter().map(|fact| times * fact));
    for _ in 0..if problem.spatial.is_some() { 2 } else { 1 } {
        row.extend((0..problem.areas).map(|other| if other == area { times } else { 0.0 }));
    }
    row
}

/// H + S in full.
fn full(problem: &Problem, precision: &Precision, state: &State) -> Vec<f64> {
    let (rows, areas) = problem.predictors(state);
    let dense = problem.dense();
    let size = dense + problem.areas * if problem.spatial.is_some() { 2 } else { 1 };
    let mut matrix = vec![0.0; size * size];
    for cell in &problem.cells {
        let area = cell.area as usize;
        let p = super::expit(rows[cell.row as usize] + areas[area]);
        let row = full_row(problem, area, problem.design.row(cell.row as usize), 1.0);
        for i in 0..size {
            for j in 0..size {
                matrix[i * size + j] += cell.n * p * (1.0 - p) * row[i] * row[j];
            }
        }
    }
    for i in 0..dense {
        matrix[i * size + i] += FIXED;
    }
    matrix[2 * size + 2] += precision.blocks[0];
    for i in problem.design.width..dense {
        matrix[i * size + i] += precision.covariates;
    }
    for area in 0..problem.areas {
        let (i, s) = (dense + area, dense + problem.areas + area);
        matrix[i * size + i] += precision.iid;
        if let (Some(spatial), Some(own)) = (&problem.spatial, precision.spatial) {
            let neighbours = spatial.graph.neighbours(area);
            let diagonal = spatial.scale * neighbours.len() as f64 + spatial.constant;
            matrix[s * size + s] += own * diagonal;
            for other in neighbours {
                matrix[s * size + dense + problem.areas + *other as usize] -= own * spatial.scale;
            }
        }
    }
    matrix
}

#[test]
fn determinant_solution_and_variances_equal_the_dense_twin() {
    for with_map in [true, false] {
        let problem = problem(with_map);
        let precision = precision(&problem);
        let mut state = problem.null();
        state.iid.iter_mut().zip(0..).for_each(|(value, at)| *value = f64::from(at) / 10.0 - 0.3);
        let factor = Factor::new(&problem, &precision, &problem.derivatives(&state)).expect("positive");
        let matrix = full(&problem, &precision, &state);
        let size = (matrix.len() as f64).sqrt() as usize;
        let twin = DenseCholesky::new(&matrix, size).expect("positive");
        assert!((factor.log_det() - twin.log_det()).abs() < 1e-10);

        let right: Vec<f64> = (0..size).map(|at| (at as f64 * 0.7).sin()).collect();
        let (dense, areas) = (problem.dense(), problem.areas);
        let spatial = if with_map { right[dense + areas..].to_vec() } else { vec![0.0; areas] };
        let mut own = State { beta: right[..dense].to_vec(), iid: right[dense..dense + areas].to_vec(), spatial };
        factor.solve(&mut own);
        let mut whole = right;
        twin.solve(&mut whole);
        let found = own.beta.iter().chain(&own.iid).chain(&own.spatial);
        found.zip(&whole).for_each(|(own, twin)| assert!((own - twin).abs() < 1e-10));

        let inverse = twin.inverse();
        let selected = factor.selected();
        let of = |a: usize, b: usize| inverse[a * size + b];
        for area in 0..areas {
            let gradient: Vec<f64> = (0..dense).map(|at| (at + area) as f64 / 9.0 - 0.2).collect();
            let mut row = gradient.clone();
            row.extend(full_row(&problem, area, &[], 0.6).split_off(problem.facts));
            let twin: f64 = (0..size).map(|i| row[i] * product(&row, &inverse[i * size..(i + 1) * size])).sum();
            assert!((selected.variance(area, &gradient, 0.6) - twin).abs() < 1e-11);
            assert!((selected.iid[area] - of(dense + area, dense + area)).abs() < 1e-11);
            let s = dense + areas + area;
            if with_map {
                assert!((selected.spatial[area] - of(s, s)).abs() < 1e-9);
                assert!((selected.cross[area] - of(s, dense + area)).abs() < 1e-9);
            }
        }
        if let Some(spatial) = &problem.spatial {
            for (a, b) in spatial.graph.edges() {
                let twin = of(dense + areas + a, dense + areas + b);
                assert!((factor.spatial_pair(&selected, a, b) - twin).abs() < 1e-9);
            }
        }
    }
}

#[test]
fn a_group_of_areas_has_the_variance_of_its_sum() {
    let problem = problem(true);
    let precision = precision(&problem);
    let mut state = problem.null();
    settle(&problem, &precision, &mut state, 1e-9).expect("settles");
    let factor = Factor::new(&problem, &precision, &problem.derivatives(&state)).expect("positive");
    let persons: Vec<Persons> =
        (0..28).map(|at| Persons { area: at / 4, row: at % 4, persons: f64::from(10 + at) }).collect();
    let population = Population::new(&problem, &persons);
    let shares = shares(&problem, &population, &state);
    let members = [1, 3, 6];
    let both = groups(&population, &factor, &shares, &[members.to_vec(), vec![2]]);
    let own = both[0].as_ref().expect("population");
    let total: f64 = members.iter().map(|area| population.totals[*area]).sum();
    let matrix = full(&problem, &precision, &state);
    let size = (matrix.len() as f64).sqrt() as usize;
    let inverse = DenseCholesky::new(&matrix, size).expect("positive").inverse();
    let row = |area: usize| {
        let share = shares[area].as_ref().expect("population");
        let mut row = share.gradient.clone();
        row.extend(full_row(&problem, area, &[], share.slope).split_off(problem.facts));
        row
    };
    let mut sum = vec![0.0; size];
    for area in members {
        let part = population.totals[area] / total;
        sum.iter_mut().zip(row(area)).for_each(|(sum, value)| *sum += part * value);
    }
    let times: Vec<f64> = inverse.chunks_exact(size).map(|line| product(line, &sum)).collect();
    assert!((own.variance - product(&sum, &times)).abs() < 1e-12);
    for (with, area) in own.with_members.iter().zip(members) {
        assert!((with - product(&row(area), &times)).abs() < 1e-12);
    }
    // One area alone is itself.
    let alone = both[1].as_ref().expect("population");
    let share = shares[2].as_ref().expect("population");
    assert!((alone.value - share.value).abs() < 1e-15);
    assert!((alone.variance - factor.selected().variance(2, &share.gradient, share.slope)).abs() < 1e-12);
}

#[test]
fn derivatives_of_a_share_are_those_of_small_steps() {
    let problem = problem(true);
    let mut state = problem.null();
    state.iid[2] = 0.4;
    let persons: Vec<Persons> =
        (0..28).map(|at| Persons { area: at / 4, row: at % 4, persons: f64::from(10 + at) }).collect();
    let population = Population::new(&problem, &persons);
    let value = |state: &State| shares(&problem, &population, state)[2].clone().expect("population");
    let step = 1e-5;
    for column in 0..problem.dense() {
        let mut up = state.clone();
        let mut down = state.clone();
        up.beta[column] += step;
        down.beta[column] -= step;
        let slope = (value(&up).value - value(&down).value) / (2.0 * step);
        assert!((value(&state).gradient[column] - slope).abs() < 1e-9);
    }
    let mut up = state.clone();
    up.spatial[2] += step;
    let slope = (value(&up).value - value(&state).value) / step;
    assert!((value(&state).slope - slope).abs() < 1e-5);
}

#[test]
fn the_mode_has_no_slope_and_the_variances_stand_still() {
    let problem = problem(true);
    let fitted = fit(&problem).expect("a fit");
    // The penalised log-likelihood falls from the mode in every direction that is tried.
    let height = |state: &State| problem.log_likelihood(state) - problem.penalty(&fitted.precision, state);
    let top = height(&fitted.state);
    for column in 0..problem.dense() {
        for step in [-1e-3, 1e-3] {
            let mut other = fitted.state.clone();
            other.beta[column] += step;
            assert!(height(&other) < top);
        }
    }
    // Fellner-Schall stands still where λ θ'θ = rank − λ tr V: the effective number of coefficients.
    let beta = fitted.factor.selected().beta;
    let lambda = fitted.precision.covariates;
    let size = problem.dense();
    let columns = problem.design.width..size;
    let trace: f64 = columns.clone().map(|column| beta[column * size + column]).sum();
    let square: f64 = columns.map(|column| fitted.state.beta[column].powi(2)).sum();
    let degrees = 2.0 - lambda * trace;
    assert!((lambda * square - degrees).abs() < 2e-3, "{lambda} {square} {degrees}");
}

#[test]
fn answers_on_one_side_alone_have_no_fit() {
    let mut problem = problem(true);
    let cells: Vec<Cell> = (0..7).map(|area| Cell { area, row: 0, n: 4.0, yes: 0.0 }).collect();
    problem.replace_cells(&cells);
    assert_eq!(fit(&problem).err(), Some(super::fit::FitFault::OneSided));
}

#[test]
fn cells_that_come_twice_are_added() {
    let mut twice = problem(true);
    let cell = Cell { area: 3, row: 1, n: 2.0, yes: 1.0 };
    twice.replace_cells(&[cell, Cell { area: 0, row: 0, n: 1.0, yes: 0.0 }, cell]);
    assert_eq!(twice.cells.len(), 2);
    let place = twice.place[3] as usize;
    assert_eq!(twice.cells_of(place), [Cell { area: place as u32, row: 1, n: 4.0, yes: 2.0 }]);
}

#[test]
fn draws_have_the_variances_of_the_inverse() {
    // e'L⁻¹…: the matrix of a draw is found by drawing the unit vectors; its product with itself is (H + S)⁻¹.
    let problem = problem(true);
    let precision = precision(&problem);
    let state = problem.null();
    let factor = Factor::new(&problem, &precision, &problem.derivatives(&state)).expect("positive");
    let matrix = full(&problem, &precision, &state);
    let size = (matrix.len() as f64).sqrt() as usize;
    let inverse = DenseCholesky::new(&matrix, size).expect("positive").inverse();
    let (dense, areas) = (problem.dense(), problem.areas);
    let mut product = vec![0.0; size * size];
    for at in 0..size {
        let mut unit = vec![0.0; size];
        unit[at] = 1.0;
        let mut draw = State {
            beta: unit[..dense].to_vec(),
            iid: unit[dense..dense + areas].to_vec(),
            spatial: unit[dense + areas..].to_vec(),
        };
        factor.draw(&mut draw);
        let all: Vec<f64> = draw.beta.into_iter().chain(draw.iid).chain(draw.spatial).collect();
        for i in 0..size {
            (0..size).for_each(|j| product[i * size + j] += all[i] * all[j]);
        }
    }
    product.iter().zip(&inverse).for_each(|(own, twin)| assert!((own - twin).abs() < 1e-11));
}
