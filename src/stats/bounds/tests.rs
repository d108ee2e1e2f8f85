use super::*;

/// A table of rows × columns with its margins; cells that are `None` are unknown.
fn table(cells: &[Vec<Option<i64>>], rows: &[i64], columns: &[i64]) -> (System, Vec<Vec<u32>>) {
    let mut system = System::default();
    let counts: Vec<Vec<u32>> = cells
        .iter()
        .map(|row| {
            row.iter().map(|own| system.count(own.map_or(Range::any(), |own| Range::exactly(own as f64)))).collect()
        })
        .collect();
    for (own, total) in counts.iter().zip(rows) {
        system.equation(own.iter().map(|count| (*count, 1.0)), *total as f64);
    }
    for (at, total) in columns.iter().enumerate() {
        system.equation(counts.iter().map(|row| (row[at], 1.0)), *total as f64);
    }
    system.index();
    (system, counts)
}

/// Every table of whole numbers with these margins, by brute force: least and most of each cell.
fn enumerated(cells: &[Vec<Option<i64>>], rows: &[i64], columns: &[i64]) -> Vec<Vec<(i64, i64)>> {
    fn fill(
        at: usize,
        own: &mut [i64],
        cells: &[Option<i64>],
        rows: &[i64],
        columns: &[i64],
        found: &mut [(i64, i64)],
    ) {
        let width = columns.len();
        if at == cells.len() {
            let column = |at: usize| own.iter().skip(at).step_by(width).sum::<i64>();
            let row = |at: usize| own[at * width..(at + 1) * width].iter().sum::<i64>();
            let fits = (0..rows.len()).all(|at| row(at) == rows[at]) && (0..width).all(|at| column(at) == columns[at]);
            if fits {
                for (range, own) in found.iter_mut().zip(own.iter()) {
                    *range = (range.0.min(*own), range.1.max(*own));
                }
            }
            return;
        }
        let most = rows[at / width].min(columns[at % width]);
        let (first, last) = cells[at].map_or((0, most), |own| (own, own));
        for value in first..=last {
            own[at] = value;
            fill(at + 1, own, cells, rows, columns, found);
        }
    }
    let flat: Vec<Option<i64>> = cells.iter().flatten().copied().collect();
    let mut found = vec![(i64::MAX, i64::MIN); flat.len()];
    fill(0, &mut vec![0; flat.len()], &flat, rows, columns, &mut found);
    found.chunks(columns.len()).map(<[(i64, i64)]>::to_vec).collect()
}

/// The next number of a small generator (xorshift of Marsaglia), so that the tables are the same every time.
fn next(seed: &mut u64, below: u64) -> i64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    (*seed % below) as i64
}

/// In a table with two margins the linear program has whole corners, so its bounds are those of whole numbers.
#[test]
fn bounds_of_small_tables_are_those_of_enumeration() {
    let mut seed = 0x2545_F491_4F6C_DD1D;
    for trial in 0..80 {
        let (height, width) = (2 + trial % 2, 2 + trial % 3 / 2);
        let truth: Vec<Vec<i64>> = (0..height).map(|_| (0..width).map(|_| next(&mut seed, 5)).collect()).collect();
        let cells: Vec<Vec<Option<i64>>> =
            truth.iter().map(|row| row.iter().map(|own| (next(&mut seed, 4) == 0).then_some(*own)).collect()).collect();
        let rows: Vec<i64> = truth.iter().map(|row| row.iter().sum()).collect();
        let columns: Vec<i64> = (0..width).map(|at| truth.iter().map(|row| row[at]).sum()).collect();
        let exact = enumerated(&cells, &rows, &columns);
        let (mut system, counts) = table(&cells, &rows, &columns);
        propagate(&mut system).unwrap();
        let (fixed, point) = (determined(&system), Point::find(&system));
        for (row, own) in counts.iter().enumerate() {
            for (column, count) in own.iter().enumerate() {
                let (least, most) = exact[row][column];
                let range = system.ranges[*count as usize];
                assert!(range.lower <= least as f64 + 1e-6 && range.upper >= most as f64 - 1e-6, "{trial}: too narrow");
                // Held against every width: a verdict is right on both sides of the true one.
                let width = (most - least) as f64;
                for (need, safe) in [(width, true), (width + 0.5, false)] {
                    if need == 0.0 {
                        continue;
                    }
                    let proven = prove(&system, &point, &[(*count, need)])[0];
                    assert_eq!(
                        proven.is_safe(),
                        safe,
                        "{trial} {cells:?} {truth:?} ({row}, {column}) {need} {proven:?}"
                    );
                    if proven.proof == Proof::Program {
                        assert!((proven.range.width() - width).abs() < 1e-6, "{trial}: not the exact width");
                    }
                }
                if fixed.contains(count) {
                    assert_eq!(least, most, "{trial}: what elimination fixes has one value");
                }
            }
        }
    }
}

/// A region of 100 with three parts of which one is shown: 60 are left for two. One withheld part alone would be 60 exactly.
#[test]
fn a_single_unknown_follows_and_a_pair_hides_each_other() {
    let region = |hidden: usize| {
        let mut system = System::default();
        let parts: Vec<u32> = (0..3)
            .map(|at| system.count(if at < hidden { Range::any() } else { Range::exactly([25.0, 35.0, 40.0][at]) }))
            .collect();
        system.equation(parts.iter().map(|part| (*part, 1.0)), 100.0);
        system.index();
        propagate(&mut system).unwrap();
        (prove(&system, &Point::find(&system), &[(parts[0], 25.0)])[0], determined(&system))
    };
    let (alone, _) = region(1);
    assert_eq!((alone.range, alone.proof), (Range::exactly(25.0), Proof::Equations));
    let (pair, fixed) = region(2);
    assert!(pair.is_safe() && fixed.is_empty(), "{pair:?}");
    assert_eq!(pair.range, Range { lower: 0.0, upper: 60.0 });
}

/// Four unknowns in a square hide each other; a fifth in a row with two of them does not open the square, and elimination sees a sum of
/// equations that no single one shows: a + b = 10, c + d = 9, a + c = 8, so that b − c = 2 and b + d = 11; with e = a + d known, all follow.
#[test]
fn elimination_finds_what_single_equations_do_not() {
    let mut system = System::default();
    let [a, b, c, d] = [0; 4].map(|_| system.count(Range { lower: 0.0, upper: 100.0 }));
    for (terms, right) in [([a, b], 10.0), ([c, d], 9.0), ([a, c], 8.0)] {
        system.equation(terms.map(|own| (own, 1.0)), right);
    }
    system.index();
    assert!(determined(&system).is_empty());
    let equation = system.equation([(a, 1.0), (d, 1.0)], 7.0);
    assert_eq!(equation, 3);
    system.index();
    // a + c = 8, c + d = 9, a + d = 7: a = 3, c = 5, d = 4, b = 7.
    assert_eq!(determined(&system), [a, b, c, d]);
    propagate(&mut system).unwrap();
    let proven = prove(&system, &Point::find(&system), &[(a, 1.0), (b, 1.0)]);
    for (proven, truth) in proven.iter().zip([3.0, 7.0]) {
        assert!(!proven.is_safe(), "{proven:?}");
        assert!((proven.range.lower - truth).abs() < 0.01 && (proven.range.upper - truth).abs() < 0.01, "{proven:?}");
    }
}

#[test]
fn sums_that_cannot_hold_are_a_contradiction() {
    let mut system = System::default();
    let parts = [30.0, 40.0].map(|own| system.count(Range::exactly(own)));
    system.equation(parts.map(|own| (own, 1.0)), 100.0);
    system.index();
    assert_eq!(propagate(&mut system), Err(Contradiction { equation: 0 }));
}

/// Maximise x + … by hand: x ≤ 4 by its box, x + y = 5, y − z = 1 with z from 0 to 2: y from 1 to 3, x from 2 to 4.
#[test]
fn the_simplex_method_by_hand() {
    let boxes = vec![
        Range { lower: 0.0, upper: 4.0 },
        Range { lower: 0.0, upper: f64::INFINITY },
        Range { lower: 0.0, upper: 2.0 },
    ];
    let rows = vec![(vec![(0, 1.0), (1, 1.0)], 5.0), (vec![(1, 1.0), (2, -1.0)], 1.0)];
    let mut program = Program::new(boxes.clone(), &rows).unwrap();
    assert_eq!(program.range(0).unwrap().0, Range { lower: 2.0, upper: 4.0 });
    assert_eq!(program.range(1).unwrap().0, Range { lower: 1.0, upper: 3.0 });
    let impossible = vec![(vec![(0, 1.0)], 5.0)];
    assert_eq!(Program::new(boxes, &impossible).unwrap_err(), ProgramError::Infeasible);
}
