//! The codebook: what a release says, for people. Dutch first, English beside it.

use std::fmt::Write as _;

use super::{
    columns::Column,
    compared_words,
    schema::{SCHEMA_VERSION, Table},
    words,
};
use crate::{
    declare::{Catalogue, CoverageEntry, ParameterEntry, SourceEntry},
    vocab::{
        Adjustment, Favourable, IntervalMethod, Level, Method, Reason, Reference, Reliability, Sample, Statistic,
        Status, Test, Unit, Verdict,
    },
};

/// What a release is, in a few sentences.
const OPENING: &str = "\
# Codeboek

*English beside or below each part.*

Een uitgave van wijkpeil is een map met tabellen over mentale gezondheid per gebied. `figures` heeft één rij per cijfer: een
parameter in een gebied en een periode, voor iedereen of voor een groep. `dashboard` heeft dezelfde totaalcijfers met één rij per
gebied en periode. Een aandeel loopt van 0 tot en met 1. Een cijfer dat niet wordt getoond, houdt zijn rij: de waarde is leeg en
`status` en `reason` zeggen waarom. Leeg is nooit 0. Een gebiedscode geldt alleen samen met haar indelingsjaar.

*A release of wijkpeil is a folder of tables on mental health per region. `figures` has one row per figure: a parameter in a
region and a period, for everybody or for a group. `dashboard` has the same totals with one row per region and period. A share
runs from 0 to 1. A figure that is withheld keeps its row: the value is empty, and `status` and `reason` say why. Empty is never 0.
A region code is only valid together with its region year.*
";

/// The codebook of a catalogue as Markdown. The same catalogue gives the same text.
#[must_use]
pub fn codebook_markdown(catalogue: &Catalogue) -> String {
    let mut text = format!("{OPENING}\nSchemaversie / *schema version*: {SCHEMA_VERSION}\n");
    text.push_str("\n## Parameters\n");
    let perspectives = &catalogue.perspectives;
    for perspective in perspectives {
        let _ = write!(text, "\n## {} / *{}*\n", line(&perspective.label_nl), line(&perspective.label_en));
        for id in &perspective.parameters {
            let own = catalogue.parameters.iter().filter(|parameter| parameter.id == *id);
            own.for_each(|parameter| text.push_str(&parameter_section(catalogue, parameter)));
        }
    }
    for parameter in catalogue.parameters.iter().filter(|_| perspectives.is_empty()) {
        text.push_str(&parameter_section(catalogue, parameter));
    }
    coverage_table(&mut text, catalogue);
    text.push_str("\n## Bronnen / *Sources*\n\n");
    for source in &catalogue.sources {
        text.push_str(&source_line(source));
    }
    text.push_str("\n## Kolommen van `figures` / *Columns of `figures`*\n");
    table(&mut text, ["kolom / *column*", "type", "eenheid / *unit*", "betekenis", "*meaning*"]);
    for Column { name, kind, unit, nl, en, .. } in Table::Figures.columns() {
        row(&mut text, [&format!("`{name}`"), kind.as_str(), unit, nl, en]);
    }
    text.push_str("\n## Woorden / *Words*\n");
    words_table(&mut text, "status", Status::ALL, Status::as_str, words::status);
    words_table(&mut text, "reason", Reason::ALL, Reason::as_str, words::reason);
    words_table(&mut text, "method", Method::ALL, Method::as_str, words::method);
    words_table(&mut text, "statistic", Statistic::ALL, Statistic::as_str, words::statistic);
    words_table(&mut text, "unit", Unit::ALL, Unit::as_str, words::unit);
    words_table(&mut text, "interval_method", IntervalMethod::ALL, IntervalMethod::as_str, words::interval_method);
    words_table(&mut text, "sample", Sample::ALL, Sample::as_str, words::sample);
    words_table(&mut text, "reliability", Reliability::ALL, Reliability::as_str, compared_words::reliability);
    text.push_str("\n## Vergelijkingen en trends / *Comparisons and trends*\n");
    table(&mut text, ["kolom van `comparisons` / *column*", "type", "betekenis", "*meaning*"]);
    for Column { name, kind, nl, en, .. } in Table::Comparisons.columns() {
        row(&mut text, [&format!("`{name}`"), kind.as_str(), nl, en]);
    }
    table(&mut text, ["kolom van `trends` / *column*", "type", "betekenis", "*meaning*"]);
    for Column { name, kind, nl, en, .. } in Table::Trends.columns() {
        row(&mut text, [&format!("`{name}`"), kind.as_str(), nl, en]);
    }
    words_table(&mut text, "reference", Reference::ALL, Reference::as_str, compared_words::reference);
    words_table(&mut text, "test", Test::ALL, Test::as_str, compared_words::test);
    words_table(&mut text, "adjustment", Adjustment::ALL, Adjustment::as_str, compared_words::adjustment);
    words_table(&mut text, "verdict", Verdict::ALL, Verdict::as_str, compared_words::verdict);
    words_table(&mut text, "favourable", Favourable::ALL, Favourable::as_str, compared_words::favourable);
    text
}

fn parameter_section(catalogue: &Catalogue, parameter: &ParameterEntry) -> String {
    let unit = words::unit(parameter.unit);
    let direction = match parameter.direction.as_str() {
        "higher" => "hoger is gunstiger / *higher is better*",
        "lower" => "lager is gunstiger / *lower is better*",
        "context" => "geen gunstige richting / *no favourable direction*",
        other => other,
    };
    let mut text = format!(
        "\n### {}\n\n*{}*\n\n{}\n\n*{}*\n",
        line(&parameter.label_nl),
        line(&parameter.label_en),
        line(&parameter.description_nl),
        line(&parameter.description_en),
    );
    table(&mut text, ["", ""]);
    row(&mut text, ["id", &format!("`{}`", parameter.id)]);
    row(&mut text, ["versie / *version*", &parameter.version.to_string()]);
    row(&mut text, ["eenheid / *unit*", &format!("`{}`: {} / *{}*", parameter.unit, unit.0, unit.1)]);
    row(&mut text, ["richting / *direction*", direction]);
    row(&mut text, ["vragenlijst / *instrument*", &parameter.instrument]);
    row(&mut text, ["regel / *rule*", &format!("`{}`", parameter.rule)]);
    row(
        &mut text,
        ["actielijn en domein / *action line and domain*", &format!("{}; {}", parameter.theme, parameter.domain)],
    );
    row(&mut text, ["levensfase / *life phase*", &parameter.life_phase]);
    let place = format!("{}; {}", parameter.prevention_level, parameter.setting);
    row(&mut text, ["preventieniveau en setting / *prevention level and setting*", &place]);
    let offers = catalogue.interventions.iter().filter(|own| own.parameter == parameter.id);
    let offers: Vec<String> = offers.map(|own| format!("{} ({})", own.name, own.status)).collect();
    let about = &parameter.about;
    let breaks: Vec<String> = about.breaks.iter().map(i32::to_string).collect();
    for (head, words) in [
        ("telt mee / *numerator*", about.numerator.as_str()),
        ("van wie / *denominator*", about.denominator.as_str()),
        ("gemeten als / *measured as*", &about.measured.join("; ")),
        ("zinvol tot en met niveau / *sound down to level*", about.lowest_level.map_or("", Level::as_str)),
        ("familie / *family*", &about.family),
        ("nieuwe reeks vanaf / *new series from*", &breaks.join(", ")),
        ("wat kan helpen / *what may help*", &offers.join("; ")),
        ("deel van de set / *part of the set*", &parameter.tier),
        ("rij van het voorstel / *row of the proposal*", &about.proposal),
        ("let op / *note*", &about.note),
    ] {
        if !words.is_empty() {
            row(&mut text, [head, words]);
        }
    }
    row(&mut text, ["vergelijkbaarheid / *comparability*", &parameter.comparability]);
    row(&mut text, ["herkomst van de definitie / *source of the definition*", &parameter.source]);
    row(&mut text, ["stand van de definitie / *status of the definition*", &parameter.status]);
    text
}

/// Where each parameter has figures: one row per parameter, collection and answer, with the periods that share it. None is left out.
fn coverage_table(text: &mut String, catalogue: &Catalogue) {
    if catalogue.coverage.is_empty() {
        return;
    }
    text.push_str(
        "\n## Dekking / *Coverage*\n\nPer parameter uit welke reeks, welke periode en op welk niveau er cijfers zijn, en anders waarom niet. \
         *Per parameter from which series, for which period and at which level there are figures, and otherwise why not.*\n",
    );
    table(text, ["parameter", "reeks / *collection*", "periode / *period*", "niveau / *level*", "cijfers / *figures*"]);
    let alike = |a: &CoverageEntry, b: &CoverageEntry| {
        (&a.parameter, &a.collection, &a.levels, a.state) == (&b.parameter, &b.collection, &b.levels, b.state)
    };
    for entries in catalogue.coverage.chunk_by(alike) {
        let entry = &entries[0];
        let levels: Vec<&str> = entry.levels.iter().map(|level| level.as_str()).collect();
        let state = match entry.state {
            "direct" => "gemeten / *measured*",
            "published" => "overgenomen / *published*",
            "register" => "geteld / *counted*",
            "synthetic" => "synthetisch / *synthetic*",
            "not_measured" => "niet gemeten in deze bron / *not measured by this source*",
            "column_absent" => "het bestand heeft de kolom niet / *the file lacks the column*",
            "not_computed" => "niet in deze pipeline / *not in this pipeline*",
            _ => "geen bestand levert dit / *no file feeds it*",
        };
        let periods: Vec<&str> = entries
            .iter()
            .map(|own| if own.period == "in the file" { "zie de tabel / *see the table*" } else { &own.period })
            .collect();
        row(
            text,
            [&format!("`{}`", entry.parameter), &entry.collection, &periods.join(", "), &levels.join(" "), state],
        );
    }
}

fn source_line(source: &SourceEntry) -> String {
    let sample = words::sample(source.sample);
    let parts = [&source.table_id, &source.publisher, &source.licence, &source.fieldwork];
    let about: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).map(|part| line(part)).collect();
    let mut text = format!("- `{}`: {}", source.id, line(&source.title));
    if !about.is_empty() {
        let _ = write!(text, " ({})", about.join("; "));
    }
    let _ = writeln!(text, ". Steekproef / *sample*: {} / *{}*.", sample.0, sample.1);
    if source.sample == Sample::Open {
        text.push_str(
            "  **Let op: de deelnemers zijn open geworven. Wie wilde, kon meedoen; het is geen kanssteekproef, en de cijfers \
             hoeven niet voor alle inwoners te gelden.** *Note: the participants were openly recruited. This is not a probability \
             sample, and the figures need not hold for all inhabitants.*\n",
        );
    }
    text
}

fn words_table<W: Copy>(
    text: &mut String,
    column: &str,
    all: &[W],
    as_str: fn(W) -> &'static str,
    meaning: fn(W) -> words::Meaning,
) {
    table(text, [&format!("`{column}`"), "betekenis", "*meaning*"]);
    for &word in all {
        let (nl, en) = meaning(word);
        row(text, [&format!("`{}`", as_str(word)), nl, en]);
    }
}

/// The head of a Markdown table.
fn table<const N: usize>(text: &mut String, head: [&str; N]) {
    text.push('\n');
    row(text, head);
    let _ = writeln!(text, "|{}", " --- |".repeat(N));
}

fn row<const N: usize>(text: &mut String, cells: [&str; N]) {
    let cells = cells.map(|cell| line(cell).replace('|', "\\|"));
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

/// Text of a definition file on one line: a line break would end a heading or a table row.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The parameters as CSV: the columns of `parameters`, comma-separated, quoted as in RFC 4180, UTF-8.
#[must_use]
pub fn codebook_csv(catalogue: &Catalogue) -> String {
    let mut text = String::new();
    let head: Vec<&str> = Table::Parameters.columns().iter().map(|column| column.name).collect();
    csv_row(&mut text, &head);
    for parameter in &catalogue.parameters {
        csv_row(
            &mut text,
            &[
                &parameter.id,
                &parameter.version.to_string(),
                &parameter.label_nl,
                &parameter.label_en,
                &parameter.description_nl,
                &parameter.description_en,
                &parameter.theme,
                &parameter.domain,
                &parameter.life_phase,
                &parameter.prevention_level,
                &parameter.setting,
                parameter.unit.as_str(),
                &parameter.direction,
                &parameter.instrument,
                &parameter.rule,
                &parameter.comparability,
                &parameter.source,
                &parameter.status,
                &parameter.tier,
            ],
        );
    }
    text
}

fn csv_row(text: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| csv_cell(cell)).collect();
    text.push_str(&cells.join(","));
    text.push_str("\r\n");
}

/// A cell that a spreadsheet shows as text: every line that would open a formula, also behind blanks, gets a `'` before it. Numbers are exempt.
fn csv_cell(cell: &str) -> String {
    let opens = |line: &str| {
        let begins = line.trim_start_matches([' ', '\u{a0}']);
        // The wide forms of East Asian keyboards open formulas too.
        begins.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'])
            && line.trim().parse::<f64>().is_err()
    };
    let lines = cell.split('\n').map(|line| if opens(line) { format!("'{line}") } else { line.to_owned() });
    let mut text = lines.collect::<Vec<_>>().join("\n");
    // A line break at the beginning is a sign of its own.
    if text.starts_with('\n') {
        text.insert(0, '\'');
    }
    if text.contains(['"', ',', ';', '\n', '\r', '\t']) || text != text.trim() {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{super::fixture, *};

    #[test]
    fn an_openly_recruited_source_says_so_in_dutch() {
        let text = codebook_markdown(&fixture::catalogue());
        assert_eq!(text.matches("de deelnemers zijn open geworven").count(), 1);
        assert!(text.contains("### Ernstig eenzaam"));
        assert!(text.contains("| `min_n` | te weinig geldige antwoorden |"));
    }

    #[test]
    fn a_pipe_and_a_line_break_stay_in_their_cell() {
        let mut catalogue = fixture::catalogue();
        catalogue.parameters[0].comparability = "a | b\nc".to_owned();
        assert!(codebook_markdown(&catalogue).contains("| a \\| b c |"));
    }

    #[test]
    fn csv_cells_are_quoted_and_never_a_formula() {
        for (cell, written) in [
            ("plain", "plain"),
            ("a,b", "\"a,b\""),
            ("say \"x\"", "\"say \"\"x\"\"\""),
            ("=1+1", "'=1+1"),
            ("@x", "'@x"),
            ("-3, or", "\"'-3, or\""),
            ("\tx", "\"'\tx\""),
            (" \u{a0}=1+1", "' \u{a0}=1+1"),
            ("＝1+1", "'＝1+1"),
            ("a\n=1+1\nb", "\"a\n'=1+1\nb\""),
            ("\n=1", "\"'\n'=1\""),
            ("-99996", "-99996"),
            ("+1.5e3", "+1.5e3"),
            ("-1+cmd|'/c x'!A0", "'-1+cmd|'/c x'!A0"),
            ("", ""),
        ] {
            assert_eq!(csv_cell(cell), written, "{cell:?}");
        }
        let text = codebook_csv(&fixture::catalogue());
        assert!(text.starts_with("id,version,label_nl,"));
        assert_eq!(text.matches("\r\n").count(), 1 + fixture::catalogue().parameters.len());
    }
}
