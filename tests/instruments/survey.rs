//! Small files of respondents in which each respondent lives in a gemeente alone, so that every answer can be seen.

use wijkpeil::plan::{self, NamedEstimate, Silent};

use crate::published::project::{Pipeline, folder, source};

/// What became of one respondent for one parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    Yes,
    No,
    Unknown,
    NotApplicable,
    Score(f64),
}

/// Keys of a source of respondents of 2022 with one weight.
pub const KEYS: &str =
    "files = [\"t.csv\"]\nperiod = 2022\nregion-year = 2022\ncovers = [\"GG9901\"]\nmax-rejects = 0\n";
/// The tables of that source.
pub const TABLES: &str =
    "[source.region]\ngemeente = { column = \"gemeente\" }\n[[source.weight-set]]\nid = \"all\"\nweight = \"w\"\n";

/// An instrument with its head, and a case that says nothing about its scores but that `score` is unknown without answers.
pub fn instrument(body: &str, score: &str) -> String {
    format!(
        "[instrument]\nid = \"i\"\nversion = 1\nlabel-nl = \"a\"\nlabel-en = \"a\"\ndirection = \"higher-is-worse\"\n\
         source = \"a test\"\nstatus = \"verified\"\n{body}\n\
         [[case]]\nname = \"no answer\"\nsource = \"a test\"\nanswers = {{}}\nscores = {{ {score} = \"unknown\" }}\n"
    )
}

/// An item of column and recode of the same name.
pub fn item(id: &str, recode: &str) -> String {
    format!("[[item]]\nid = \"{id}\"\ncolumn = \"{id}\"\nrecode = \"{recode}\"\nlabel-nl = \"a\"\n")
}

/// A rule with its words.
pub fn rule(id: &str, test: &str) -> String {
    format!("[[rule]]\nid = \"{id}\"\n{test}\nlabel-nl = \"a\"\nlabel-en = \"a\"\nsource = \"a test\"\n")
}

/// A measure of a rule of the instrument, for ever.
pub fn measure(kind: &str, part: &str, more: &str) -> &'static str {
    Box::leak(format!("kind = \"{kind}\"\ninstrument = \"i\"\n{kind} = \"{part}\"\n{more}").into_boxed_str())
}

pub type Parameter = (&'static str, &'static str, &'static str);

/// A pipeline of one source of respondents.
pub fn survey(instrument: &str, parameters: &[Parameter], sources: String) -> Pipeline {
    Pipeline {
        audience: "internal",
        levels: "[\"gemeente\"]",
        regions: "[regions]\nfile = \"list.csv\"\n[design]\nweight-set = \"all\"",
        floor: "kind = \"minimum\"\nminimum-n = 1\nminimum-answer = 0\ngroup-disclosure = 1\nground = \"a test\"",
        sources: sources.replace("sample = \"register\"", "sample = \"probability\""),
        parameters: parameters.to_vec(),
        instrument: instrument.to_owned(),
        ..Pipeline::default()
    }
}

/// A folder with a list of this many gemeenten, and files.
pub fn place(gemeenten: usize, files: &[(&str, &str)]) -> tempfile::TempDir {
    let own = folder(files);
    let rows: String = (1..=gemeenten).map(|at| format!("GM{at:04};2022;gemeente;g;GG9901;\n")).collect();
    let list = format!("code;region_year;level;name;parent;population\nGG9901;2022;ggd;G;;\n{rows}");
    std::fs::write(own.path().join("list.csv"), list).unwrap();
    own
}

/// The file of respondents: a gemeente and a weight of 1 before the columns of each.
pub fn file(header: &str, rows: &[&str]) -> String {
    let rows = rows.iter().enumerate().map(|(at, row)| format!("{};1;{row}\n", at + 1)).collect::<String>();
    format!("gemeente;w;{header}\n{rows}")
}

#[track_caller]
pub fn estimates(pipeline: &Pipeline, place: &tempfile::TempDir) -> Vec<NamedEstimate> {
    let plan = pipeline.plan(place.path()).unwrap_or_else(|message| panic!("{message}"));
    plan::estimates(&plan, &Silent).unwrap_or_else(|findings| panic!("{}", findings.render(false)))
}

/// What became of every respondent, per parameter in the order of the pipeline.
#[track_caller]
pub fn outcomes(instrument: &str, parameters: &[Parameter], header: &str, rows: &[&str]) -> Vec<Vec<Outcome>> {
    let pipeline = survey(instrument, parameters, source("s", "respondents", &format!("{KEYS}{TABLES}")));
    let place = place(rows.len(), &[("t.csv", &file(header, rows))]);
    let found = estimates(&pipeline, &place);
    let of = |parameter: &Parameter| {
        let own: Vec<Outcome> = found.iter().filter(|own| own.parameter == parameter.0).map(outcome).collect();
        assert_eq!(own.len(), rows.len(), "{found:?}");
        own
    };
    parameters.iter().map(of).collect()
}

fn outcome(found: &NamedEstimate) -> Outcome {
    let own = found.estimate;
    assert_eq!(own.n + own.unknown + own.not_applicable, 1, "{found:?}");
    match (own.n, own.n_yes, own.not_applicable) {
        (1, Some(1), _) => Outcome::Yes,
        (1, Some(_), _) => Outcome::No,
        (1, None, _) => Outcome::Score(own.value.unwrap().value),
        (_, _, 1) => Outcome::NotApplicable,
        _ => Outcome::Unknown,
    }
}
