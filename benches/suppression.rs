//! What complementary suppression costs beside the primary minimum and beside optimal suppressions, and how long it takes.
//!
//! `cargo bench --bench suppression` prints a table. Loss is counted in cells and in the respondents behind them:
//!
//! - the 30 tables of `tests/oracle/tau_argus`, which tau-ARGUS suppressed optimally;
//! - the example of Fischetti and Salazar, *Management Science* 47 (2001), 1008-1027, figure 1: investments by activity and region, where
//!   one cell (22) is confidential. The optimum is found here by trying every pattern;
//! - a country of 345 gemeenten and 3,400 wijken with sex, two ages of which one refines the other, education and sex by age, at four prevalences. Nobody can
//!   solve that exactly; beside it stands the primary minimum only.

#![expect(clippy::print_stdout, reason = "a bench prints its table")]

use std::collections::BTreeMap;
use std::time::Instant;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use wijkpeil::declare::{Floor, Protection};
use wijkpeil::disclose::protect::{Breakdown, Node, Place, Protected, System, SystemCell, protect};

const FLOOR: Floor =
    Floor { minimum_n: 50, minimum_answer: 5, minimum_complement: 5, group_disclosure: 100, minimum_population: 0 };
const PROTECTION: Protection =
    Protection { n: 25, answer: 5, largest_part: 0.8, guards_unplaced: false, guards_empty: false };

/// Cells and the respondents in them.
#[derive(Clone, Copy, Default)]
struct Loss {
    cells: u64,
    people: u64,
}

impl Loss {
    fn add(&mut self, people: u32) {
        self.cells += 1;
        self.people += u64::from(people);
    }

    fn of(system: &System, counts: impl Fn(&SystemCell) -> bool) -> Self {
        let mut loss = Self::default();
        system.cells().iter().filter(|cell| cell.there && counts(cell)).for_each(|cell| loss.add(cell.n()));
        loss
    }
}

fn main() {
    println!("{:<44} {:>16} {:>18} {:>18} {:>6} {:>8}", "", "primary", "complementary", "optimum", "bare", "time");
    tau_argus();
    fischetti_and_salazar();
    for per_mille in [400, 150, 50, 15] {
        country(per_mille);
    }
}

fn line(name: &str, primary: Loss, ours: Loss, optimum: Option<Loss>, bare: usize, seconds: f64) {
    let loss = |own: Loss| format!("{} ({})", own.cells, own.people);
    let optimum = optimum.map_or("-".to_owned(), loss);
    println!(
        "{name:<44} {:>16} {:>18} {optimum:>18} {bare:>6} {:>6.0} ms",
        loss(primary),
        loss(ours),
        1000.0 * seconds
    );
}

/// A two-way table: regions under a total, one breakdown.
fn two_way(counts: &[Vec<u32>], few: impl Fn(usize, usize) -> bool) -> System {
    let (rows, columns) = (counts.len(), counts[0].len());
    let places = (0..rows).map(|at| Place { parent: (at > 0).then_some(0), level: usize::from(at > 0) });
    let nodes = (0..columns).map(|at| Node { values: vec![(at > 0).then(|| 1 << at)] });
    let breakdowns = [Breakdown { nodes: vec![0] }, Breakdown { nodes: (1..columns).collect() }];
    let cells = (0..rows * columns).map(|at| {
        let mut cell = SystemCell::new([counts[at / columns][at % columns], 0]);
        cell.few = few(at / columns, at % columns);
        cell
    });
    System::new(places.collect(), nodes.collect(), &breakdowns, cells.collect(), false)
}

fn tau_argus() {
    let text = std::fs::read_to_string("tests/oracle/tau_argus/expected.csv").expect("run it in the repository");
    let mut tables: BTreeMap<u32, Vec<[&str; 4]>> = BTreeMap::new();
    for row in text.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let table = cells[0].parse().expect("a number");
        tables.entry(table).or_default().push([cells[1], cells[2], cells[3], cells[4]]);
    }
    let floor = Floor { minimum_answer: 0, minimum_complement: 0, group_disclosure: 0, ..FLOOR };
    let protection = Protection { answer: 0, largest_part: 0.999, guards_empty: true, ..PROTECTION };
    let (mut primary, mut ours, mut theirs, mut bare) = (Loss::default(), Loss::default(), Loss::default(), 0);
    let mut seconds = 0.0;
    for rows in tables.values() {
        let wijken: Vec<&str> = rows.iter().filter(|row| row[1] == "Total").map(|row| row[0]).collect();
        let ages: Vec<&str> = rows.iter().filter(|row| row[0] == "Total").map(|row| row[1]).collect();
        let n = |wijk: &&str, age: &&str| {
            let own = rows.iter().find(|row| (&row[0], &row[1]) == (wijk, age));
            own.and_then(|row| row[2].parse().ok()).expect("a count")
        };
        let counts: Vec<Vec<u32>> = wijken.iter().map(|wijk| ages.iter().map(|age| n(wijk, age)).collect()).collect();
        let mut system = two_way(&counts, |row, column| u64::from(counts[row][column]) < floor.minimum_n);
        let begun = Instant::now();
        bare += protect(&mut system, floor, protection).bare;
        seconds += begun.elapsed().as_secs_f64();
        for (loss, own) in [
            (&mut primary, Loss::of(&system, |cell| cell.few)),
            (&mut ours, Loss::of(&system, SystemCell::is_complementary)),
        ] {
            loss.cells += own.cells;
            loss.people += own.people;
        }
        for row in rows.iter().filter(|row| row[3] == "secondary") {
            theirs.add(row[2].parse().expect("a count"));
        }
    }
    line("30 tables beside tau-ARGUS OPT", primary, ours, Some(theirs), bare, seconds);
}

/// Investments by activity (rows) and region, with totals; activity II in region C is confidential.
const INVESTMENTS: [[u32; 4]; 4] = [[190, 45, 101, 44], [80, 20, 50, 10], [49, 8, 19, 22], [61, 17, 32, 12]];

fn fischetti_and_salazar() {
    let counts: Vec<Vec<u32>> = INVESTMENTS.iter().map(|row| row.to_vec()).collect();
    let floor =
        Floor { minimum_n: 1, minimum_answer: 0, minimum_complement: 0, group_disclosure: 0, minimum_population: 0 };
    let protection = Protection { n: 10, answer: 0, largest_part: 0.999, guards_unplaced: false, guards_empty: true };
    let mut system = two_way(&counts, |row, column| (row, column) == (2, 3));
    let begun = Instant::now();
    let Protected { bare, .. } = protect(&mut system, floor, protection);
    let seconds = begun.elapsed().as_secs_f64();
    let primary = Loss::of(&system, |cell| cell.few);
    let ours = Loss::of(&system, SystemCell::is_complementary);
    line("Fischetti and Salazar (2001), figure 1", primary, ours, Some(optimum()), bare, seconds);
}

/// The cheapest inner cells beside (II, C) with which its interval is 10 wide: every pattern, and every integer table for it.
fn optimum() -> Loss {
    let inner: Vec<(usize, usize)> = (1..4).flat_map(|row| (1..4).map(move |column| (row, column))).collect();
    let mut best: Option<Loss> = None;
    for pattern in 0_u32..1 << inner.len() {
        let is_hidden = |row: usize, column: usize| pattern >> (3 * (row - 1) + column - 1) & 1 == 1;
        if !is_hidden(2, 3) {
            continue;
        }
        let mut loss = Loss::default();
        for (row, column) in inner.iter().filter(|own| **own != (2, 3) && is_hidden(own.0, own.1)) {
            loss.add(INVESTMENTS[*row][*column]);
        }
        if best.is_some_and(|best| best.people <= loss.people) {
            continue;
        }
        let reached = values_of_the_confidential_cell(is_hidden);
        let (least, most) = (reached.iter().min(), reached.iter().max());
        if most.zip(least).is_some_and(|(most, least)| most - least >= 10) {
            best = Some(loss);
        }
    }
    best.expect("everything hidden is open")
}

/// What (II, C) is in the tables with the published numbers: two rows decide the third. Integer tables only.
fn values_of_the_confidential_cell(is_hidden: impl Fn(usize, usize) -> bool) -> Vec<u32> {
    let rows = |row: usize| -> Vec<[u32; 3]> {
        let total = INVESTMENTS[row][0];
        let choices = |column: usize| {
            if is_hidden(row, column) { (0..=total).collect() } else { vec![INVESTMENTS[row][column]] }
        };
        let (a, b, c) = (choices(1), choices(2), choices(3));
        let mut found = Vec::new();
        for own in &a {
            for other in b.iter().filter(|other| own + **other <= total) {
                let rest = total - own - other;
                if c.binary_search(&rest).is_ok() {
                    found.push([*own, *other, rest]);
                }
            }
        }
        found
    };
    let (first, second) = (rows(1), rows(2));
    let mut reached = Vec::new();
    for one in &first {
        for two in &second {
            let third: Option<Vec<u32>> =
                (0..3).map(|at| INVESTMENTS[0][at + 1].checked_sub(one[at] + two[at])).collect();
            let fits = |own: &Vec<u32>| (0..3).all(|at| is_hidden(3, at + 1) || own[at] == INVESTMENTS[3][at + 1]);
            if third.is_some_and(|own| fits(&own)) {
                reached.push(two[2]);
            }
        }
    }
    reached
}

/// The nodes of the country: total, sex, age, finer age, education, sex by age.
fn nodes() -> (Vec<Node>, Vec<Breakdown>) {
    let node = |values: [Option<u64>; 3]| Node { values: values.to_vec() };
    let mut nodes = Vec::new();
    let mut breakdowns = Vec::new();
    let mut add = |own: Vec<Node>| {
        breakdowns.push(Breakdown { nodes: (nodes.len()..nodes.len() + own.len()).collect() });
        nodes.extend(own);
    };
    let ages = [0b11, 0b1100, 0b1_0000, 0b110_0000];
    add(vec![node([None; 3])]);
    add((0..2).map(|sex| node([Some(1 << sex), None, None])).collect());
    add(ages.iter().map(|age| node([None, Some(*age), None])).collect());
    add((0..7).map(|age| node([None, Some(1 << age), None])).collect());
    add((0..3).map(|education| node([None, None, Some(1 << education)])).collect());
    let crossed = (0..2).flat_map(|sex| ages.iter().map(move |age| (sex, *age)));
    add(crossed.map(|(sex, age)| node([Some(1 << sex), Some(age), None])).collect());
    (nodes, breakdowns)
}

fn country(per_mille: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(per_mille);
    let mut below = |most: u64| rng.next_u64() % most;
    let mut places = vec![Place { parent: None, level: 0 }];
    places.extend((0..25).map(|_| Place { parent: Some(0), level: 1 }));
    places.extend((0..345).map(|gemeente| Place { parent: Some(1 + gemeente % 25), level: 2 }));
    let mut wijken = Vec::new();
    for _ in 0..3_400 {
        let gemeente = 26 + below(345) as usize;
        wijken.push(places.len());
        places.push(Place { parent: Some(gemeente), level: 3 });
    }
    let (nodes, breakdowns) = nodes();
    let within = |node: &Node, values: [u64; 3]| {
        node.values.iter().zip(values).all(|(own, value)| own.is_none_or(|own| own >> value & 1 == 1))
    };
    let mut answers = vec![[0_u32; 2]; places.len() * nodes.len()];
    for wijk in wijken {
        for _ in 0..below(25) * below(25) {
            let values = [below(2), below(7), below(3)];
            let side = usize::from(below(1000) >= per_mille * (70 + 10 * values[1]) / 100);
            let mut next = Some(wijk);
            while let Some(place) = next {
                for at in (0..nodes.len()).filter(|at| within(&nodes[*at], values)) {
                    answers[place * nodes.len() + at][side] += 1;
                }
                next = places[place].parent;
            }
        }
    }
    let cells = answers.iter().enumerate().map(|(at, answers)| {
        let (place, node) = (at / nodes.len(), at % nodes.len());
        // Wijken have the total, sex and age.
        if places[place].level == 3 && node >= 7 {
            return SystemCell::default();
        }
        let mut cell = SystemCell::new(*answers);
        cell.few = u64::from(cell.n()) < FLOOR.minimum_n;
        cell.primary = !cell.few && answers.iter().any(|side| u64::from(*side) < FLOOR.minimum_answer);
        cell
    });
    let mut system = System::new(places.clone(), nodes.clone(), &breakdowns, cells.collect(), true);
    let primary = Loss::of(&system, SystemCell::is_withheld);
    let begun = Instant::now();
    let found = protect(&mut system, FLOOR, PROTECTION);
    let seconds = begun.elapsed().as_secs_f64();
    let ours = Loss::of(&system, SystemCell::is_complementary);
    let there = system.cells().iter().filter(|cell| cell.there).count();
    let name = format!("country, {there} figures, {:.1} % yes", per_mille as f64 / 10.0);
    line(&name, primary, ours, None, found.bare, seconds);
}
