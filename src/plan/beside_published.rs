//! Figures of a model beside published ones of the same parameter, category, region and year: how far they agree.
//!
//! Only figures that are shown in both take part, as exactly as they are shown, so that whoever has the release can work out every number here. It is no comparison of the release: a model and
//! the model of another are two methods, and no verdict about a region follows.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Plan;
use super::area_model::AREA_LEVEL;
use super::estimates::index;
use super::model_card::dutch;
use crate::declare::Catalogue;
use crate::disclose::{Figure, Publishable};
use crate::publish::{CheckRow, ModelCard};
use crate::stats::Limits;
use crate::stats::agreement::{Agreement, Pair, agreement};
use crate::vocab::{Level, Method, Sample, Statistic, Status, Unit};

/// How many of the greatest differences are named.
const NAMED: usize = 5;
/// Least number of regions of which a card says something: the ranks of two always agree.
const TOLD: usize = 5;

/// The figures of a model of one parameter and category beside those of one published source.
#[derive(Clone, Debug, PartialEq)]
pub struct BesidePublished {
    /// Id of the parameter.
    pub parameter: String,
    /// Its unit.
    pub unit: Unit,
    /// Dimension and category.
    pub category: (String, String),
    /// Their label, Dutch.
    pub label: String,
    /// Level of the regions.
    pub level: Level,
    /// Id of the source of the model.
    pub model: String,
    /// Id of the published source.
    pub published: String,
    /// Its title and publisher.
    pub title: String,
    /// What it is made from.
    pub sample: Sample,
    /// How far they agree.
    pub agreement: Agreement,
    /// Code of the region, figure of the model, published figure: those that differ most, the greatest difference first.
    pub greatest: Vec<(String, f64, f64)>,
}

/// What of a model stands beside what: source of the model, parameter, category, period, published source.
type Beside = (u32, u32, u32, u32, u32);

/// Every model of a plan beside every published source that has figures of the same regions. `figures` are those of the release.
pub(super) fn beside_published(plan: &Plan, catalogue: &Catalogue, figures: &Publishable) -> Vec<BesidePublished> {
    let source = |id: &str| catalogue.sources.iter().position(|entry| entry.id == id).map(index);
    let pipeline = &plan.definitions.pipeline;
    // Source of a model → its level, and the source that it was made from.
    let of_cells = pipeline.model.iter().map(|own| (&own.id, own.level.value, &own.source));
    let of_areas = pipeline.area_models.iter().map(|own| (&own.id, own.level.value, &own.source));
    let models: BTreeMap<u32, (Level, Option<u32>)> = of_cells
        .chain(of_areas)
        .filter_map(|(id, level, from)| Some((source(&id.value)?, (level, source(&from.value)))))
        .collect();
    if models.is_empty() {
        return Vec::new();
    }
    let shown = |figure: &&Figure| {
        figure.statistic == Statistic::Crude && figure.status == Status::Ok && figure.value.is_some()
    };
    // A figure that is shifted to a weighted total says what the other one says, and something of that total.
    let plain = |figure: &Figure| matches!(catalogue.variants[figure.variant as usize].as_str(), "" | AREA_LEVEL);
    let level = |figure: &Figure| catalogue.regions[figure.region as usize].level();
    let mut modelled: BTreeMap<[u32; 4], Vec<&Figure>> = BTreeMap::new();
    let place = |figure: &Figure| [figure.parameter, figure.category, figure.period, figure.region];
    for figure in figures.figures().filter(shown).filter(|own| own.method == Method::Model && plain(own)) {
        if models.get(&figure.source).is_some_and(|(own, _)| *own == level(figure)) {
            modelled.entry(place(figure)).or_default().push(figure);
        }
    }
    let mut found: BTreeMap<Beside, Vec<(u32, Pair)>> = BTreeMap::new();
    for other in figures.figures().filter(shown).filter(|own| own.method == Method::Published) {
        for figure in modelled.get(&place(other)).into_iter().flatten() {
            // A model of published figures agrees with them by itself.
            let own_origin = models.get(&figure.source).is_some_and(|(_, from)| *from == Some(other.source));
            if let (false, Some(value), Some(beside)) = (own_origin, figure.value, other.value) {
                let limits = figure.lower.zip(figure.upper).map(|(lower, upper)| Limits { lower, upper });
                let key = (figure.source, figure.parameter, figure.category, figure.period, other.source);
                found.entry(key).or_default().push((figure.region, Pair { value, limits, other: beside }));
            }
        }
    }
    found.into_iter().filter_map(|(key, pairs)| in_words(catalogue, &models, key, pairs)).collect()
}

fn in_words(
    catalogue: &Catalogue,
    models: &BTreeMap<u32, (Level, Option<u32>)>,
    (model, parameter, category, _, published): Beside,
    mut pairs: Vec<(u32, Pair)>,
) -> Option<BesidePublished> {
    // The order of sums, whatever the order of the figures.
    pairs.sort_by_key(|(region, _)| *region);
    let agreement = agreement(&pairs.iter().map(|(_, pair)| *pair).collect::<Vec<_>>())?;
    pairs.sort_by(|a, b| b.1.difference().abs().total_cmp(&a.1.difference().abs()).then(a.0.cmp(&b.0)));
    let code = |region: u32| catalogue.regions[region as usize].code.as_str().to_owned();
    let (published, entry) = (&catalogue.sources[published as usize], &catalogue.categories[category as usize]);
    let label = match entry.dimension.as_str() {
        "total" => entry.label_nl.clone(),
        _ => format!("{}: {}", entry.dimension_label_nl, entry.label_nl),
    };
    Some(BesidePublished {
        parameter: catalogue.parameters[parameter as usize].id.clone(),
        unit: catalogue.parameters[parameter as usize].unit,
        category: (entry.dimension.clone(), entry.category.clone()),
        label,
        level: models.get(&model)?.0,
        model: catalogue.sources[model as usize].id.clone(),
        published: published.id.clone(),
        title: format!("{} ({})", published.title, published.publisher),
        sample: published.sample,
        agreement,
        greatest: pairs.iter().take(NAMED).map(|(region, pair)| (code(*region), pair.value, pair.other)).collect(),
    })
}

impl BesidePublished {
    /// What it is about, in words.
    pub(super) fn subject(&self) -> String {
        let (dimension, category) = &self.category;
        format!("{} {dimension}/{category} of {} beside {}", self.parameter, self.model, self.published)
    }

    /// Rows of `quality/checks`. None of them has a limit: that two models differ makes neither of them wrong.
    pub(super) fn rows(&self) -> Vec<CheckRow> {
        let Agreement { regions, mean, mean_absolute, root_mean_square, rank_correlation, held } = self.agreement;
        let row = |check: &str, subject: String, measured: Option<f64>| CheckRow {
            check: check.to_owned(),
            subject,
            measured,
            limit: None,
            verdict: "compared".to_owned(),
        };
        let all = [
            ("published_regions", Some(regions as f64)),
            ("published_mean_difference", Some(mean)),
            ("published_mean_absolute_difference", Some(mean_absolute)),
            ("published_root_mean_square_difference", Some(root_mean_square)),
            ("published_rank_correlation", rank_correlation),
            ("published_within_interval", held),
        ];
        let mut rows: Vec<CheckRow> =
            all.into_iter().map(|(check, measured)| row(check, self.subject(), measured)).collect();
        rows.extend(self.greatest.iter().map(|(region, own, other)| {
            row("published_greatest_difference", format!("{} in {region}", self.subject()), Some(own - other))
        }));
        rows
    }

    fn write(&self, text: &mut String) -> std::fmt::Result {
        let share = self.unit == Unit::Share;
        let size = |own: f64| if share { format!("{} procentpunt", dutch(100.0 * own, 1)) } else { dutch(own, 2) };
        let value = |own: f64| if share { format!("{}%", dutch(100.0 * own, 1)) } else { dutch(own, 2) };
        let signed = |own: f64| if own > 0.0 { format!("+{}", size(own)) } else { size(own) };
        let Agreement { regions, mean, mean_absolute, root_mean_square, rank_correlation, held } = self.agreement;
        writeln!(text, "`{}`: {}. {}.\n", self.published, self.title, self.label)?;
        if regions < TOLD {
            return writeln!(
                text,
                "Te weinig gebieden met in beide een getoond cijfer ({regions}) om er iets over te zeggen.\n"
            );
        }
        writeln!(text, "| model naast gepubliceerd | |\n|---|---|")?;
        writeln!(text, "| gebieden van niveau {} met in beide een getoond cijfer | {regions} |", self.level)?;
        writeln!(text, "| gemiddeld verschil, model min gepubliceerd | {} |", signed(mean))?;
        writeln!(text, "| gemiddelde grootte van het verschil | {} |", size(mean_absolute))?;
        writeln!(text, "| wortel van het gemiddelde kwadraat van het verschil | {} |", size(root_mean_square))?;
        let correlation = rank_correlation.map_or_else(|| "geen uitkomst".to_owned(), |own| dutch(own, 2));
        writeln!(text, "| rangcorrelatie (Spearman) | {correlation} |")?;
        let held = held.map_or_else(|| "geen uitkomst".to_owned(), |own| format!("{}%", dutch(100.0 * own, 0)));
        writeln!(text, "| intervallen van het model met het gepubliceerde cijfer erin | {held} |\n")?;
        let greatest: Vec<String> = self
            .greatest
            .iter()
            .map(|(region, own, other)| format!("{region} (model {}, gepubliceerd {})", value(*own), value(*other)))
            .collect();
        writeln!(text, "Grootste verschillen: {}.\n", greatest.join(", "))
    }
}

/// Adds to every card what its figures say beside published ones, and its last line.
pub(super) fn finish_cards(plan: &Plan, cards: &mut [ModelCard], found: &[BesidePublished]) {
    for card in cards {
        let own: Vec<&BesidePublished> = found.iter().filter(|own| own.parameter == card.parameter).collect();
        // Writing to a string cannot fail.
        let _ = finish(&mut card.text, &own, &plan.definitions.pipeline.id.value);
    }
}

fn finish(text: &mut String, own: &[&BesidePublished], pipeline: &str) -> std::fmt::Result {
    if !own.is_empty() {
        writeln!(text, "\n## Naast gepubliceerde cijfers\n")?;
        for beside in own {
            beside.write(text)?;
        }
        let origin = if own.iter().all(|own| own.sample == Sample::Model) {
            "De gepubliceerde cijfers komen zelf uit een model, met andere gegevens en een andere rekenwijze"
        } else {
            "De gepubliceerde cijfers zijn op een andere manier gemaakt"
        };
        writeln!(
            text,
            "- Dit is geen toets. {origin}. Verschil maakt geen van beide fout, en overeenkomst bewijst weinig: vaak rusten beide op dezelfde monitor."
        )?;
        writeln!(
            text,
            "- Het interval gaat over het werkelijke cijfer, niet over het cijfer van een ander, dat ook zijn onzekerheid heeft. Dat er minder dan 95% binnen valt, is dus gewoon."
        )?;
        writeln!(
            text,
            "- Een groot gemiddeld verschil bij een hoge rangcorrelatie wijst op een ander niveau (andere weging, andere bevolking of vraag); een lage rangcorrelatie op andere kenmerken of weinig eigen gegevens. Kijk dan naar `own_share`."
        )?;
        writeln!(
            text,
            "- Alleen cijfers die in beide getoond worden, tellen mee. Zet ze nooit in één trend, vergelijking of kaart; van de verschillen per gebied is geen marge bekend."
        )?;
    }
    writeln!(text, "\nGemaakt door pijplijn `{pipeline}`.")
}
