//! `[model]`: shares per wijk by the unit-level model, with what they are made of and what may be said.

use super::pipeline::Dimension;
use super::read_pipeline::{LEVELS, read_levels};
use super::reader::{Placed, Table};
use crate::finding::Place;
use crate::vocab::Level;

/// What is modelled and how.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelRules {
    /// Where it is declared.
    pub place: Place,
    /// Id of the source that its figures name.
    pub id: Placed<String>,
    /// Title of that source, Dutch.
    pub title: String,
    /// Id of the source of respondents.
    pub source: Placed<String>,
    /// Ids of the parameters, shares all.
    pub parameters: Vec<Placed<String>>,
    /// Level of the areas.
    pub level: Placed<Level>,
    /// Wider levels whose figures are sums of the areas.
    pub sums: Vec<Level>,
    /// Dimension of age, with the mean age in years of each category.
    pub age: Placed<String>,
    /// Mean age of every category of it.
    pub ages: Vec<(Placed<String>, f64)>,
    /// Dimension of sex; `None` where sexes are not told apart.
    pub sex: Option<Placed<String>>,
    /// Dimension of education.
    pub education: Option<Placed<String>>,
    /// Groups of ages that have figures of their own beside the total.
    pub age_groups: Vec<AgeGroup>,
    /// Persons.
    pub population: PopulationFiles,
    /// Public facts per area; `None` without.
    pub facts: Option<FactFile>,
    /// The map; `None` for independent effects alone.
    pub neighbours: Option<Neighbours>,
    /// Whether figures that are shifted to the weighted total of the region stand beside the others.
    pub benchmark: bool,
    /// What may be said.
    pub limits: ModelLimits,
    /// Why these limits.
    pub ground: String,
}

/// Ages that have a figure together.
#[derive(Clone, Debug, PartialEq)]
pub struct AgeGroup {
    /// Dimension and category under which the figures stand.
    pub category: Placed<(String, String)>,
    /// Categories of the dimension of age.
    pub ages: Vec<Placed<String>>,
}

/// Persons per area and group: crossed, or margins with a crossing that they are raked from. Columns bear the ids of the dimensions and hold ids of their categories.
#[derive(Clone, Debug, PartialEq)]
pub struct PopulationFiles {
    /// Files with persons per area: one with all dimensions, or several with some.
    pub tables: Vec<PersonsFile>,
    /// The crossing of everybody that margins are raked from.
    pub prior: Option<PersonsFile>,
    /// Whether an area without persons has no figure; else it stops the run.
    pub empty_areas: bool,
}

/// A file with persons.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonsFile {
    /// Name within the data folder.
    pub file: Placed<String>,
    /// Column of the region; none in a prior.
    pub region: Option<String>,
    /// Dimensions that it crosses.
    pub dimensions: Vec<Placed<String>>,
    /// Column of the persons.
    pub persons: String,
}

/// A file with public facts per area.
#[derive(Clone, Debug, PartialEq)]
pub struct FactFile {
    /// Name within the data folder.
    pub file: Placed<String>,
    /// Column of the region.
    pub region: String,
    /// Columns of the facts.
    pub columns: Vec<Placed<String>>,
    /// Whether a missing fact becomes the mean of the others; else it stops the run.
    pub missing_is_mean: bool,
}

/// Where neighbours come from.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbours {
    /// Name within the data folder.
    pub file: Placed<String>,
    /// What it is.
    pub kind: NeighbourKind,
    /// Whether parts of the map that touch no other are joined to the nearest; else they stop the run.
    pub bridge: bool,
}

/// Kinds of files with neighbours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NeighbourKind {
    /// A row per pair, in two columns.
    Edges(String, String),
    /// GeoJSON, TopoJSON or GeoPackage.
    Shapes {
        /// Property or column with the code.
        code: String,
        /// Layer of a TopoJSON or GeoPackage; `None` where one alone can be meant.
        layer: Option<String>,
        /// Features that are left out: a property or column, and the text in it.
        leave_out: Vec<(String, String)>,
    },
}

/// Which figures of a model may be shown. A mean is measured as a part of the range that its score can have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShownLimits {
    /// Fewer persons in an area withhold its figure.
    pub minimum_population: f64,
    /// In an area with fewer persons a share below a tenth or above nine tenths is withheld.
    pub group_population: f64,
    /// A figure that one answer moves further is withheld; infinite where it rests on no answers.
    pub maximum_influence: f64,
    /// Half width and coefficient of variation up to which a figure is reliable.
    pub reliable: (f64, f64),
    /// And up to which it is for review.
    pub review: (f64, f64),
    /// Whether unreliable figures are withheld.
    pub withhold_unreliable: bool,
}

/// What may be said of a model's figures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelLimits {
    /// Which figures may be shown.
    pub shown: ShownLimits,
    /// Fewer answers yes, or no, in the whole region withhold the parameter.
    pub minimum_answers: u64,
    /// With fewer answers the answers of an area are left out of the model.
    pub own_answers: u64,
    /// Largest mean square of z of areas left out; above it the parameter is withheld.
    pub maximum_mean_square: f64,
    /// Answers that an area needs to be among them.
    pub checked_answers: u64,
    /// Smallest part of the gemeenten whose weighted interval holds the modelled share.
    pub minimum_agreement: f64,
}

/// Reads `[model]`.
pub(super) fn read_model(t: &Table<'_>) -> Option<ModelRules> {
    let (id, title, source) = (t.required_text("id"), t.required_text("title"), t.required_text("source"));
    let parameters = t.required_texts("parameters");
    let level = t.required_word("level", &LEVELS, Level::parse);
    let sums = read_levels(t, "sums");
    let (age, ages) = (t.required_text("age"), t.number_map("ages"));
    let (sex, education) = (t.text("sex"), t.text("education"));
    let age_groups = t.tables("age-group", |t| {
        let (dimension, category, ages) =
            (t.required_text("dimension"), t.required_text("category"), t.required_texts("ages"));
        let (dimension, category) = (dimension?.value, category?);
        let category = Placed { value: (dimension, category.value), place: category.place };
        Some(AgeGroup { category, ages: ages? })
    });
    let population = t.required_table("population", read_population);
    let facts = t.table("facts", read_facts);
    let neighbours = t.table("neighbours", read_neighbours);
    let word = |word: &str| match word {
        "region" => Some(true),
        "none" => Some(false),
        _ => None,
    };
    let benchmark = t.required_word("benchmark", &["region", "none"], word);
    let limits = t.required_table("limits", read_limits);
    let ground = t.required_text("ground");
    if ages.is_none() {
        let message = "[model] needs `ages`, the mean age of every category of age".to_owned();
        t.fault("declare-missing-key", t.own_place(), message, "write `ages = { \"18-39\" = 29, \"75+\" = 81 }`");
    }
    Some(ModelRules {
        place: t.own_place(),
        id: id?,
        title: title?.value,
        source: source?,
        parameters: parameters?,
        level: level?,
        sums: sums.unwrap_or_default(),
        age: age?,
        ages: ages?,
        sex,
        education,
        age_groups: age_groups.into_iter().collect::<Option<_>>()?,
        population: population??,
        // What cannot be read is not what is missing.
        facts: facts.map_or(Some(None), |own| own.map(Some))?,
        neighbours: neighbours.map_or(Some(None), |own| own.map(Some))?,
        benchmark: benchmark?.value,
        limits: limits??,
        ground: ground?.value,
    })
}

/// Reads a table `facts`.
pub(super) fn read_facts(t: &Table<'_>) -> Option<FactFile> {
    let (file, region) = (t.required_text("file"), t.required_text("region"));
    let (columns, missing) = (t.required_texts("columns"), t.required_word("missing", &["mean", "stop"], mean));
    t.relative(&file, "the data folder");
    Some(FactFile { file: file?, region: region?.value, columns: columns?, missing_is_mean: missing?.value })
}

fn mean(word: &str) -> Option<bool> {
    match word {
        "mean" => Some(true),
        "stop" => Some(false),
        _ => None,
    }
}

fn read_population(t: &Table<'_>) -> Option<PopulationFiles> {
    let tables = t.tables("table", |t| read_persons(t, true));
    let prior = t.table("prior", |t| read_persons(t, false));
    let word = |word: &str| match word {
        "no-figure" => Some(true),
        "stop" => Some(false),
        _ => None,
    };
    let empty = t.required_word("empty-areas", &["no-figure", "stop"], word);
    if tables.is_empty() {
        let help = "add `[[model.population.table]]` with file, region, dimensions and persons";
        t.fault("declare-missing-key", t.own_place(), "[model.population] has no table".to_owned(), help);
        return None;
    }
    if tables.len() > 1 && prior.is_none() {
        let message = "several tables are margins, and there is no [model.population.prior] to rake from".to_owned();
        let help = "name a file that crosses all dimensions, of the gemeenten together or of the country";
        t.fault("declare-missing-key", t.own_place(), message, help);
        return None;
    }
    Some(PopulationFiles {
        tables: tables.into_iter().collect::<Option<_>>()?,
        prior: prior.map_or(Some(None), |own| own.map(Some))?,
        empty_areas: empty?.value,
    })
}

fn read_persons(t: &Table<'_>, with_region: bool) -> Option<PersonsFile> {
    let file = t.required_text("file");
    let region = if with_region { Some(t.required_text("region")?.value) } else { None };
    let (dimensions, persons) = (t.required_texts("dimensions"), t.required_text("persons"));
    t.relative(&file, "the data folder");
    Some(PersonsFile { file: file?, region, dimensions: dimensions?, persons: persons?.value })
}

fn read_neighbours(t: &Table<'_>) -> Option<Neighbours> {
    let (edges, shapes, code) = (t.text("edges"), t.text("shapes"), t.text("code"));
    let (from, to, layer, left) = (t.text("from"), t.text("to"), t.text("layer"), t.text_map("leave-out"));
    let word = |word: &str| match word {
        "bridge" => Some(true),
        "stop" => Some(false),
        _ => None,
    };
    let islands = t.required_word("islands", &["bridge", "stop"], word);
    t.relative(edges.iter().chain(&shapes), "the data folder");
    let (file, kind) = match (edges, shapes, code, from, to, layer.is_some() || left.is_some()) {
        (Some(file), None, None, Some(from), Some(to), false) => (file, NeighbourKind::Edges(from.value, to.value)),
        (None, Some(file), Some(code), None, None, _) => {
            let leave_out = left.unwrap_or_default().into_iter().map(|(name, text)| (name.value, text)).collect();
            (file, NeighbourKind::Shapes { code: code.value, layer: layer.map(|own| own.value), leave_out })
        }
        _ => {
            t.fault(
                "declare-contradiction",
                t.own_place(),
                "[model.neighbours] names neither a list of pairs nor a map".to_owned(),
                "write `edges = \"file.csv\"` with `from` and `to`, or `shapes = \"wijken.gpkg\"` with `code` and perhaps `layer`",
            );
            return None;
        }
    };
    Some(Neighbours { file, kind, bridge: islands?.value })
}

fn read_limits(t: &Table<'_>) -> Option<ModelLimits> {
    let count = |key: &'static str, low: i64| t.required_integer(key, low..=1_000_000_000);
    // Fewer than 20 answers on one side cannot carry a model of fifty coefficients, and an answer of one of three respondents would be felt.
    let answers = (count("minimum-answers", 20), count("own-answers", 3), count("checked-answers", 20));
    let shown = read_shown_limits(t, true);
    let gate = (number_within(t, "maximum-mean-square", 1.0, 100.0), number_within(t, "minimum-agreement", 0.0, 1.0));
    Some(ModelLimits {
        shown: shown?,
        minimum_answers: answers.0?.value.unsigned_abs(),
        own_answers: answers.1?.value.unsigned_abs(),
        maximum_mean_square: gate.0?,
        checked_answers: answers.2?.value.unsigned_abs(),
        minimum_agreement: gate.1?,
    })
}

pub(super) fn number_within(t: &Table<'_>, key: &'static str, low: f64, high: f64) -> Option<f64> {
    let own = t.required_number(key)?;
    if (low..=high).contains(&own.value) {
        return Some(own.value);
    }
    let message = format!("`{key}` is {}, outside {low} to {high}", own.value);
    t.fault("declare-out-of-range", own.place, message, "the README says what each limit is for");
    None
}

/// Reads which figures may be shown; `answers`: whether they rest on answers of respondents.
pub(super) fn read_shown_limits(t: &Table<'_>, answers: bool) -> Option<ShownLimits> {
    let number = |key: &'static str, low: f64, high: f64| number_within(t, key, low, high);
    let persons = (number("minimum-population", 10.0, 1e9), number("group-population", 10.0, 1e9));
    let influence = if answers { number("maximum-influence", 0.0, 0.1) } else { Some(f64::INFINITY) };
    let reliable = (number("reliable-half-width", 0.0, 1.0), number("reliable-cv", 0.0, 10.0));
    let review = (number("review-half-width", 0.0, 1.0), number("review-cv", 0.0, 10.0));
    let withhold = t.flag("withhold-unreliable");
    if withhold.is_none() {
        let message = "the limits need `withhold-unreliable`".to_owned();
        t.fault("declare-missing-key", t.own_place(), message, "write true or false");
    }
    Some(ShownLimits {
        minimum_population: persons.0?,
        group_population: persons.1?,
        maximum_influence: influence?,
        reliable: (reliable.0?, reliable.1?),
        review: (review.0?, review.1?),
        withhold_unreliable: withhold?.value,
    })
}

impl ModelRules {
    /// The dimensions of the cells in their order: age, sex, education.
    pub fn dimensions(&self) -> impl Iterator<Item = &Placed<String>> {
        [Some(&self.age), self.sex.as_ref(), self.education.as_ref()].into_iter().flatten()
    }

    /// Places of the ages of every group among the categories of the dimension of age.
    #[must_use]
    pub fn age_places(&self, age: &Dimension) -> Vec<Vec<usize>> {
        let place = |name: &Placed<String>| age.categories.iter().position(|own| own.id.value == name.value);
        self.age_groups.iter().map(|group| group.ages.iter().filter_map(place).collect()).collect()
    }

    /// Mean ages in the order of the dimension's categories; `None` for one that `ages` lacks.
    pub fn ages_of<'d>(&'d self, dimension: &'d Dimension) -> impl Iterator<Item = Option<f64>> + 'd {
        let of = |id: &str| self.ages.iter().find(|(name, _)| name.value == id).map(|(_, age)| *age);
        dimension.categories.iter().map(move |category| of(&category.id.value))
    }
}
