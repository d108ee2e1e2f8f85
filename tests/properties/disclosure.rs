//! Random hierarchies, protected and attacked: the attacker knows what is published and nothing of how it was protected.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

use wijkpeil::declare::{Floor, Protection};
use wijkpeil::disclose::audit::{
    AuditPolicy, Geography, GroupKey, GroupSeen, NodeSeen, RegionSeen, Seen, SeenStatus, attack,
};
use wijkpeil::disclose::protect::{Breakdown, Node, Place, Protected, System, SystemCell, protect};
use wijkpeil::stats::bounds::Range;

const FLOOR: Floor =
    Floor { minimum_n: 30, minimum_answer: 4, minimum_complement: 4, group_disclosure: 60, minimum_population: 0 };
const PROTECTION: Protection =
    Protection { n: 15, answer: 4, largest_part: 0.8, guards_unplaced: false, guards_empty: true };
const REASONS: [&str; 3] = ["min_n", "min_answer", "complementary"];

/// A GGD with gemeenten and wijken, broken down by sex and age, crossed in the wider regions.
struct Hierarchy {
    places: Vec<Place>,
    nodes: Vec<Node>,
    breakdowns: Vec<Breakdown>,
    words: Vec<(&'static str, String)>,
    cells: Vec<SystemCell>,
}

fn below(rng: &mut ChaCha8Rng, most: u64) -> usize {
    usize::try_from(rng.next_u64() % most).unwrap()
}

impl Hierarchy {
    fn random(rng: &mut ChaCha8Rng) -> Self {
        let mut places = vec![Place { parent: None, level: 0 }];
        let gemeenten = 1 + below(rng, 4);
        places.extend((0..gemeenten).map(|_| Place { parent: Some(0), level: 1 }));
        for gemeente in 1..=gemeenten {
            let wijken = 1 + below(rng, 6);
            places.extend((0..wijken).map(|_| Place { parent: Some(gemeente), level: 2 }));
        }
        let ages = 2 + below(rng, 3);
        let mut words = vec![("total", "total".to_owned())];
        let mut nodes = vec![Node { values: vec![None, None] }];
        let mut breakdowns = vec![Breakdown { nodes: vec![0] }];
        let mut add = |name: &'static str, own: Vec<(String, Node)>| {
            breakdowns.push(Breakdown { nodes: (nodes.len()..nodes.len() + own.len()).collect() });
            for (word, node) in own {
                words.push((name, word));
                nodes.push(node);
            }
        };
        let sexes = (0..2).map(|sex| (sex.to_string(), Node { values: vec![Some(1 << sex), None] }));
        add("sex", sexes.collect());
        add("age", (0..ages).map(|age| (age.to_string(), Node { values: vec![None, Some(1 << age)] })).collect());
        let crossed = (0..2).flat_map(|sex| (0..ages).map(move |age| (sex, age)));
        let crossed = crossed.map(|(sex, age)| {
            let node = Node { values: vec![Some(1 << sex), Some(1 << age)] };
            (format!("{sex}*{age}"), node)
        });
        add("sex*age", crossed.collect());
        // Crossings stop at the gemeente, and now and then the wijken have no ages.
        let wijk_ages = below(rng, 2) == 0;
        let there =
            |level: usize, name: &str| level < 2 || name == "total" || name == "sex" || (name == "age" && wijk_ages);
        let finest: Vec<usize> = (0..places.len()).filter(|at| places[*at].level == 2).collect();
        let mut answers = vec![[0_u32; 2]; places.len() * nodes.len()];
        let rate = 2 + below(rng, 9);
        for leaf in finest {
            // Many small wijken, a few large ones.
            let people = below(rng, 20) * below(rng, 12);
            for _ in 0..people {
                let (sex, age) = (below(rng, 2), below(rng, ages as u64));
                let side = usize::from(below(rng, 20) >= rate + age);
                let mut own = Some(leaf);
                while let Some(place) = own {
                    for (at, node) in nodes.iter().enumerate() {
                        let within =
                            |axis: usize, value: usize| node.values[axis].is_none_or(|own| own >> value & 1 == 1);
                        if within(0, sex) && within(1, age) {
                            answers[place * nodes.len() + at][side] += 1;
                        }
                    }
                    own = places[place].parent;
                }
            }
        }
        let cells = (0..answers.len()).map(|at| {
            let (place, node) = (at / nodes.len(), at % nodes.len());
            if !there(places[place].level, words[node].0) {
                return SystemCell::default();
            }
            let mut cell = SystemCell::new(answers[at]);
            let [yes, no] = answers[at].map(u64::from);
            cell.few = yes + no < FLOOR.minimum_n;
            cell.primary = !cell.few && (yes < FLOOR.minimum_answer || no < FLOOR.minimum_complement);
            cell
        });
        let cells = cells.collect();
        Self { places, nodes, breakdowns, words, cells }
    }

    fn system(&self) -> System {
        System::new(self.places.clone(), self.nodes.clone(), &self.breakdowns, self.cells.clone(), true)
    }

    /// What a reader of the release sees: exact numbers of answers and shares of the cells that are not withheld.
    fn seen(&self, system: &System) -> (Geography, GroupSeen) {
        let level = |level: usize| ["ggd", "gemeente", "wijk"][level].to_owned();
        let regions = self.places.iter().enumerate().map(|(at, place)| RegionSeen {
            code: format!("R{at:03}"),
            year: 2022,
            level: level(place.level),
            parent: place.parent.map(|parent| u32::try_from(parent).unwrap()),
            predecessors: Vec::new(),
        });
        let nodes = self.words.iter().map(|(dimension, category)| NodeSeen::new(dimension, category));
        let geography = Geography { regions: regions.collect(), nodes: nodes.collect() };
        let figures = system.cells().iter().enumerate().filter(|(_, cell)| cell.there).map(|(at, cell)| {
            let index = |at: usize| u32::try_from(at).unwrap();
            let shown = !cell.is_withheld();
            let status = match cell {
                cell if cell.few => SeenStatus::Withheld(0),
                cell if cell.primary => SeenStatus::Withheld(1),
                cell if cell.is_complementary() => SeenStatus::Withheld(2),
                _ => SeenStatus::Shown,
            };
            Seen {
                region: index(at / self.nodes.len()),
                node: index(at % self.nodes.len()),
                status,
                value: shown.then(|| f64::from(cell.answers[0]) / f64::from(cell.n())),
                se: None,
                limits: None,
                n: shown.then(|| i64::from(cell.n())),
                n_class: None,
                n_effective: None,
                deff: None,
                df: None,
                has_number: shown,
            }
        });
        let key = GroupKey {
            parameter: "lonely".to_owned(),
            collection: "gmvo".to_owned(),
            period: "2022".to_owned(),
            source: "s".to_owned(),
            variant: String::new(),
        };
        let group =
            GroupSeen { key, share: true, reasons: REASONS.map(str::to_owned).to_vec(), figures: figures.collect() };
        (geography, group)
    }
}

impl Hierarchy {
    /// Shows a figure that was withheld.
    fn show(&self, group: &mut GroupSeen, system: &System, cell: usize) {
        let place = |figure: &Seen| figure.region as usize * self.nodes.len() + figure.node as usize;
        let figure = group.figures.iter_mut().find(|figure| place(figure) == cell).unwrap();
        let own = system.cells()[cell];
        figure.status = SeenStatus::Shown;
        figure.n = Some(i64::from(own.n()));
        figure.value = Some(f64::from(own.answers[0]) / f64::from(own.n()));
    }
}

/// 1,000 hierarchies: what is protected stays open as wide as was asked, and the same attacker finds what is not protected.
#[test]
fn the_attacker_finds_nothing_in_protected_hierarchies_and_something_in_others() {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let policy = AuditPolicy {
        stated: true,
        protection_n: PROTECTION.n as f64,
        protection_answer: PROTECTION.answer as f64,
        reasons_shown: true,
        ..AuditPolicy::assumed(false)
    };
    let (mut with_withheld, mut broken, mut unproven) = (0, 0, 0);
    let (mut dropped, mut caught) = (0, 0);
    for number in 0..1_000 {
        let hierarchy = Hierarchy::random(&mut rng);
        // In every other one a category or wijk without anybody may be known as such.
        let empty_open = number % 2 == 1;
        let protection = Protection { guards_empty: !empty_open, ..PROTECTION };
        let policy = AuditPolicy { empty_open, ..policy.clone() };
        let mut system = hierarchy.system();
        let (geography, group) = hierarchy.seen(&system);
        with_withheld += usize::from(system.cells().iter().any(SystemCell::is_withheld));
        broken += usize::from(!attack(&geography, &group, &policy).narrow.is_empty());
        let Protected { bare, .. } = protect(&mut system, FLOOR, protection);
        unproven += usize::from(bare > 0);
        let (geography, group) = hierarchy.seen(&system);
        let found = attack(&geography, &group, &policy);
        assert!(found.narrow.is_empty(), "hierarchy {number}, {bare} without a proof: {:?}", found.narrow);
        assert!(found.determined.is_empty(), "hierarchy {number}: {:?}", found.determined);
        // One figure that was withheld for the sake of others is shown after all.
        let cells = system.cells().iter().enumerate().filter(|(_, cell)| cell.is_complementary());
        let complementary: Vec<usize> = cells.map(|(at, _)| at).collect();
        if number % 4 == 0 && !complementary.is_empty() {
            let at = complementary[below(&mut rng, complementary.len() as u64)];
            let (geography, mut group) = hierarchy.seen(&system);
            hierarchy.show(&mut group, &system, at);
            dropped += 1;
            caught += usize::from(!attack(&geography, &group, &policy).narrow.is_empty());
        }
    }
    assert!(dropped > 150 && caught * 10 > dropped * 7, "{caught} of {dropped} dropped suppressions found");
    // The attacker works: unprotected, most hierarchies with a withheld cell give some of them away.
    assert!(with_withheld > 900 && broken * 2 > with_withheld, "{broken} of {with_withheld} broken");
    assert!(unproven < 1_000);
}

/// Somebody who is the only respondent of a withheld figure knows its n and its answer: no other figure below the floor follows from that.
#[test]
fn the_only_respondent_of_a_figure_learns_no_other() {
    let mut rng = ChaCha8Rng::seed_from_u64(11);
    let policy = AuditPolicy {
        stated: true,
        protection_n: 1.0,
        protection_answer: 0.0,
        empty_open: true,
        reasons_shown: true,
        ..AuditPolicy::assumed(false)
    };
    let protection = Protection { guards_empty: false, ..PROTECTION };
    let (mut insiders, mut fooled) = (0, 0);
    for number in 0..400 {
        let hierarchy = Hierarchy::random(&mut rng);
        let mut system = hierarchy.system();
        let learns = |system: &System, insider: usize| {
            let (geography, mut group) = hierarchy.seen(system);
            hierarchy.show(&mut group, system, insider);
            attack(&geography, &group, &policy).narrow
        };
        let alone = |system: &System| -> Vec<usize> {
            let cells = system.cells().iter().enumerate();
            cells.filter(|(_, cell)| cell.there && cell.n() == 1).map(|(at, _)| at).take(2).collect()
        };
        let of_system = alone(&system);
        fooled += of_system.iter().filter(|own| !learns(&system, **own).is_empty()).count();
        let _ = protect(&mut system, FLOOR, protection);
        for insider in of_system {
            insiders += 1;
            let found = learns(&system, insider);
            // Somebody alone in a wijk is alone in its category too, and knows that. What hides him might have been published.
            let small = |range: Range| range.lower > 1.5 && range.upper < FLOOR.minimum_n as f64;
            let others: Vec<_> = found.iter().filter(|own| small(own.range)).collect();
            assert!(others.is_empty(), "hierarchy {number}: {others:?}");
        }
    }
    assert!(insiders > 100 && fooled * 10 > insiders, "{fooled} of {insiders}");
}
