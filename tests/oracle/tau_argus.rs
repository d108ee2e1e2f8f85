//! What complementary suppression costs beside the optimal suppression of tau-ARGUS, on tables of one gemeente, wijk × age.

use std::collections::BTreeMap;

use wijkpeil::declare::{Floor, Protection};
use wijkpeil::disclose::protect::{Breakdown, Node, Place, Protected, System, SystemCell, protect};

use crate::support::{Csv, repository};

const FLOOR: Floor =
    Floor { minimum_n: 50, minimum_answer: 0, minimum_complement: 0, group_disclosure: 0, minimum_population: 0 };
/// tau-ARGUS asks that half of each unsafe count stays open on both sides; the largest of those asks for a width of 49.
const PROTECTION: Protection =
    Protection { n: 25, answer: 0, largest_part: 0.999, guards_unplaced: false, guards_empty: true };

/// Cells withheld for the sake of others, and their respondents.
#[derive(Default)]
struct Loss {
    cells: u64,
    people: u64,
}

impl Loss {
    fn add(&mut self, people: u32) {
        self.cells += 1;
        self.people += u64::from(people);
    }
}

#[test]
fn the_loss_stays_near_the_optimum_of_tau_argus() {
    let csv = Csv::read(&repository("tests/oracle/tau_argus/expected.csv"), ',');
    let mut tables: BTreeMap<u32, Vec<(String, String, u32, String)>> = BTreeMap::new();
    for row in &csv.rows {
        let number = |at: usize| row[at].parse::<u32>().unwrap();
        tables.entry(number(0)).or_default().push((row[1].clone(), row[2].clone(), number(3), row[4].clone()));
    }
    let (mut ours, mut theirs, mut primary, mut shown) = (Loss::default(), Loss::default(), Loss::default(), 0);
    for rows in tables.values() {
        let wijken: Vec<&String> = rows.iter().filter(|row| row.1 == "Total").map(|row| &row.0).collect();
        let ages: Vec<&String> = rows.iter().filter(|row| row.0 == "Total").map(|row| &row.1).collect();
        assert_eq!((wijken[0].as_str(), ages[0].as_str()), ("Total", "Total"));
        let places = (0..wijken.len()).map(|at| Place { parent: (at > 0).then_some(0), level: usize::from(at > 0) });
        let nodes = (0..ages.len()).map(|at| Node { values: vec![(at > 0).then(|| 1 << at)] });
        let breakdowns = [Breakdown { nodes: vec![0] }, Breakdown { nodes: (1..ages.len()).collect() }];
        let of = |wijk: &String, age: &String| rows.iter().find(|row| (&row.0, &row.1) == (wijk, age)).unwrap();
        let cells = wijken.iter().flat_map(|wijk| ages.iter().map(move |age| of(wijk, age))).map(|row| {
            let mut cell = SystemCell::new([row.2, 0]);
            cell.few = u64::from(row.2) < FLOOR.minimum_n;
            assert_eq!(cell.few, row.3 == "primary", "{row:?}");
            cell
        });
        let mut system = System::new(places.collect(), nodes.collect(), &breakdowns, cells.collect(), false);
        let Protected { bare, .. } = protect(&mut system, FLOOR, PROTECTION);
        assert_eq!(bare, 0);
        let statuses = wijken.iter().flat_map(|wijk| ages.iter().map(move |age| of(wijk, age)));
        for (cell, row) in system.cells().iter().zip(statuses) {
            match row.3.as_str() {
                "primary" => primary.add(row.2),
                "secondary" => theirs.add(row.2),
                _ => shown += 1,
            }
            if cell.is_complementary() {
                ours.add(row.2);
            }
        }
    }
    println!("{} tables: {} cells below the floor ({} respondents)", tables.len(), primary.cells, primary.people);
    println!("tau-ARGUS OPT withholds {} more ({} respondents), {shown} are left", theirs.cells, theirs.people);
    println!("wijkpeil withholds      {} more ({} respondents)", ours.cells, ours.people);
    assert!(ours.people * 2 <= theirs.people * 3, "more than one and a half times the optimum");
}
