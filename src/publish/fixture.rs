//! A small catalogue with figures, for the tests of this folder.

use super::release::Said;
use crate::{
    declare::{Catalogue, CategoryEntry, ParameterEntry, RegionEntry, SourceEntry},
    disclose::{Comparisons, Figure, Trends},
    vocab::{IntervalMethod, Method, Period, Reason, RegionCode, Sample, Statistic, Status, Unit},
};

/// Index of the period `2019-2022`, which shares its year with `2022`.
pub(super) const POOLED: u32 = 0;

/// Nothing but figures.
pub(super) fn said<'a>(runs: &'a [&'a [Figure]]) -> Said<'a> {
    static COMPARISONS: std::sync::LazyLock<Comparisons> = std::sync::LazyLock::new(Comparisons::default);
    static TRENDS: std::sync::LazyLock<Trends> = std::sync::LazyLock::new(Trends::default);
    Said { runs, comparisons: &COMPARISONS, trends: &TRENDS }
}

fn parameter(id: &str, label_nl: &str, label_en: &str, unit: Unit) -> ParameterEntry {
    ParameterEntry {
        id: id.to_owned(),
        version: 1,
        label_nl: label_nl.to_owned(),
        label_en: label_en.to_owned(),
        description_nl: format!("{label_nl}, in woorden."),
        description_en: format!("{label_en}, in words."),
        theme: "verbinden".to_owned(),
        domain: "eenzaamheid".to_owned(),
        life_phase: "volwassen".to_owned(),
        prevention_level: "universal".to_owned(),
        setting: "wijk".to_owned(),
        unit,
        direction: "lower".to_owned(),
        instrument: "djg-11".to_owned(),
        rule: format!("{id}@1"),
        comparability: "binnen één monitor".to_owned(),
        source: "test".to_owned(),
        status: "unverified".to_owned(),
        tier: "core".to_owned(),
        about: crate::declare::ParameterAbout::default(),
    }
}

fn region(code: &str, name: &str, parent: Option<&str>, population: Option<f64>) -> RegionEntry {
    let code = RegionCode::parse(code).unwrap();
    let parent = parent.map(|parent| RegionCode::parse(parent).unwrap());
    RegionEntry { name: name.to_owned(), parent, population, ..RegionEntry::new(code, 2022) }
}

fn source(id: &str, sample: Sample, licence: &str) -> SourceEntry {
    SourceEntry {
        id: id.to_owned(),
        title: format!("Bron {id}"),
        table_id: String::new(),
        publisher: "GGD".to_owned(),
        licence: licence.to_owned(),
        sample,
        fieldwork: "najaar".to_owned(),
        file_sha256: "00".repeat(32),
        content: id.to_owned(),
        covers: "GG0111".to_owned(),
    }
}

fn category(dimension: &str, category: &str, label_nl: &str, label_en: &str, order: i32) -> CategoryEntry {
    CategoryEntry {
        dimension: dimension.to_owned(),
        category: category.to_owned(),
        dimension_label_nl: dimension.to_owned(),
        dimension_label_en: dimension.to_owned(),
        label_nl: label_nl.to_owned(),
        label_en: label_en.to_owned(),
        order,
    }
}

/// Two parameters, three regions, two categories, two sources, three periods, two collections, two variants.
pub(super) fn catalogue() -> Catalogue {
    Catalogue {
        parameters: vec![
            parameter("eenzaam", "Ernstig eenzaam", "Severely lonely", Unit::Share),
            parameter("veerkracht", "Veerkracht", "Resilience", Unit::Mean),
        ],
        regions: vec![
            region("GM0363", "Amsterdam", None, Some(900_000.0)),
            region("GM0394", "Haarlemmermeer", None, None),
            region("WK0363AA", "Burgwallen", Some("GM0363"), Some(4_500.0)),
        ],
        categories: vec![category("sex", "2", "Vrouw", "Woman", 2), category("total", "total", "Totaal", "Total", 1)],
        sources: vec![
            source("ggd-2022", Sample::Probability, "CC BY 4.0"),
            source("jeugd-2023", Sample::Open, "none, internal use"),
        ],
        periods: vec![
            Period { year: 2022, label: "2019-2022".to_owned() },
            Period { year: 2022, label: "2022".to_owned() },
            Period { year: 2024, label: "2023/2024".to_owned() },
        ],
        collections: vec!["gmj".to_owned(), "gmvo".to_owned()],
        variants: vec![String::new(), "benchmarked".to_owned()],
        targets: Vec::new(),
        interventions: Vec::new(),
        coverage: Vec::new(),
        perspectives: Vec::new(),
    }
}

/// A figure with a value and an interval.
pub(super) fn figure(parameter: u32, collection: u32, period: u32, region: u32, category: u32, source: u32) -> Figure {
    let value = 0.1 + f64::from(region) / 10.0;
    Figure {
        parameter,
        collection,
        period,
        region,
        statistic: Statistic::Crude,
        category,
        method: Method::Direct,
        source,
        variant: 0,
        value: Some(value),
        se: Some(0.01),
        lower: Some(value - 0.02),
        upper: Some(value + 0.02),
        confidence: Some(0.95),
        interval_method: Some(IntervalMethod::Logit),
        n: Some(250),
        deff: Some(1.25),
        df: Some(249),
        population: None,
        status: Status::Ok,
        reason: None,
        reliability: None,
        provisional: false,
        hidden: crate::disclose::Hidden::default(),
    }
}

/// Withholds a figure, as `disclose` does.
pub(super) fn withhold(figure: &mut Figure) {
    let bare = Figure {
        value: None,
        se: None,
        lower: None,
        upper: None,
        confidence: None,
        interval_method: None,
        n: None,
        deff: None,
        df: None,
        status: Status::Suppressed,
        reason: Some(Reason::MinN),
        ..figure.clone()
    };
    *figure = bare;
}

/// The catalogue with sorted figures: gmvo 2022 for every region, the wijk withheld; gmj 2023/2024 for one gemeente.
pub(super) fn small() -> (Catalogue, Vec<Figure>) {
    let mut figures = Vec::new();
    for (parameter, category) in [(0, 0), (0, 1), (1, 1)] {
        for region in 0..3 {
            figures.push(figure(parameter, 1, 1, region, category, 0));
        }
    }
    for figure in figures.iter_mut().filter(|figure| figure.region == 2) {
        withhold(figure);
    }
    figures.push(figure(1, 0, 2, 0, 1, 1));
    figures.sort_by_key(|figure| (figure.parameter, figure.collection, figure.period, figure.region, figure.category));
    (catalogue(), figures)
}

/// The policy of figures that are public already.
pub(super) const POLICY: super::spec::PolicySpec<'static> = super::spec::PolicySpec { floor: None, disclosure: None };
