//! What must hold for every sample: random small designs through tally and estimate, beside the slow twin of `reference.rs`.

mod compared;
mod disclosure;

use std::collections::BTreeMap;

use proptest::prelude::*;
use wijkpeil::derive::{Indicator, Scored, UNKNOWN_CATEGORY, answer};
use wijkpeil::estimate::{Design, Domain, Domains, Estimate, EstimatePlan, Side, estimate};
use wijkpeil::ingest::WeightedRows;
use wijkpeil::stats::fixed::exponent_of;
use wijkpeil::stats::interval::upper_quantiles;
use wijkpeil::tally::{Breakdown, ByteReader, ByteWriter, Moments, TableSpec, Tally, TallyPlan};
use wijkpeil::vocab::{DegreesOfFreedom, IntervalMethod, Level, SinglePsu};

use crate::reference::{Row, Single, Twin, twin};

const YEAR: i32 = 2022;
const LEVELS: [Level; 3] = [Level::Ggd, Level::Gemeente, Level::Wijk];
/// One GGD (0), two gemeenten (1, 2), three wijken (3 and 4 of 1, 5 of 2), with their parents.
const REGIONS: [(Level, Option<u32>); 6] = [
    (Level::Ggd, None),
    (Level::Gemeente, Some(0)),
    (Level::Gemeente, Some(0)),
    (Level::Wijk, Some(1)),
    (Level::Wijk, Some(1)),
    (Level::Wijk, Some(2)),
];
const CATEGORIES: u8 = 3;
/// Parameters: a 0/1 answer, a number, and for each category whether the respondent is of it.
const ANSWER: usize = 0;
const NUMBER: usize = 1;
/// Numbers lie between 0 and this.
const NUMBER_MAX: f64 = 50.0;
const IS_CATEGORY: [usize; 3] = [2, 3, 4];

/// A respondent.
#[derive(Clone, Debug)]
struct Person {
    weight: Option<f64>,
    stratum: usize,
    cluster: usize,
    /// A gemeente where the wijk is unknown.
    region: u32,
    category: Option<u8>,
    answer: u8,
    number: Option<f64>,
}

/// A sample with its design.
#[derive(Clone, Debug)]
struct Sample {
    people: Vec<Person>,
    clustered: bool,
    /// Units of each stratum that were not sampled, with a finite population correction.
    rest: Option<[u8; 4]>,
    single: SinglePsu,
}

impl Sample {
    fn cluster(&self, person: &Person) -> Option<usize> {
        self.clustered.then_some(person.cluster)
    }

    /// Population of each stratum: the sampled units and the rest.
    fn populations(&self) -> Option<[f64; 4]> {
        let rest = self.rest?;
        let sampled = |stratum: usize| {
            let people = self.people.iter().enumerate().filter(|(_, p)| p.stratum == stratum && p.weight.is_some());
            let units: std::collections::BTreeSet<usize> =
                people.map(|(at, p)| self.cluster(p).unwrap_or(at)).collect();
            units.len() as f64
        };
        Some([0, 1, 2, 3].map(|stratum| sampled(stratum) + f64::from(rest[stratum])))
    }

    /// A block of its rows, as `derive` hands it over: names of strata and clusters are the block's own.
    fn block(&self, people: &[Person]) -> Scored {
        let populations = self.populations();
        let intern = |names: Vec<String>| {
            let mut known: Vec<String> = Vec::new();
            let numbers = names.into_iter().map(|name| {
                known.iter().position(|own| *own == name).unwrap_or_else(|| {
                    known.push(name);
                    known.len() - 1
                }) as u32
            });
            let numbers = numbers.collect();
            (numbers, known)
        };
        let (stratum, strata) = intern(people.iter().map(|p| format!("s{}", p.stratum)).collect());
        let (cluster, clusters) = if self.clustered {
            intern(people.iter().map(|p| format!("c{}", p.cluster)).collect())
        } else {
            (vec![], vec![])
        };
        let category = |p: &Person| p.category.unwrap_or(UNKNOWN_CATEGORY);
        let mut indicators = vec![
            Indicator::Share(people.iter().map(|p| p.answer).collect()),
            Indicator::Mean(people.iter().map(|p| p.number.unwrap_or(f64::NAN)).collect()),
        ];
        for own in 0..CATEGORIES {
            let is = |p: &Person| p.category.map_or(answer::UNKNOWN, |category| u8::from(category == own));
            indicators.push(Indicator::Share(people.iter().map(is).collect()));
        }
        Scored {
            agreement: Vec::new(),
            answered: Vec::new(),
            rows: people.len(),
            source: 0,
            year: vec![YEAR; people.len()],
            region: people.iter().map(|p| p.region).collect(),
            categories: vec![people.iter().map(category).collect()],
            indicators,
            weights: vec![Some(WeightedRows {
                weight: people.iter().map(|p| p.weight.unwrap_or(f64::NAN)).collect(),
                stratum,
                cluster,
                population: populations.map_or(vec![], |all| people.iter().map(|p| all[p.stratum]).collect()),
                cluster_population: Vec::new(),
                strata,
                clusters,
            })],
        }
    }
}

/// A figure: parameter, region and category (`None` is the total).
type Key = (usize, u32, Option<u8>);

/// A tallied sample.
struct Tallied {
    plan: TallyPlan,
    moments: Moments,
    ancestors: BTreeMap<Level, Vec<u32>>,
}

/// Tallies the sample in blocks of some sizes, some blocks at a time.
fn tallied(sample: &Sample, sizes: &[usize], at_a_time: usize) -> Tallied {
    tallied_of(sample, &sample.people, sizes, at_a_time)
}

/// [`tallied`] for some people of a sample, whose populations are those of the whole.
fn tallied_of(sample: &Sample, people: &[Person], sizes: &[usize], at_a_time: usize) -> Tallied {
    let table = |parameter, breakdown| TableSpec {
        parameter,
        breakdown,
        weight_set: 0,
        levels: LEVELS.to_vec(),
        numeric: parameter == NUMBER,
        exponent: if parameter == NUMBER { exponent_of(0.0, NUMBER_MAX) } else { 0 },
    };
    let plan = TallyPlan {
        breakdowns: vec![
            Breakdown { dimensions: vec![], sizes: vec![] },
            Breakdown { dimensions: vec![0], sizes: vec![usize::from(CATEGORIES)] },
        ],
        tables: [ANSWER, NUMBER, 2, 3, 4].into_iter().flat_map(|p| [table(p, 0), table(p, 1)]).collect(),
        weight_sets: 1,
    };
    let cut = |level: Level| {
        let cut = |mut region: u32| {
            while REGIONS[region as usize].0 > level {
                region = REGIONS[region as usize].1.unwrap();
            }
            region
        };
        (0..6).map(cut).collect::<Vec<u32>>()
    };
    let ancestors: BTreeMap<Level, Vec<u32>> = LEVELS.into_iter().map(|level| (level, cut(level))).collect();
    let mut tally = Tally::new(&plan, ancestors.clone(), vec![BTreeMap::from([(YEAR, 0)])]);
    let mut blocks = Vec::new();
    let mut people = people;
    let mut sizes = sizes.iter().copied().cycle();
    while !people.is_empty() {
        let (block, rest) = people.split_at(sizes.next().unwrap().clamp(1, people.len()));
        blocks.push(sample.block(block));
        people = rest;
    }
    for some in blocks.chunks(at_a_time) {
        tally.add(some).unwrap();
    }
    let moments = tally.finish();
    Tallied { plan, moments, ancestors }
}

/// Tallies the sample and estimates everything.
fn estimates(sample: &Sample, sizes: &[usize], at_a_time: usize, interval: IntervalMethod) -> BTreeMap<Key, Estimate> {
    let Tallied { plan, moments, ancestors } = tallied(sample, sizes, at_a_time);
    let how = EstimatePlan {
        confidence: 0.95,
        interval,
        degrees_of_freedom: DegreesOfFreedom::Domain,
        single_psu: sample.single,
    };
    let mut quantiles = upper_quantiles(0.95);
    let mut found = BTreeMap::new();
    for (spec, table) in plan.tables.iter().zip(&moments.tables) {
        for level in LEVELS {
            let is_level = |region: u32| REGIONS[region as usize].0 == level;
            let domains = Domains::new(&moments.frames[table.frame], &ancestors[&level], is_level);
            let wanted: Vec<(u32, u32)> = (0..6).filter(|region| is_level(*region)).map(|region| (0, region)).collect();
            let design = Design::of(&moments, 0, how.single_psu);
            for (place, category) in wanted.iter().flat_map(|place| (0..table.categories).map(move |c| (*place, c))) {
                let side = Side::of(&moments, table, &domains, place, category);
                let domain = Domain { series: place.0, region: place.1, category: category as u32 };
                let estimate = estimate(&design, domain, &side, &how, &mut quantiles);
                let category = (spec.breakdown == 1).then_some(category as u8);
                found.insert((spec.parameter, place.1, category), estimate);
            }
        }
    }
    assert_eq!(found.len(), 5 * 6 * (1 + usize::from(CATEGORIES)));
    found
}

fn at_once(sample: &Sample) -> BTreeMap<Key, Estimate> {
    estimates(sample, &[usize::MAX], 1, IntervalMethod::Logit)
}

/// Whether a person's region lies in a region.
fn within(mut own: u32, region: u32) -> bool {
    loop {
        if own == region {
            return true;
        }
        match REGIONS[own as usize].1 {
            Some(parent) => own = parent,
            None => return false,
        }
    }
}

fn known_y(person: &Person, parameter: usize) -> Option<f64> {
    match parameter {
        ANSWER => (person.answer <= 1).then(|| f64::from(person.answer)),
        NUMBER => person.number,
        own => person.category.map(|category| f64::from(u8::from(usize::from(category) + IS_CATEGORY[0] == own))),
    }
}

fn in_domain(person: &Person, region: u32, category: Option<u8>) -> bool {
    within(person.region, region) && category.is_none_or(|category| person.category == Some(category))
}

fn twin_of(sample: &Sample, (parameter, region, category): Key) -> Option<Twin> {
    let populations = sample.populations();
    let row = |person: &Person| Row {
        weight: person.weight,
        stratum: person.stratum,
        cluster: sample.cluster(person),
        population: populations.map(|all| all[person.stratum]),
        y: known_y(person, parameter),
        inside: in_domain(person, region, category),
    };
    let rows: Vec<Row> = sample.people.iter().map(row).collect();
    let single = match sample.single {
        SinglePsu::Adjust => Single::Adjust,
        SinglePsu::Average => Single::Average,
        SinglePsu::Certainty | SinglePsu::Fail => Single::Certainty,
    };
    twin(&rows, single)
}

/// Two variances to 2·10⁻⁹ (standard errors to 10⁻⁹), but for what rounding leaves of the squares that were subtracted, and for
/// the steps of 2⁻³² in which the exact sums count w²y² of a number.
fn same_variance(a: f64, b: f64, twin: &Twin) -> bool {
    let steps = twin.n as f64 * (-32_f64).exp2() / (twin.weight * twin.weight);
    (a - b).abs() <= 2e-9 * b.abs() + 2e-13 * twin.size + 4.0 * steps
}

/// Weights as they occur: whole, decimal, 0 and missing.
fn weight() -> impl Strategy<Value = Option<f64>> {
    prop_oneof![
        4 => (16_u32..40_000).prop_map(|weight| Some(f64::from(weight) / 64.0)),
        4 => (0.25..300.0).prop_map(Some),
        1 => Just(Some(0.0)),
        1 => Just(None),
    ]
}

fn person() -> impl Strategy<Value = Person> {
    (
        weight(),
        0..4_usize,
        0..4_usize,
        1..6_u32,
        prop_oneof![5 => (0..CATEGORIES).prop_map(Some), 1 => Just(None)],
        prop_oneof![4 => Just(answer::NO), 3 => Just(answer::YES), 1 => Just(answer::UNKNOWN), 1 => Just(answer::NOT_APPLICABLE)],
        prop_oneof![6 => (0_u32..=100).prop_map(|half| Some(f64::from(half) / 2.0)), 1 => (0.0..50.0).prop_map(Some), 1 => Just(None)],
    )
        .prop_map(|(weight, stratum, cluster, region, category, answer, number)| Person {
            weight,
            stratum,
            cluster,
            region,
            category,
            answer,
            number,
        })
}

fn sample() -> impl Strategy<Value = Sample> {
    let single = prop_oneof![Just(SinglePsu::Adjust), Just(SinglePsu::Average), Just(SinglePsu::Certainty)];
    // At least one unit of each stratum is not sampled: a census of a stratum has a test of its own.
    let rest = proptest::option::of(proptest::array::uniform4(1_u8..200));
    (proptest::collection::vec(person(), 1..60), any::<bool>(), rest, single)
        .prop_map(|(people, clustered, rest, single)| Sample { people, clustered, rest, single })
}

/// Estimates to the last bit: the debug text of a double is exact.
fn bits(found: &BTreeMap<Key, Estimate>) -> String {
    format!("{found:?}")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn estimates_agree_with_the_slow_twin(sample in sample()) {
        for (key, estimate) in at_once(&sample) {
            let Some(twin) = twin_of(&sample, key) else {
                prop_assert!(estimate.value.is_none(), "{key:?}");
                continue;
            };
            let value = estimate.value.unwrap();
            prop_assert_eq!((estimate.n, value.df), (twin.n, twin.df), "{:?}", key);
            prop_assert!((value.weight - twin.weight).abs() <= 1e-12 * twin.weight, "{key:?} {value:?} {twin:?}");
            prop_assert!((value.value - twin.value).abs() <= 1e-12 * twin.value, "{key:?} {value:?} {twin:?}");
            match (value.se, twin.variance) {
                (Some(se), Some(variance)) => {
                    prop_assert!(same_variance(se * se, variance, &twin), "{key:?} {value:?} {twin:?}");
                }
                (se, variance) => prop_assert!(se.is_none() && variance.is_none(), "{key:?} {value:?} {twin:?}"),
            }
        }
    }

    #[test]
    fn row_order_changes_nothing(sample in sample(), order in proptest::collection::vec(any::<u32>(), 60)) {
        let mut people: Vec<(u32, Person)> = order.into_iter().zip(sample.people.clone()).collect();
        people.sort_by_key(|(order, _)| *order);
        let shuffled = Sample { people: people.into_iter().map(|(_, person)| person).collect(), ..sample.clone() };
        prop_assert_eq!(bits(&at_once(&shuffled)), bits(&at_once(&sample)));
    }

    #[test]
    fn splitting_rows_into_blocks_changes_nothing(
        sample in sample(),
        sizes in proptest::collection::vec(1..20_usize, 1..5),
        at_a_time in 1..6_usize,
    ) {
        let split = estimates(&sample, &sizes, at_a_time, IntervalMethod::Logit);
        prop_assert_eq!(bits(&split), bits(&at_once(&sample)));
    }

    /// A power of two scales doubles without rounding, so that shares stay equal to the last bit.
    /// Moments of parts add up to those of all rows, whoever has which rows, and bytes are moments.
    #[test]
    fn moments_of_parts_add_up(sample in sample(), owners in proptest::collection::vec(0..4_usize, 60)) {
        let whole = tallied(&sample, &[1000], 1).moments;
        let part = |owner: usize| {
            let own = sample.people.iter().zip(&owners).filter(|(_, of)| **of == owner).map(|(person, _)| person.clone());
            tallied_of(&sample, &own.collect::<Vec<_>>(), &[7], 2).moments
        };
        let parts: Vec<Moments> = [2, 0, 3, 1].map(part).into();
        for moments in parts.iter().chain([&whole]) {
            let mut bytes = ByteWriter::default();
            moments.write(&mut bytes);
            let mut reader = ByteReader::new(&bytes.bytes);
            prop_assert_eq!(&Moments::read(&mut reader).unwrap(), moments);
            prop_assert!(reader.is_empty());
        }
        prop_assert_eq!(Moments::merge(parts).unwrap(), whole);
    }

    #[test]
    fn scaling_all_weights_changes_nothing(sample in sample(), power in -3..=6_i32) {
        let factor = f64::from(power).exp2();
        let mut scaled = sample.clone();
        scaled.people.iter_mut().for_each(|person| person.weight = person.weight.map(|weight| weight * factor));
        let (before, after) = (at_once(&sample), at_once(&scaled));
        for (key, a) in &before {
            let b = &after[key];
            prop_assert_eq!((a.n, a.n_yes, a.unknown, a.not_applicable), (b.n, b.n_yes, b.unknown, b.not_applicable));
            let (Some(a), Some(b)) = (a.value, b.value) else {
                prop_assert!(a.value.is_none() && b.value.is_none());
                continue;
            };
            prop_assert_eq!((b.weight / factor, a.df), (a.weight, b.df));
            if key.0 == NUMBER {
                // Products of weight and value are rounded to fixed steps.
                let twin = twin_of(&sample, *key).unwrap();
                // The steps are those of the smaller weights.
                let twin = Twin { weight: twin.weight * factor.min(1.0), ..twin };
                prop_assert!((a.value - b.value).abs() <= 1e-12 * a.value.abs());
                match (a.se, b.se) {
                    (Some(a), Some(b)) => prop_assert!(same_variance(a * a, b * b, &twin), "{key:?} {a:e} {b:e}"),
                    (a, b) => prop_assert_eq!(a, b),
                }
            } else {
                prop_assert_eq!((a.value, a.se, a.deff, a.kish_n), (b.value, b.se, b.deff, b.kish_n));
                prop_assert_eq!(a.interval, b.interval);
            }
        }
    }

    #[test]
    fn shares_of_categories_add_up_to_one(sample in sample()) {
        let found = at_once(&sample);
        for region in 0..6 {
            let shares: Option<Vec<f64>> =
                IS_CATEGORY.iter().map(|own| Some(found[&(*own, region, None)].value?.value)).collect();
            if let Some(shares) = shares {
                prop_assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-14, "{shares:?}");
            }
        }
    }

    /// Parents are sums of their children, of respondents whose finer region or category is unknown, and of nobody else.
    #[test]
    fn parents_are_sums(sample in sample()) {
        let found = at_once(&sample);
        for ((parameter, region, category), parent) in &found {
            let of = |wanted: &dyn Fn(&Person) -> bool| {
                let people = sample.people.iter().filter(|p| wanted(p) && p.weight.is_some() && known_y(p, *parameter).is_some());
                people.fold((0, 0.0), |(n, weight), p| (n + 1, weight + p.weight.unwrap()))
            };
            let sums = |estimate: &Estimate| (estimate.n, estimate.value.map_or(0.0, |value| value.weight));
            let add_up = |leaf: (u64, f64), children: Vec<&Estimate>| {
                let sum = children.into_iter().map(sums).fold(leaf, |a, b| (a.0 + b.0, a.1 + b.1));
                let (n, weight) = sums(parent);
                prop_assert_eq!(n, sum.0);
                prop_assert!((weight - sum.1).abs() <= 1e-12 * weight);
                Ok(())
            };
            let children: Vec<u32> = (0..6).filter(|child| REGIONS[*child as usize].1 == Some(*region)).collect();
            if !children.is_empty() {
                let leaf = of(&|p| p.region == *region && in_domain(p, *region, *category));
                add_up(leaf, children.iter().map(|child| &found[&(*parameter, *child, *category)]).collect())?;
            }
            if category.is_none() {
                let leaf = of(&|p| within(p.region, *region) && p.category.is_none());
                add_up(leaf, (0..CATEGORIES).map(|own| &found[&(*parameter, *region, Some(own))]).collect())?;
            }
        }
    }

    #[test]
    fn intervals_contain_the_estimate(sample in sample()) {
        for method in [IntervalMethod::Logit, IntervalMethod::Beta, IntervalMethod::Wilson, IntervalMethod::Asin, IntervalMethod::T] {
            for (key, estimate) in estimates(&sample, &[usize::MAX], 1, method) {
                let Some(value) = estimate.value else { continue };
                if let Ok(interval) = value.interval {
                    let limits = interval.limits;
                    prop_assert!(limits.lower <= value.value && value.value <= limits.upper, "{method} {key:?} {value:?}");
                    prop_assert!(limits.lower < limits.upper, "{method} {key:?} {value:?}");
                }
            }
        }
    }
}

/// A sample of one stratum, without clusters and fpc, in wijk 3 and category 0.
fn plain(rows: &[(f64, u8, f64)]) -> Sample {
    let person = |(weight, answer, number): &(f64, u8, f64)| Person {
        weight: Some(*weight),
        stratum: 0,
        cluster: 0,
        region: 3,
        category: Some(0),
        answer: *answer,
        number: Some(*number),
    };
    Sample { people: rows.iter().map(person).collect(), clustered: false, rest: None, single: SinglePsu::Adjust }
}

/// Where everybody gives one value, or each stratum one answer, the variance is 0 and not what rounding leaves.
#[test]
fn equal_values_have_no_variance_at_all() {
    let sample = plain(&[(66.705, 1, 13.7), (0.1, 1, 13.7), (127.33, 1, 13.7), (3.5, 1, 13.7)]);
    let mean = at_once(&sample)[&(NUMBER, 3, None)].value.unwrap();
    assert_eq!(mean.se, Some(0.0));
    assert!(mean.interval.is_err(), "{mean:?}");
    // One respondent in a stratum of one: rounding once made the variance negative, and its root no number.
    for weight in [190.766_608_616_662_07, 47.691_652_154_165_52] {
        let mean = at_once(&plain(&[(weight, 1, 1.0)]))[&(NUMBER, 3, None)].value.unwrap();
        assert_eq!(mean.se, Some(0.0));
    }

    let mut sample =
        plain(&[(66.705, 1, 1.0), (66.705, 1, 1.0), (66.705, 1, 1.0), (70.1459, 0, 2.0), (70.1459, 0, 2.0)]);
    sample.people[3..].iter_mut().for_each(|person| person.stratum = 1);
    for parameter in [ANSWER, NUMBER] {
        let value = at_once(&sample)[&(parameter, 3, None)].value.unwrap();
        assert_eq!(value.se, Some(0.0), "{value:?}");
        assert!(value.interval.is_err(), "{value:?}");
    }
}

/// Weights that add up to 1 over a few thousand respondents are common; a mean should keep its nine digits.
#[test]
fn small_weights_keep_their_digits() {
    let rows: Vec<(f64, u8, f64)> = (0..3000_u32)
        .map(|i| ((0.5 + f64::from(i % 7) / 7.0) / 3000.0, (i % 3 == 0) as u8, f64::from(i % 2)))
        .collect();
    let sample = plain(&rows);
    for key in [(ANSWER, 3, None), (NUMBER, 3, None)] {
        let (own, twin) = (at_once(&sample)[&key].value.unwrap(), twin_of(&sample, key).unwrap());
        let (own, twin) = (own.se.unwrap(), twin.variance.unwrap().sqrt());
        assert!((own / twin - 1.0).abs() < 1e-9, "{key:?}: {own:e} {twin:e}");
    }
}
