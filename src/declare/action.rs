//! From figure to action: targets that a region wants to reach, and interventions that may help.

use std::sync::Arc;

use super::parameter::{PREVENTION, THEMES};
use super::pipeline::Target;
use super::read_instrument::read_status;
use super::read_pipeline::read_required_levels;
use super::reader::{Placed, Sink, Table, with_document};
use crate::finding::SourceText;

/// A recognised intervention, or an offer of the GGD itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Intervention {
    /// Unique id.
    pub id: Placed<String>,
    /// Name.
    pub name: String,
    /// Where it is registered, such as a database of recognised interventions.
    pub database: String,
    /// Action lines that it belongs to.
    pub themes: Vec<String>,
    /// Phases of life that it is for.
    pub life_phases: Vec<String>,
    /// Levels of prevention.
    pub prevention_levels: Vec<String>,
    /// Where it takes place.
    pub settings: Vec<String>,
    /// Ids of the parameters that it may help with.
    pub parameters: Vec<Placed<String>>,
    /// What it is, in plain Dutch.
    pub description_nl: String,
    /// What it is, in plain English.
    pub description_en: String,
    /// Where it was found.
    pub source: String,
    /// `verified` or `unverified`: whether its registration has been looked up.
    pub status: String,
}

/// Reads a file of interventions; everything wrong with it goes to the sink.
pub(super) fn read_interventions(source: &Arc<SourceText>, sink: &Sink) -> Vec<Intervention> {
    with_document(source, sink, |file| file.tables("intervention", read_intervention).into_iter().flatten().collect())
        .unwrap_or_default()
}

fn read_intervention(t: &Table<'_>) -> Option<Intervention> {
    let words = |key: &'static str| Some(t.required_texts(key)?.into_iter().map(|word| word.value).collect::<Vec<_>>());
    // The words of parameters, so that a dashboard can put the two beside each other.
    let known = |key: &'static str, of: &[&str]| {
        let list = t.required_texts(key)?;
        for word in list.iter().filter(|word| !of.contains(&word.value.as_str())) {
            let message = format!("`{}` is not a known word of `{key}`", word.value);
            t.fault("declare-unknown-word", word.place.clone(), message, format!("one of: {}", of.join(", ")));
        }
        Some(list.into_iter().map(|word| word.value).collect::<Vec<_>>())
    };
    let (id, name, database) = (t.required_text("id"), t.required_text("name"), t.required_text("database"));
    let (themes, life_phases) = (known("themes", &THEMES), words("life-phases"));
    let (prevention_levels, settings) = (known("prevention-levels", &PREVENTION), words("settings"));
    let parameters = t.required_texts("parameters");
    let (nl, en) = (t.required_text("description-nl"), t.required_text("description-en"));
    let source = t.required_text("source");
    let status = read_status(t);
    Some(Intervention {
        id: id?,
        name: name?.value,
        database: database?.value,
        themes: themes?,
        life_phases: life_phases?,
        prevention_levels: prevention_levels?,
        settings: settings?,
        parameters: parameters?,
        description_nl: nl?.value,
        description_en: en?.value,
        source: source?.value,
        status: status?,
    })
}

/// Reads a `[[target]]` of a pipeline.
pub(super) fn read_target(t: &Table<'_>) -> Option<Target> {
    let parameter = t.required_text("parameter");
    let value = t.required_number("value");
    let year = t.required_integer("year", 1990..=2100);
    let levels = read_required_levels(t);
    let (nl, en, source) = (t.required_text("label-nl"), t.required_text("label-en"), t.required_text("source"));
    Some(Target {
        parameter: parameter?,
        value: value?,
        year: i32::try_from(year?.value).ok()?,
        levels: levels?,
        label_nl: nl?.value,
        label_en: en?.value,
        source: source?.value,
    })
}
