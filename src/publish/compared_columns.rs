//! The columns of `comparisons` and `trends`, in the order of schema.md.

use super::columns::{
    Column,
    Kind::{Float64, Int32, Int64, Text},
    full, open,
};

/// Columns of `comparisons`.
#[rustfmt::skip]
pub(super) const COMPARISONS: &[Column] = &[
    full("parameter", Text, "", "id in `parameters`", "id in `parameters`"),
    full("collection", Text, "", "reeks waaruit het cijfer komt", "series that the figure comes from"),
    full("period", Int32, "year", "jaar van het cijfer", "year of the figure"),
    full("level", Text, "", "soort gebied", "kind of region"),
    full("region", Text, "", "gebiedscode, geldig samen met `region_year`; bij `all_siblings` het gebied waarvan de delen worden vergeleken", "region code, valid together with `region_year`; for `all_siblings` the region whose parts are compared"),
    full("region_year", Int32, "year", "jaar van de gebiedsindeling", "year of the region division"),
    full("statistic", Text, "", "soort getal", "kind of number"),
    full("dimension", Text, "", "uitsplitsing; `total` is geen uitsplitsing", "breakdown; `total` is none"),
    full("category", Text, "", "categorie binnen de uitsplitsing", "category within the breakdown"),
    full("method", Text, "", "hoe de waarden tot stand kwamen", "how the values came about"),
    full("source", Text, "", "id in `sources`", "id in `sources`"),
    full("variant", Text, "", "als in `figures`", "as in `figures`"),
    full("reference", Text, "", "waarmee het cijfer wordt vergeleken", "what the figure is compared with"),
    open("reference_region", Text, "", "het gebied waarmee, of met de rest waarvan, wordt vergeleken; leeg bij hetzelfde gebied", "the region that it is compared with, or with the rest of which; empty for the same region"),
    open("reference_category", Text, "", "de andere categorie; leeg bij dezelfde, of bij de rest van de uitsplitsing", "the other category; empty for the same one, or for the rest of the breakdown"),
    open("reference_period", Int32, "year", "het andere jaar, of het jaar van de streefwaarde; leeg bij hetzelfde jaar", "the other year, or that of the target; empty for the same year"),
    open("difference", Float64, "see unit of the figure", "cijfer min vergelijkingscijfer; leeg als het niet wordt getoond en bij `all_siblings`", "figure minus reference; empty when withheld and for `all_siblings`"),
    open("se", Float64, "see unit of the figure", "standaardfout van het verschil", "standard error of the difference"),
    open("lower", Float64, "see unit of the figure", "ondergrens van het verschil, bij betrouwbaarheid 1 - `alpha`", "lower limit of the difference, at confidence 1 - `alpha`"),
    open("upper", Float64, "see unit of the figure", "bovengrens van het verschil", "upper limit of the difference"),
    open("df", Int64, "", "vrijheidsgraden van de t-toets", "degrees of freedom of the t test"),
    full("test", Text, "", "toets die het oordeel volgt", "test that the verdict follows"),
    open("p_test", Float64, "probability", "p van de toets van Rao en Scott (F)", "p of the Rao-Scott test (F)"),
    open("p_difference", Float64, "probability", "p van de t-toets van het verschil", "p of the t test of the difference"),
    open("p_adjusted", Float64, "probability", "p van de toets in `test`, aangepast aan het aantal toetsen", "p of the test in `test`, adjusted for the number of tests"),
    full("adjustment", Text, "", "hoe p is aangepast", "how p was adjusted"),
    open("probability_higher", Float64, "probability", "bij modellen: de kans dat het cijfer hoger is", "for models: the probability that the figure is higher"),
    full("alpha", Float64, "probability", "grens voor toeval", "limit of chance"),
    full("minimum_difference", Float64, "see unit of the figure", "kleinste verschil dat ertoe doet", "smallest difference that matters"),
    open("verdict", Text, "", "oordeel", "verdict"),
    open("favourable", Text, "", "oordeel in termen van gezondheid", "verdict in terms of health"),
    full("status", Text, "", "of de vergelijking wordt getoond", "whether the comparison is shown"),
    open("reason", Text, "", "waarom niet, of waarom er geen toets is", "why not, or why there is no test"),
];

/// Columns of `trends`.
#[rustfmt::skip]
pub(super) const TRENDS: &[Column] = &[
    full("parameter", Text, "", "id in `parameters`", "id in `parameters`"),
    full("collection", Text, "", "reeks waaruit de cijfers komen", "series that the figures come from"),
    full("level", Text, "", "soort gebied", "kind of region"),
    full("region", Text, "", "gebiedscode, geldig samen met `region_year`", "region code, valid together with `region_year`"),
    full("region_year", Int32, "year", "jaar van de gebiedsindeling van het laatste cijfer", "year of the region division of the latest figure"),
    full("dimension", Text, "", "uitsplitsing; `total` is geen uitsplitsing", "breakdown; `total` is none"),
    full("category", Text, "", "categorie binnen de uitsplitsing", "category within the breakdown"),
    full("method", Text, "", "hoe de waarden tot stand kwamen", "how the values came about"),
    full("periods", Text, "", "de perioden van de trend, door spaties gescheiden", "the periods of the trend, separated by blanks"),
    full("n_periods", Int32, "", "aantal perioden", "number of periods"),
    open("slope", Float64, "per year", "helling per jaar: bij aandelen op de logitschaal, bij gemiddelden op de eigen schaal", "slope per year: of the logit for shares, of the mean itself for means"),
    open("se", Float64, "per year", "standaardfout van de helling", "standard error of the slope"),
    open("p", Float64, "probability", "p van geen helling (t-toets)", "p of no slope (t test)"),
    open("change", Float64, "see unit of the figure", "laatste min eerste waarde", "latest minus first value"),
    open("change_se", Float64, "see unit of the figure", "standaardfout van de verandering", "standard error of the change"),
    open("change_lower", Float64, "see unit of the figure", "ondergrens van de verandering, bij de betrouwbaarheid van `figures`", "lower limit of the change, at the confidence of `figures`"),
    open("change_upper", Float64, "see unit of the figure", "bovengrens van de verandering", "upper limit of the change"),
    open("verdict", Text, "", "`higher` is stijgend, `lower` dalend", "`higher` is rising, `lower` falling"),
    open("favourable", Text, "", "oordeel in termen van gezondheid", "verdict in terms of health"),
    full("status", Text, "", "of de trend wordt getoond", "whether the trend is shown"),
    open("reason", Text, "", "waarom niet", "why not"),
];
