//! A region and its survey as the CSV files that the scripts in R read.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use wijkpeil::stats::model::problem::Cell;

use super::bed::{INDICATORS, Region, Shape};

/// The region of the tables, and one small enough that R fits it in a minute.
pub fn shape(size: &str) -> Shape {
    match size {
        "small" => Shape { columns: 8, rows: 5, respondents: 900, age_step: 6 },
        "ggd" => Shape { columns: 12, rows: 10, respondents: 975, age_step: 12 },
        "national" => Shape { columns: 58, rows: 60, respondents: 1_437, age_step: 1 },
        "buurten" => Shape { columns: 118, rows: 120, respondents: 353, age_step: 1 },
        _ => Shape { columns: 12, rows: 10, respondents: 975, age_step: 1 },
    }
}

pub fn export(folder: &Path, size: &str, seed: u64) -> io::Result<()> {
    let region = Region::new(shape(size), 1000 + seed);
    let survey = region.survey(5000 + seed);
    fs::create_dir_all(folder)?;
    let write = |name: &str, text: String| fs::write(folder.join(name), text);
    let mut text = "area,row,n,yes1,yes2,yes3,yes4\n".to_owned();
    let all: Vec<Vec<Cell>> = (0..INDICATORS.len()).map(|indicator| added(survey.cells(indicator))).collect();
    for (at, Cell { area, row, n, .. }) in all[0].iter().enumerate() {
        let yes: Vec<String> = all.iter().map(|cells| cells[at].yes.to_string()).collect();
        let _ = writeln!(text, "{area},{row},{n},{}", yes.join(","));
    }
    write("cells.csv", text)?;
    let mut text = "area,row,persons\n".to_owned();
    for own in &region.persons {
        let _ = writeln!(text, "{},{},{:.3}", own.area, own.row, own.persons);
    }
    write("persons.csv", text)?;
    let facts = region.covariates.len() / region.wijken;
    let mut text = (1..=facts).map(|at| format!("z{at}")).collect::<Vec<_>>().join(",") + "\n";
    for own in region.covariates.chunks_exact(facts) {
        text += &(own.iter().map(|value| format!("{value:.6}")).collect::<Vec<_>>().join(",") + "\n");
    }
    write("covariates.csv", text)?;
    let mut text = "a,b\n".to_owned();
    for (a, b) in &region.edges {
        let _ = writeln!(text, "{a},{b}");
    }
    write("edges.csv", text)?;
    let mut text = "row,age,sex,education\n".to_owned();
    for row in 0..region.groups.rows() {
        let (age, sex, education) = region.groups.parts(row);
        let _ = writeln!(text, "{row},{},{sex},{education}", region.groups.ages[age]);
    }
    write("groups.csv", text)?;
    let mut text = "wijk,truth1,truth2,truth3,truth4\n".to_owned();
    let truths: Vec<Vec<f64>> = (0..INDICATORS.len()).map(|indicator| region.truth(indicator)).collect();
    for wijk in 0..region.wijken {
        let own: Vec<String> = truths.iter().map(|truth| format!("{:.8}", truth[wijk])).collect();
        let _ = writeln!(text, "{wijk},{}", own.join(","));
    }
    write("truth.csv", text)
}

/// Answers of the same area and row together.
fn added(mut cells: Vec<Cell>) -> Vec<Cell> {
    cells.sort_by_key(|cell| (cell.area, cell.row));
    cells.dedup_by(|next, kept| {
        let same = (next.area, next.row) == (kept.area, kept.row);
        if same {
            kept.n += next.n;
            kept.yes += next.yes;
        }
        same
    });
    cells
}
