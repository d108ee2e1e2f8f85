//! A pipeline of tables in a folder of its own, from its plan to the figures of its release.

use std::path::{Path, PathBuf};

use wijkpeil::declare::load;
use wijkpeil::ingest::{CellValue, PublishedOutcome};
use wijkpeil::plan::{self, Plan, Reading, RunOptions, Silent};

use crate::{
    cli::support::{files_under, numbers, rows, texts},
    support,
};

const DISCLOSURE: &str = r#"
[disclosure]
complementary = "none"
largest-weight = 1.0
reasons = "shown"
ground = "a test"
"#;

/// What differs between the pipelines of these tests, as TOML.
pub struct Pipeline {
    pub audience: &'static str,
    pub levels: &'static str,
    /// The table `[regions]`.
    pub regions: &'static str,
    /// The content of `[floor]`.
    pub floor: &'static str,
    pub dimensions: String,
    pub sources: String,
    /// Id, unit and the content of the table `measure`; what follows it may open other tables of the parameter.
    pub parameters: Vec<(&'static str, &'static str, &'static str)>,
    /// The file of GGD regions.
    pub ggd_regions: &'static str,
    /// The file of an instrument.
    pub instrument: String,
}

pub const PUBLISHED: &str = "kind = \"published\"\ninstrument = \"a\"\nrule = \"a\"";
pub const PUBLIC: &str = "kind = \"already-published\"\nground = \"a test\"";

impl Default for Pipeline {
    fn default() -> Self {
        Self {
            audience: "public",
            levels: r#"["nl", "ggd", "gemeente", "wijk", "buurt"]"#,
            regions: "[regions]\nfrom-sources = true",
            floor: PUBLIC,
            dimensions: String::new(),
            sources: String::new(),
            parameters: Vec::new(),
            ggd_regions: "",
            instrument: String::new(),
        }
    }
}

impl Pipeline {
    pub fn plan(&self, data: &Path) -> Result<Plan, String> {
        let own = tempfile::tempdir().unwrap();
        let names: Vec<String> = self.parameters.iter().map(|own| format!("{:?}", own.0)).collect();
        let ggd = if self.ggd_regions.is_empty() { "" } else { "ggd-regions = \"ggd.toml\"" };
        let instruments = if self.instrument.is_empty() { "" } else { "instruments = [\"i.toml\"]" };
        let pipeline = format!(
            r#"
version = 1
[pipeline]
id = "t"
title-nl = "t"
title-en = "t"
audience = "{audience}"
[definitions]
parameters = ["p.toml"]
{ggd}
{instruments}
[data]
folder = "."
{regions}
[estimate]
parameters = [{names}]
levels = {levels}
confidence = 0.95
interval = "logit"
degrees-of-freedom = "domain"
single-psu = "adjust"
[floor]
{floor}
{disclosure}
{dimensions}
{sources}
"#,
            audience = self.audience,
            regions = self.regions,
            names = names.join(", "),
            levels = self.levels,
            floor = self.floor,
            // What is public already is withheld by nothing.
            disclosure = if self.floor.contains("minimum") { DISCLOSURE } else { "" },
            dimensions = self.dimensions,
            sources = self.sources,
        );
        let parameter = |(id, unit, measure): &(&str, &str, &str)| support::parameter(id, unit, measure);
        std::fs::write(own.path().join("pipeline.toml"), pipeline).unwrap();
        std::fs::write(own.path().join("p.toml"), self.parameters.iter().map(parameter).collect::<String>()).unwrap();
        std::fs::write(own.path().join("ggd.toml"), self.ggd_regions).unwrap();
        std::fs::write(own.path().join("i.toml"), &self.instrument).unwrap();
        load(&own.path().join("pipeline.toml"), Some(data))
            .and_then(plan::build)
            .map_err(|findings| findings.render(false))
    }

    pub fn read(&self, data: &Path) -> Result<Reading, String> {
        self.plan(data).and_then(|plan| plan::read(&plan, &Silent).map_err(|findings| findings.render(false)))
    }

    pub fn release(&self, data: &Path) -> Result<Release, String> {
        let place = tempfile::tempdir().unwrap();
        let options = RunOptions {
            out: place.path().join("out"),
            force: false,
            wait: false,
            cache: None,
            now: 0,
            made_at: "2024-01-01T00:00:00Z".to_owned(),
        };
        let plan = self.plan(data)?;
        let outcome = plan::run(&plan, &options, &Silent).map_err(|findings| findings.render(false))?;
        Ok(Release { figures: figures(&outcome.path), path: outcome.path, _place: place })
    }

    /// The release of a pipeline that must run.
    #[track_caller]
    pub fn released(&self, data: &Path) -> Release {
        self.release(data).unwrap_or_else(|message| panic!("{message}"))
    }
}

/// The keys that every source has, with its own behind them.
pub fn source(id: &str, kind: &str, keys: &str) -> String {
    format!(
        "[[source]]\nid = \"{id}\"\nkind = \"{kind}\"\ncollection = \"{id}\"\ntitle = \"t\"\npublisher = \"t\"\nlicence = \"t\"\n\
         fieldwork = \"t\"\nsample = \"register\"\n{keys}\n"
    )
}

/// A dimension with its categories, without columns.
pub fn dimension(id: &str, categories: &[&str]) -> String {
    let labels = "label-nl = \"a\"\nlabel-en = \"a\"\n";
    let category = |own: &&str| format!("[[dimension.category]]\nid = \"{own}\"\n{labels}");
    format!("[[dimension]]\nid = \"{id}\"\n{labels}{}", categories.iter().map(category).collect::<String>())
}

/// A folder with small files.
pub fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let own = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(own.path().join(name), text).unwrap();
    }
    own
}

/// A release on disk.
pub struct Release {
    pub path: PathBuf,
    pub figures: Vec<Figure>,
    _place: tempfile::TempDir,
}

/// A row of `figures`; texts that are null are empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    pub parameter: String,
    pub collection: String,
    pub period: String,
    pub region: String,
    pub region_year: i32,
    /// `dimension/category`.
    pub category: String,
    pub value: Option<f64>,
    pub limits: Option<(f64, f64)>,
    pub confidence: Option<f64>,
    pub interval: String,
    pub population: Option<f64>,
    pub method: String,
    pub variant: String,
    /// Status, and behind a blank its reason.
    pub status: String,
    pub provisional: bool,
}

fn figures(release: &Path) -> Vec<Figure> {
    let folder = release.join("figures");
    let mut found = Vec::new();
    for name in files_under(&folder).into_keys() {
        let batch = rows(&folder.join(name));
        let text = |name: &str| texts(&batch, name);
        let number = |name: &str| numbers(&batch, name);
        let (parameter, collection, period) = (text("parameter"), text("collection"), text("period_label"));
        let (region, year) = (text("region"), number("region_year"));
        let (dimension, category) = (text("dimension"), text("category"));
        let (value, lower, upper) = (number("value"), number("lower"), number("upper"));
        let (confidence, interval, population) = (number("confidence"), text("interval_method"), number("population"));
        let (method, variant) = (text("method"), text("variant"));
        let (status, reason, provisional) = (text("status"), text("reason"), text("provisional"));
        found.extend((0..batch.num_rows()).map(|at| Figure {
            parameter: parameter[at].clone(),
            collection: collection[at].clone(),
            period: period[at].clone(),
            region: region[at].clone(),
            region_year: year[at].unwrap() as i32,
            category: format!("{}/{}", dimension[at], category[at]),
            value: value[at],
            limits: lower[at].zip(upper[at]),
            confidence: confidence[at],
            interval: interval[at].clone(),
            population: population[at],
            method: method[at].clone(),
            variant: variant[at].clone(),
            status: format!("{} {}", status[at], reason[at]).trim_end().to_owned(),
            provisional: provisional[at] == "true",
        }));
    }
    found
}

impl Release {
    /// The one figure of a parameter, region and period in the total.
    #[track_caller]
    pub fn total(&self, parameter: &str, region: &str, period: &str) -> &Figure {
        self.figure(parameter, region, period, "total/total")
    }

    #[track_caller]
    pub fn figure(&self, parameter: &str, region: &str, period: &str, category: &str) -> &Figure {
        let own: Vec<&Figure> = self
            .figures
            .iter()
            .filter(|own| own.parameter == parameter && own.region == region && own.period == period)
            .filter(|own| own.category == category)
            .collect();
        assert_eq!(own.len(), 1, "{parameter} {region} {period} {category}: {:?}", self.figures);
        own[0]
    }
}

/// A number that the last digits of a double may differ from.
#[track_caller]
pub fn close(found: Option<f64>, wanted: f64) {
    let found = found.unwrap_or_else(|| panic!("no number, and not {wanted}"));
    assert!((found - wanted).abs() <= 1e-9 * wanted.abs().max(1e-3), "{found} is not {wanted}");
}

/// The values of one measure of the first source, in file order.
pub fn values(reading: &Reading, measure: usize) -> Vec<CellValue> {
    let outcome = outcome(reading);
    (0..outcome.figures.len()).map(|figure| outcome.value(figure, measure)).collect()
}

/// What the first source gave.
pub fn outcome(reading: &Reading) -> &PublishedOutcome {
    reading.published[0].as_ref().unwrap()
}
