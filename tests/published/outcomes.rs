//! Every CSV of the shared data and what it must become. Rows, numbers and withheld cells were counted with the `csv` module of Python.

/// What a file is to the program.
pub enum Expected {
    /// Figures of a measure in a unit: rows, numbers, withheld cells; the other cells are empty.
    Figures(&'static str, &'static str, &'static str, [usize; 3]),
    /// As a published table with these keys and this measure: the code of the finding.
    Refused(&'static str, &'static str, &'static str),
    /// Columns of code and name; regions per level from the country to the buurt, and rows of other kinds of region.
    Regions(&'static str, &'static str, [usize; 5], u64),
    /// The same, and the code of the finding.
    NoRegions(&'static str, &'static str, &'static str),
    /// Columns of gemeente and GGD; numbers of both.
    Ggd(&'static str, &'static str, usize, usize),
    /// Measures of an OData v4 table: their number.
    Measures(usize),
    /// Periods of an OData v4 table: those that are not final.
    Provisional(&'static [&'static str]),
    /// Properties of an OData v4 table: its id.
    TableId(&'static str),
}

use Expected::{Figures, Ggd, Measures, NoRegions, Provisional, Refused, Regions, TableId};

const NAMES: &str = "ingest-no-region-codes";
const KWB: &str = "Regioaanduiding.Codering..code.";
const KWB_INCOME: &str = "Inkomen.Inkomen.van.huishoudens.Huishoudens.met.een.laag.inkomen....";
const LIST: &str = "region-column = \"Identifier\"\nperiod = 2022";
const GROUPS: &str = "region-column = \"Id\"\nperiod = 2022";
const ZEELAND: &str = r#"region-column = "WijkenEnBuurten"
period-column = "Perioden"
region-alias = { NL01 = "NL00" }
margins = { column = "Marges", value = "MW00000" }
[[source.breakdown]]
column = "Leeftijd"
codes = { "20300" = "total", "53115" = "age/18-64", "80200" = "age/65+" }"#;
const RIVM_2022: &str = r#"region-column = "WijkenEnBuurten"
period-column = "Perioden"
margins = { column = "Marges", value = "MW00000", lower = "MOG0095", upper = "MBG0095" }
[[source.breakdown]]
column = "Leeftijd"
codes = { "53115" = "age/18-64" }"#;
pub const YOUNG: &str = r#"region-column = "RegioS"
period = 2024
margins = { column = "Marges", value = "MW00000" }
[[source.breakdown]]
column = "Persoonskenmerken"
codes = { T009002 = "total" }"#;

/// Every file under the folder, with what it must become; a file that is two things has two entries.
pub const FILES: &[(&str, Expected)] = &[
    (
        "cbs/Gebieden_in_Nederland_2019_extract.csv",
        Figures("region-column = \"Code\"\nperiod = 2019", "Inwonertal", "count", [355, 355, 0]),
    ),
    ("cbs/Gebieden_in_Nederland_2019_extract.csv", Regions("Code", "Naam", [0, 0, 355, 0, 0], 0)),
    (
        "cbs/Gezondheidsmonitor16_83674NED.csv",
        Refused("region-column = \"RegioS\"\nperiod-column = \"Perioden\"", "ErvarenGezondheidGoedZeerGoed", NAMES),
    ),
    (
        "cbs/Gezondheidsmonitor20_85012NED.csv",
        Refused("region-column = \"RegioS\"\nperiod = 2020", "WekelijksSporter", NAMES),
    ),
    (
        "cbs/Inkomen_van_huishoudens__regio_11122025_135329_BROKEN_QUOTES.csv",
        Refused(
            "region-column = \"Regio's\"\nperiod = 2024",
            "Inkomen/Mediaan besteedbaar inkomen (1 000 euro)",
            "ingest-broken-quotes",
        ),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2015_Amsterdam.csv",
        Refused(
            "region-column = \"Wijken en buurten\"\nperiod = 2015",
            "Inkomen|Inkomen van personen|Gemiddeld inkomen per inwoner (x 1 000 euro)",
            NAMES,
        ),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2017_Amsterdam.csv",
        Figures(
            "region-column = \"Regioaanduiding.Codering..code.\"\nperiod = 2017",
            "Bevolking.Aantal.inwoners..aantal.",
            "count",
            [580, 580, 0],
        ),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2017_Amsterdam.csv",
        Figures(
            "region-column = \"Regioaanduiding.Codering..code.\"\nperiod = 2017",
            KWB_INCOME,
            "share",
            [580, 477, 103],
        ),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2019_Amsterdam.csv",
        Figures(
            "region-column = \"Regioaanduiding.Codering..code.\"\nperiod = 2019",
            "Bevolking.Aantal.inwoners..aantal.",
            "count",
            [580, 580, 0],
        ),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2019_Amsterdam.csv",
        Figures(
            "region-column = \"Regioaanduiding.Codering..code.\"\nperiod = 2019",
            KWB_INCOME,
            "share",
            [580, 487, 0],
        ),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2019_Amsterdam.csv",
        NoRegions(KWB, "Wijken en buurten", "ingest-missing-column"),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2024_11122025_141648.csv",
        Refused("region-column = \"Wijken en buurten\"\nperiod = 2024", "Bevolking/Aantal inwoners (aantal)", NAMES),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2024_geslachten.csv",
        Figures(
            "region-column = \"Regioaanduiding/Codering (code)\"\nperiod = 2024",
            "Bevolking/Aantal inwoners (aantal)",
            "count",
            [18_310, 18_310, 0],
        ),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2024_geslachten.csv",
        Regions("Regioaanduiding/Codering (code)", "Wijken en buurten", [1, 0, 342, 3393, 14_574], 0),
    ),
    (
        "cbs/Kerncijfers_wijken_en_buurten_2024_geslachten.csv",
        NoRegions("Wijken en buurten", "Wijken en buurten", "ingest-region-list"),
    ),
    (
        "cbs/Nabijheid_voorzieningen__buurt_2021_10022023_162519.csv",
        Refused(
            "region-column = \"Wijken en buurten\"\nperiod = 2021",
            "Vrije tijd en cultuur/Afstand tot bibliotheek (km)",
            NAMES,
        ),
    ),
    (
        "cbs/Regionale_kerncijfers_Nederland_11122025_133649.csv",
        Refused(
            "region-column = \"Regio's\"\nperiod-column = \"Perioden\"",
            "Bevolking/Bevolkingssamenstelling op 1 januari/Totale bevolking (aantal)",
            NAMES,
        ),
    ),
    (
        "cbs/SES_WOA_scores_per_wijk_en_buurt_25042023_160857.csv",
        Figures(
            "region-column = \"Regiocode (gemeente, wijk, buurt) (code)\"\nperiod-column = \"Perioden\"",
            "SES-WOA/Totaalscore/Gemiddelde score (Getal)",
            "index",
            [579, 489, 90],
        ),
    ),
    // Digits of buurten beside their names: no figure in it, and as a list of regions without the letters of the codes.
    (
        "cbs/buurtnaam2024_Baarn.csv",
        Refused("region-column = \"Buurt2024\"\nperiod = 2024", "buurtnaam2024", "ingest-region-numbers"),
    ),
    (
        "cbs/buurtnaam2024_Baarn.csv",
        Refused(
            "region-column = \"Buurt2024\"\nregion-digits = \"buurt\"\nperiod = 2024",
            "buurtnaam2024",
            "ingest-rejects",
        ),
    ),
    ("cbs/buurtnaam2024_Baarn.csv", NoRegions("Buurt2024", "buurtnaam2024", NAMES)),
    ("cbs/v4_bulk_83841NED_85678NED/Catalog.csv", Refused(LIST, "Index", NAMES)),
    ("cbs/v4_bulk_83841NED_85678NED/Dimensions.csv", Refused(LIST, "MapYear", NAMES)),
    (
        "cbs/v4_bulk_83841NED_85678NED/Distribution.csv",
        Refused("region-column = \"Format\"\nperiod = 2022", "Language", NAMES),
    ),
    ("cbs/v4_bulk_83841NED_85678NED/DuurInkomenspositieCodes.csv", Refused(LIST, "Index", NAMES)),
    ("cbs/v4_bulk_83841NED_85678NED/GeslachtCodes.csv", Refused(LIST, "Index", NAMES)),
    ("cbs/v4_bulk_83841NED_85678NED/InkomensgrensHuishoudenCodes.csv", Refused(LIST, "Index", NAMES)),
    ("cbs/v4_bulk_83841NED_85678NED/KenmerkenVanHuishoudensCodes.csv", Refused(LIST, "Index", NAMES)),
    (
        "cbs/v4_bulk_83841NED_85678NED/KenmerkenVanHuishoudensGroups.csv",
        Refused(GROUPS, "Index", "ingest-region-numbers"),
    ),
    ("cbs/v4_bulk_83841NED_85678NED/KenmerkenVanPersonenCodes.csv", Refused(LIST, "Index", NAMES)),
    ("cbs/v4_bulk_83841NED_85678NED/KenmerkenVanPersonenGroups.csv", Refused(GROUPS, "Index", "ingest-region-numbers")),
    ("cbs/v4_bulk_83841NED_85678NED/LinkProvenances.csv", Refused(GROUPS, "DatasetId", "ingest-repeated-column")),
    ("cbs/v4_bulk_83841NED_85678NED/LinkRelatedSources.csv", Refused(GROUPS, "DatasetId", "ingest-repeated-column")),
    ("cbs/v4_bulk_83841NED_85678NED/MeasureCodes.csv", Measures(6)),
    // Nothing reads its other characteristics. With a mapping of them it has a test of its own below.
    (
        "cbs/v4_bulk_83841NED_85678NED/Observations.csv",
        Refused(
            "region = \"NL00\"\nperiod-column = \"Perioden\"\n[[source.breakdown]]\ncolumn = \"KenmerkenVanHuishoudens\"\n\
             codes = { \"1050010\" = \"total\" }",
            "1050010_1",
            "ingest-dimension-unread",
        ),
    ),
    ("cbs/v4_bulk_83841NED_85678NED/PeriodenCodes.csv", Provisional(&["2022JJ00"])),
    ("cbs/v4_bulk_83841NED_85678NED/PeriodenGroups.csv", Refused(GROUPS, "Index", "ingest-region-numbers")),
    ("cbs/v4_bulk_83841NED_85678NED/Properties.csv", TableId("85678NED")),
    ("cbs/v4_bulk_83841NED_85678NED/RegioSCodes.csv", Regions("Identifier", "Title", [1, 0, 342, 0, 0], 91)),
    ("cbs/v4_bulk_83841NED_85678NED/RegioSGroups.csv", Refused(GROUPS, "Index", NAMES)),
    (
        "cbs/v4_bulk_woonplaatsen/Observations.csv",
        Refused("region-column = \"RegioS\"\nperiod = 2024", "GM000B", NAMES),
    ),
    ("cbs/v4_bulk_woonplaatsen/RegioSCodes.csv", NoRegions("Identifier", "Title", NAMES)),
    // Utrecht has two numbers in the monitor and stands there twice.
    ("codes/ggd_regios.csv", NoRegions("gg_code_cbs", "gg_naam_cbs_2022", "ingest-region-list")),
    (
        "codes/ggd_regios.csv",
        Refused("region-column = \"monitor_code\"\nperiod = 2022", "monitor_code", "ingest-region-numbers"),
    ),
    ("derived/50090NED_UntypedDataSet_GGDZeeland.csv", Figures(ZEELAND, "Eenzaam_28", "share", [5080, 4723, 357])),
    (
        "derived/50090NED_UntypedDataSet_GGDZeeland.csv",
        Figures(ZEELAND, "HeelVeelStressInAfgelopen4Weken_26", "share", [5080, 1179, 91]),
    ),
    ("derived/gemeente2024_naar_ggdregio.csv", Ggd("gm_code", "gg_code", 342, 25)),
    ("derived/gemeente2024_naar_ggdregio.csv", Regions("gm_code", "gm_naam_2024", [0, 0, 342, 0, 0], 0)),
    (
        "rivm/50120NED_2022_18_65_HoogRisicoOpAngstOfDepressie.csv",
        Figures(RIVM_2022, "HoogRisicoOpAngstOfDepressie_25", "share", [18_003, 17_049, 0]),
    ),
    // A key that moved: the number is a column position, and the nearest name may be another measure.
    (
        "rivm/50120NED_2022_18_65_HoogRisicoOpAngstOfDepressie.csv",
        Refused(RIVM_2022, "HoogRisicoAngststoornisOfDepressie_14", "ingest-missing-column"),
    ),
    // One row is of `CG01`, which no list explains.
    ("rivm/50140NED_TypedDataSet_22092025_192544.csv", Refused(YOUNG, "MoeiteMetRondkomen_1", "ingest-rejects")),
];
