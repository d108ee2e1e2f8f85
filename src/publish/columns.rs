//! The columns of every table of schema.md: name, type, unit and what it means, in the order of that page.

/// Type of a column; each is a plain parquet type that every reader knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// Integer of 32 bits.
    Int32,
    /// Integer of 64 bits.
    Int64,
    /// Floating point of 64 bits.
    Float64,
    /// True or false.
    Boolean,
}

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name.
    pub name: &'static str,
    /// Type.
    pub kind: Kind,
    /// Whether a cell may be empty.
    pub nullable: bool,
    /// Unit, empty where there is none.
    pub unit: &'static str,
    /// Dutch description.
    pub nl: &'static str,
    /// English description.
    pub en: &'static str,
}

use Kind::{Boolean, Float64, Int32, Int64, Text};

/// A column that always has a value.
pub(super) const fn full(
    name: &'static str,
    kind: Kind,
    unit: &'static str,
    nl: &'static str,
    en: &'static str,
) -> Column {
    Column { name, kind, nullable: false, unit, nl, en }
}

/// A column that may be empty.
pub(super) const fn open(
    name: &'static str,
    kind: Kind,
    unit: &'static str,
    nl: &'static str,
    en: &'static str,
) -> Column {
    Column { name, kind, nullable: true, unit, nl, en }
}

/// Columns of `figures`.
#[rustfmt::skip]
pub(super) const FIGURES: &[Column] = &[
    full("parameter", Text, "", "id in `parameters`", "id in `parameters`"),
    full("collection", Text, "", "reeks waaruit het cijfer komt", "series that the figure comes from"),
    full("period", Int32, "year", "jaar; het laatste bij samengevoegde jaren, het latere van een schooljaar", "year; the last of pooled years, the later one of a school year"),
    full("period_label", Text, "", "periode zoals men die schrijft", "period as people write it"),
    full("level", Text, "", "soort gebied: nl, ggd, gemeente, wijk of buurt", "kind of region: nl, ggd, gemeente (municipality), wijk (district) or buurt (neighbourhood)"),
    full("region", Text, "", "gebiedscode, geldig samen met `region_year`", "region code, valid together with `region_year`"),
    full("region_year", Int32, "year", "jaar van de gebiedsindeling", "year of the region division"),
    full("statistic", Text, "", "soort getal; `crude` is niet gestandaardiseerd", "kind of number; `crude` is not standardised"),
    full("dimension", Text, "", "uitsplitsing; `total` is geen uitsplitsing", "breakdown; `total` is none"),
    full("category", Text, "", "categorie binnen de uitsplitsing", "category within the breakdown"),
    open("value", Float64, "see column unit", "waarde: aandeel in [0, 1] of gemiddelde, volgens `unit`; leeg als zij niet wordt getoond, nooit 0", "value: share in [0, 1] or mean, by `unit`; empty when withheld, never 0"),
    open("se", Float64, "see column unit", "standaardfout van de waarde; bij `rii` en `ratio` op de logschaal", "standard error of the value; of `rii` and `ratio` on the log scale"),
    open("lower", Float64, "see column unit", "ondergrens van het betrouwbaarheidsinterval", "lower limit of the confidence interval"),
    open("upper", Float64, "see column unit", "bovengrens van het betrouwbaarheidsinterval", "upper limit of the confidence interval"),
    open("confidence", Float64, "probability", "betrouwbaarheid van het interval, zoals 0,95", "confidence level of the interval, such as 0.95"),
    open("interval_method", Text, "", "hoe het interval is gemaakt", "how the interval was made"),
    open("n", Int64, "persons", "ongewogen aantal geldige antwoorden, zo nodig afgerond", "unweighted number of valid answers, rounded where the policy says so"),
    open("n_class", Text, "persons", "klasse van het aantal, zoals 100-199", "class of the number, such as 100-199"),
    open("n_effective", Float64, "persons", "effectieve steekproefomvang: n / deff", "effective sample size: n / deff"),
    open("deff", Float64, "ratio", "ontwerpeffect van de steekproef", "design effect"),
    open("df", Int64, "", "vrijheidsgraden", "degrees of freedom"),
    open("population", Float64, "persons", "aantal personen over wie het cijfer gaat; bij registers de noemer, per jaar", "number of persons that the figure speaks of; for registers the denominator, per year"),
    full("unit", Text, "", "eenheid van de waarde", "unit of the value"),
    full("method", Text, "", "hoe de waarde tot stand kwam", "how the value came about"),
    full("variant", Text, "", "onderscheidt twee cijfers van één methode; meestal leeg tekstveld", "tells two figures of one method apart; mostly an empty text"),
    full("status", Text, "", "of er een waarde is", "whether there is a value"),
    open("reason", Text, "", "waarom er geen waarde of geen interval is", "why there is no value or no interval"),
    open("reliability", Text, "", "klasse van nauwkeurigheid", "class of precision"),
    open("own_share", Float64, "share", "bij modellen: het deel dat uit het gebied zelf komt", "for models: the part that is the region's own data"),
    full("provisional", Boolean, "", "of de bron het cijfer voorlopig noemt", "whether the source calls the figure provisional"),
    full("source", Text, "", "id in `sources`", "id in `sources`"),
    full("definition", Text, "", "regel waarmee het is bepaald: `<regel>@<versie>`", "rule it was made with: `<rule>@<version>`"),
];

/// Columns of `dashboard` that stand before those of the parameters.
#[rustfmt::skip]
pub(super) const DASHBOARD: &[Column] = &[
    full("collection", Text, "", "reeks waaruit de cijfers komen", "series that the figures come from"),
    full("period", Int32, "year", "jaar", "year"),
    full("period_label", Text, "", "periode zoals men die schrijft", "period as people write it"),
    full("level", Text, "", "soort gebied", "kind of region"),
    full("region", Text, "", "gebiedscode, geldig samen met `region_year`", "region code, valid together with `region_year`"),
    full("region_year", Int32, "year", "jaar van de gebiedsindeling", "year of the region division"),
    full("region_name", Text, "", "naam van het gebied", "name of the region"),
    open("parent", Text, "", "code van het gebied waar dit in ligt", "code of the region that this one lies in"),
    full("sample", Text, "", "soort steekproef achter de cijfers van deze rij; `open` is open werving", "kind of sample behind the figures of this row; `open` is open recruitment"),
];

/// Columns of `parameters`.
#[rustfmt::skip]
pub(super) const PARAMETERS: &[Column] = &[
    full("id", Text, "", "id van de parameter", "id of the parameter"),
    full("version", Int64, "", "versie van de definitie", "version of the definition"),
    full("label_nl", Text, "", "Nederlandse naam", "Dutch label"),
    full("label_en", Text, "", "Engelse naam", "English label"),
    full("description_nl", Text, "", "Nederlandse omschrijving", "Dutch description"),
    full("description_en", Text, "", "Engelse omschrijving", "English description"),
    full("theme", Text, "", "actielijn", "action line"),
    full("domain", Text, "", "domein binnen mentale gezondheid", "domain within mental health"),
    full("life_phase", Text, "", "levensfase", "phase of life"),
    full("prevention_level", Text, "", "soort preventie", "level of prevention"),
    full("setting", Text, "", "waar een gemeente iets kan doen", "where a municipality can act on it"),
    full("unit", Text, "", "eenheid van de waarde", "unit of the value"),
    full("direction", Text, "", "gunstige richting: `higher`, `lower` of `context`", "favourable direction: `higher`, `lower` or `context`"),
    full("instrument", Text, "", "vragenlijst of vraag", "instrument or question"),
    full("rule", Text, "", "regel: `<regel>@<versie>`", "rule: `<rule>@<version>`"),
    full("comparability", Text, "", "wat wel en niet te vergelijken is", "what may and may not be compared"),
    full("source", Text, "", "herkomst van de definitie", "where the definition comes from"),
    full("status", Text, "", "of de definitie is nagekeken", "whether the definition has been verified"),
    full("tier", Text, "", "kern of uitbreiding", "core or extended"),
];

/// Columns of `regions`.
#[rustfmt::skip]
pub(super) const REGIONS: &[Column] = &[
    full("code", Text, "", "gebiedscode", "region code"),
    full("region_year", Int32, "year", "jaar van de gebiedsindeling", "year of the region division"),
    full("level", Text, "", "soort gebied", "kind of region"),
    full("name", Text, "", "naam", "name"),
    open("parent", Text, "", "code van het gebied waar dit in ligt", "code of the region that this one lies in"),
    open("population", Float64, "persons", "aantal inwoners", "number of inhabitants"),
    open("predecessors", Text, "", "codes waar dit gebied uit is ontstaan, met hun indelingsjaar (`GM0398@2020`), door spaties gescheiden; volgens de opgegeven omzettabellen", "codes that this region came from, with their region year (`GM0398@2020`), separated by blanks; by the declared recode tables"),
    open("comparable", Text, "", "andere indelingsjaren waarin dezelfde code hetzelfde gebied is, of die een opgegeven omzetting verbindt, door spaties gescheiden", "other region years in which the same code is the same region, or that a declared recode joins, separated by blanks"),
];

/// Columns of `categories`.
#[rustfmt::skip]
pub(super) const CATEGORIES: &[Column] = &[
    full("dimension", Text, "", "uitsplitsing", "breakdown"),
    full("category", Text, "", "categorie", "category"),
    full("dimension_label_nl", Text, "", "Nederlandse naam van de uitsplitsing", "Dutch label of the breakdown"),
    full("dimension_label_en", Text, "", "Engelse naam van de uitsplitsing", "English label of the breakdown"),
    full("label_nl", Text, "", "Nederlandse naam", "Dutch label"),
    full("label_en", Text, "", "Engelse naam", "English label"),
    full("order", Int32, "", "plaats in een tabel, vanaf 1", "place in a table, from 1"),
];

/// Columns of `sources`.
#[rustfmt::skip]
pub(super) const SOURCES: &[Column] = &[
    full("id", Text, "", "id van de bron", "id of the source"),
    full("title", Text, "", "titel", "title"),
    full("table_id", Text, "", "tabelnummer bij de uitgever", "table id at the publisher"),
    full("publisher", Text, "", "uitgever", "publisher"),
    full("licence", Text, "", "licentie", "licence"),
    full("sample", Text, "", "soort steekproef", "kind of sample"),
    full("fieldwork", Text, "", "periode van veldwerk", "period of fieldwork"),
    full("file_hash", Text, "sha256", "hash over de bestanden van de bron", "hash over the files of the source"),
    full("covers", Text, "", "gebieden die de bron geheel dekt", "regions that the source covers wholly"),
];

/// Columns of `targets`.
#[rustfmt::skip]
pub(super) const TARGETS: &[Column] = &[
    full("parameter", Text, "", "id in `parameters`", "id in `parameters`"),
    full("collection", Text, "", "reeks waaruit het cijfer komt", "series that the figure comes from"),
    full("period", Int32, "year", "jaar van het laatste cijfer", "year of the latest figure"),
    full("period_label", Text, "", "periode zoals men die schrijft", "period as people write it"),
    full("level", Text, "", "soort gebied", "kind of region"),
    full("region", Text, "", "gebiedscode, geldig samen met `region_year`", "region code, valid together with `region_year`"),
    full("region_year", Int32, "year", "jaar van de gebiedsindeling", "year of the region division"),
    full("method", Text, "", "hoe de waarde tot stand kwam", "how the value came about"),
    full("source", Text, "", "id in `sources`", "id in `sources`"),
    full("variant", Text, "", "als in `figures`", "as in `figures`"),
    full("unit", Text, "", "eenheid van waarde en streefwaarde", "unit of value and target"),
    full("target", Float64, "see column unit", "streefwaarde", "value to be reached"),
    full("target_year", Int32, "year", "jaar waarin", "by when"),
    full("label_nl", Text, "", "Nederlandse naam van de streefwaarde", "Dutch label of the target"),
    full("label_en", Text, "", "Engelse naam van de streefwaarde", "English label of the target"),
    full("target_source", Text, "", "waar de streefwaarde is afgesproken", "where the target was agreed"),
    open("value", Float64, "see column unit", "laatste waarde; leeg als zij niet wordt getoond", "latest value; empty when withheld"),
    open("difference", Float64, "see column unit", "waarde min streefwaarde", "value minus target"),
    open("reached", Boolean, "", "of de streefwaarde is gehaald; zegt niets over toeval", "whether the target is reached; says nothing about chance"),
    full("status", Text, "", "of er een waarde is", "whether there is a value"),
];

/// Columns of `interventions`.
#[rustfmt::skip]
pub(super) const INTERVENTIONS: &[Column] = &[
    full("parameter", Text, "", "id in `parameters`", "id in `parameters`"),
    full("id", Text, "", "id van de interventie", "id of the intervention"),
    full("name", Text, "", "naam", "name"),
    full("database", Text, "", "waar zij geregistreerd is", "where it is registered"),
    full("theme", Text, "", "actielijnen", "action lines"),
    full("life_phase", Text, "", "levensfasen", "phases of life"),
    full("prevention_level", Text, "", "soorten preventie", "levels of prevention"),
    full("setting", Text, "", "waar zij plaatsvindt", "where it takes place"),
    full("description_nl", Text, "", "Nederlandse omschrijving", "Dutch description"),
    full("description_en", Text, "", "Engelse omschrijving", "English description"),
    full("source", Text, "", "waar zij is gevonden", "where it was found"),
    full("status", Text, "", "of de registratie is nagekeken", "whether the registration has been verified"),
];

/// Columns of `quality/rejects`.
#[rustfmt::skip]
pub(super) const REJECTS: &[Column] = &[
    full("source", Text, "", "id van de bron", "id of the source"),
    full("file", Text, "", "bestandsnaam", "file name"),
    open("row", Int64, "", "rijnummer; leeg in een openbare uitgave", "row number; empty in a public release"),
    full("column", Text, "", "kolom", "column"),
    full("code", Text, "", "code van de bevinding", "code of the finding"),
];

/// Columns of `quality/checks`.
#[rustfmt::skip]
pub(super) const CHECKS: &[Column] = &[
    full("check", Text, "", "naam van de controle", "name of the check"),
    full("subject", Text, "", "wat is nagekeken", "what was checked"),
    open("measured", Float64, "see check", "wat is gevonden", "what was found"),
    open("limit", Float64, "see check", "de grens die gold", "the limit it was held against"),
    full("verdict", Text, "", "uitkomst", "outcome"),
];
