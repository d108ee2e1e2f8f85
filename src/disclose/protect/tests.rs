use super::*;

const FLOOR: Floor =
    Floor { minimum_n: 50, minimum_answer: 5, minimum_complement: 5, group_disclosure: 100, minimum_population: 0 };
const PROTECTION: Protection =
    Protection { n: 25, answer: 5, largest_part: 0.8, guards_unplaced: false, guards_empty: true };

/// A gemeente with wijken, totals only: answers yes and no of each wijk.
fn wijken(own: &[[u32; 2]]) -> System {
    let places: Vec<Place> = std::iter::once(Place { parent: None, level: 0 })
        .chain(own.iter().map(|_| Place { parent: Some(0), level: 1 }))
        .collect();
    let sum = own.iter().fold([0, 0], |all, own| [all[0] + own[0], all[1] + own[1]]);
    let cells = std::iter::once(sum).chain(own.iter().copied()).map(primary).collect();
    System::new(places, vec![Node { values: vec![] }], &[Breakdown { nodes: vec![0] }], cells, true)
}

/// A cell that the floor withholds or shows.
fn primary(answers: [u32; 2]) -> SystemCell {
    let mut cell = SystemCell::new(answers);
    cell.few = u64::from(cell.n()) < FLOOR.minimum_n;
    cell.primary = !cell.few && answers.iter().any(|side| u64::from(*side) < FLOOR.minimum_answer);
    cell
}

fn withheld(system: &System) -> Vec<usize> {
    system.cells().iter().enumerate().filter(|(_, cell)| cell.is_withheld()).map(|(at, _)| at).collect()
}

#[test]
fn a_single_withheld_wijk_takes_the_smallest_other_one_with_it() {
    let mut system = wijken(&[[10, 20], [40, 60], [30, 40], [60, 90]]);
    assert_eq!(withheld(&system), [1]);
    let found = protect(&mut system, FLOOR, PROTECTION);
    // 30 + 70 = 100 answers together, and the 30 are less than four fifths of them.
    assert_eq!(withheld(&system), [1, 3]);
    assert_eq!(found, Protected { complementary: 1, wider: 0, bare: 0 });
}

#[test]
fn two_withheld_wijken_that_hide_each_other_need_no_third() {
    let mut system = wijken(&[[15, 25], [15, 25], [30, 40]]);
    let _ = protect(&mut system, FLOOR, PROTECTION);
    assert_eq!(withheld(&system), [1, 2]);
}

#[test]
fn one_that_is_nearly_all_of_the_withheld_ones_needs_a_third() {
    // 45 of 51 is more than four fifths.
    let mut system = wijken(&[[20, 25], [3, 3], [30, 40], [30, 60]]);
    let _ = protect(&mut system, FLOOR, PROTECTION);
    assert_eq!(withheld(&system), [1, 2, 3]);
}

#[test]
fn the_gemeente_goes_only_where_no_wijk_is_left() {
    let mut system = wijken(&[[20, 28], [2, 3]]);
    let found = protect(&mut system, FLOOR, PROTECTION);
    assert_eq!(withheld(&system), [0, 1, 2]);
    assert_eq!(found.wider, 1);
}

#[test]
fn few_answers_yes_are_hidden_by_a_wijk_with_others() {
    // The first wijk has 3 yes of 100; with the second it has 3 + 30.
    let mut system = wijken(&[[3, 97], [30, 50], [50, 70]]);
    let _ = protect(&mut system, FLOOR, PROTECTION);
    assert_eq!(withheld(&system), [1, 2]);
}

#[test]
fn a_figure_that_is_known_already_hides_no_other() {
    let mut system = wijken(&[[10, 20], [40, 60], [30, 40], [60, 90]]);
    // The cheapest one was published before.
    system.cells[3].known = true;
    let _ = protect(&mut system, FLOOR, PROTECTION);
    assert_eq!(withheld(&system), [1, 2]);
}

/// Two gemeenten with men and women each: the men of the first are few. Her women would give them away, and so would the men of the second, through the GGD.
#[test]
fn a_square_is_withheld_where_rows_and_columns_add_up() {
    let places = [None, Some(0), Some(0)].map(|parent| Place { parent, level: usize::from(parent.is_some()) });
    let sex = |code: u64| Node { values: vec![Some(code)] };
    let nodes = vec![Node { values: vec![None] }, sex(1), sex(2)];
    let breakdowns = [Breakdown { nodes: vec![0] }, Breakdown { nodes: vec![1, 2] }];
    let of = |men: [u32; 2], women: [u32; 2]| [[men[0] + women[0], men[1] + women[1]], men, women];
    let rows = [of([70, 140], [80, 150]), of([10, 20], [40, 70]), of([60, 120], [40, 80])];
    let cells = rows.into_iter().flatten().map(primary).collect();
    let mut system = System::new(places.to_vec(), nodes, &breakdowns, cells, true);
    assert_eq!(withheld(&system), [4]);
    let found = protect(&mut system, FLOOR, PROTECTION);
    assert_eq!(withheld(&system), [4, 5, 7, 8]);
    assert_eq!(found.bare, 0);
    // Without what is withheld for the sake of others the first is alone again.
    system.only_primary();
    assert_eq!(withheld(&system), [4]);
}

/// One region with categories: values of the single axis and answers of each.
fn categories(breakdowns: &[&[(Option<u64>, [u32; 2])]]) -> System {
    let all = || breakdowns.iter().flat_map(|own| own.iter());
    let nodes = all().map(|(values, _)| Node { values: vec![*values] }).collect();
    let mut next = 0;
    let ranges = breakdowns.iter().map(|own| {
        next += own.len();
        Breakdown { nodes: (next - own.len()..next).collect() }
    });
    let ranges: Vec<Breakdown> = ranges.collect();
    let cells = all().map(|(_, answers)| primary(*answers)).collect();
    System::new(vec![Place { parent: None, level: 0 }], nodes, &ranges, cells, true)
}

#[test]
fn nobody_is_protected_in_a_category_without_anybody() {
    // A gemeente that is wholly of one degree of urbanity: whoever knows that sees that the others are empty.
    let own = || categories(&[&[(None, [30, 70])], &[(Some(1), [30, 70]), (Some(2), [0, 0]), (Some(4), [0, 0])]]);
    let mut system = own();
    let found = protect(&mut system, FLOOR, Protection { guards_empty: false, ..PROTECTION });
    assert_eq!((withheld(&system), found), (vec![2, 3], Protected::default()));
    // Guarded, the category goes with them: 100 answers somewhere in three categories.
    let mut system = own();
    let _ = protect(&mut system, FLOOR, PROTECTION);
    assert_eq!(withheld(&system), [1, 2, 3]);
}

#[test]
fn an_empty_wijk_beside_a_small_one_does_not_hide_it() {
    let mut system = wijken(&[[10, 20], [0, 0], [30, 40], [60, 90]]);
    let _ = protect(&mut system, FLOOR, Protection { guards_empty: false, ..PROTECTION });
    assert_eq!(withheld(&system), [1, 2, 3]);
}

#[test]
fn the_narrowest_sum_says_what_goes_with_a_small_category() {
    // 85+ has 45 answers. Under 40 would be cheapest for the total, and help nothing: 75+ is 75-84 and 85+.
    let coarse = [(Some(1 | 2), [75, 130]), (Some(4 | 8), [70, 105])];
    let fine = [(Some(1), [25, 30]), (Some(2), [50, 100]), (Some(4), [50, 80]), (Some(8), [20, 25])];
    let mut system = categories(&[&[(None, [145, 235])], &coarse, &fine]);
    let found = protect(&mut system, FLOOR, PROTECTION);
    assert_eq!(withheld(&system), [5, 6]);
    assert_eq!(found.bare, 0);
}

#[test]
fn a_single_respondent_may_have_said_yes() {
    // The first wijk has one answer, no. Its n hides behind that of the second (64, of them 4 yes). Together they have 4 yes, too few,
    // so a third one goes: then five more people in the first may have said yes, with five who came from the second and five of
    // the third who turned.
    let mut system = wijken(&[[0, 1], [4, 60], [20, 60], [30, 70]]);
    let found = protect(&mut system, FLOOR, PROTECTION);
    assert_eq!(withheld(&system), [1, 2, 3]);
    assert_eq!(found.bare, 0);
}

/// Answers yes of three wijken; each has 100 answers, 140 or 60.
fn of_scale(yes: [u32; 3]) -> System {
    let all = [100, 140, 60];
    wijken(&[0, 1, 2].map(|at| [yes[at], all[at] - yes[at]]))
}

#[test]
fn the_third_of_a_scale_follows_the_others() {
    let (high, either, moderate) = ([20, 30, 9], [50, 70, 25], [30, 40, 16]);
    let (high, either, moderate) = (of_scale(high), of_scale(either), of_scale(moderate));
    assert_eq!(given_by(&moderate, &[&high, &either]), Some(vec![0, 1]));
    assert_eq!(given_by(&either, &[&high]), None);
    // Low risk is whoever is neither: 50, 70 and 35.
    assert_eq!(given_by(&of_scale([50, 70, 35]), &[&high, &either]), Some(vec![1]));
    assert_eq!(given_by(&of_scale([50, 70, 35]), &[&high, &moderate]), Some(vec![0, 1]));
    // One answer off is another question.
    assert_eq!(given_by(&of_scale([50, 70, 34]), &[&high, &moderate]), None);
}

#[test]
fn the_third_of_a_scale_withholds_what_the_others_do() {
    // High risk: 3 of 60 in the last wijk, and with it the first one goes. Moderate risk is shown nowhere where high risk is not.
    let mut high = of_scale([20, 30, 3]);
    let either = of_scale([50, 70, 25]);
    let mut moderate = of_scale([30, 40, 22]);
    let _ = protect(&mut high, FLOOR, PROTECTION);
    assert_eq!(withheld(&high), [1, 3]);
    let found = moderate.follow(&[&high, &either]);
    assert_eq!((withheld(&moderate), found.complementary), (vec![1, 3], 2));
}
