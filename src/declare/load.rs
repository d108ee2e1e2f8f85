//! From a pipeline file to everything it refers to.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::action::{Intervention, read_interventions};
use super::check::{Whole, check};
use super::disclosure::read_policy;
use super::instrument::Instrument;
use super::parameter::{Parameter, read_parameters};
use super::pipeline::Pipeline;
use super::read_instrument::read_instrument;
use super::read_pipeline::read_pipeline;
use super::reader::{Placed, Sink};
use super::regions::{GgdRegion, read_ggd_regions};
use super::value::is_absolute;
use crate::finding::{Duty, Finding, Findings, SourceText};

/// A definition file as read, for hashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefinitionText {
    /// Path relative to the pipeline's folder, with `/`; never an absolute path.
    pub name: String,
    /// Whole text.
    pub text: Arc<SourceText>,
}

/// A pipeline with its definitions, checked as a whole.
#[derive(Clone, Debug)]
pub struct Definitions {
    /// The pipeline.
    pub pipeline: Pipeline,
    /// Folder of the data files.
    pub data_folder: PathBuf,
    /// Instruments, sorted by id.
    pub instruments: Vec<Instrument>,
    /// Parameters, sorted by id.
    pub parameters: Vec<Parameter>,
    /// Interventions, in file order.
    pub interventions: Vec<Intervention>,
    /// GGD regions with their numbers in the monitor, in file order.
    pub ggd_regions: Vec<GgdRegion>,
    /// The files as read: the pipeline first and the policy that it names, then instruments and parameters by name.
    pub texts: Vec<DefinitionText>,
    /// Findings that do not stop the run.
    pub warnings: Findings,
}

/// Reads and checks a pipeline file and all that it refers to.
///
/// `data` replaces the declared data folder.
///
/// # Errors
/// Every finding of every file at once.
pub fn load(path: &Path, data: Option<&Path>) -> Result<Definitions, Findings> {
    let sink = Sink::default();
    let Some(text) = read_text(path, path, None, &sink) else { return Err(sink.take()) };
    let folder = path.parent().map_or_else(PathBuf::new, Path::to_path_buf);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let mut texts = vec![DefinitionText { name, text: Arc::clone(&text) }];
    let mut policy_text = None;
    let policy = |named: &Placed<String>| {
        let (name, text) = expand(&folder, std::slice::from_ref(named), &sink).into_iter().next()?;
        let tables = read_policy(&text, &sink);
        policy_text = Some(DefinitionText { name, text });
        tables
    };
    let Some(pipeline) = read_pipeline(&text, &sink, policy) else { return Err(sink.take()) };
    texts.extend(policy_text);

    let relative = |globs: &[Placed<String>]| !globs.iter().any(|glob| is_absolute(&glob.value));
    let errors = sink.errors();
    let mut gather = Gather { folder: &folder, sink: &sink, texts: &mut texts };
    let mut instruments = gather.all(&pipeline.instrument_files, read_instrument);
    let instruments_whole = sink.errors() == errors && relative(&pipeline.instrument_files);
    let errors = sink.errors();
    let mut parameters = gather.all(&pipeline.parameter_files, read_parameters);
    let ggd_regions = gather.all(pipeline.ggd_file.as_slice(), read_ggd_regions);
    let interventions = gather.all(pipeline.interventions_file.as_slice(), read_interventions);
    instruments.sort_by(|a, b| a.id.value.cmp(&b.id.value));
    parameters.sort_by(|a, b| a.id.value.cmp(&b.id.value));
    let whole = Whole {
        instruments: instruments_whole,
        parameters: sink.errors() == errors && relative(&pipeline.parameter_files),
    };
    check(&pipeline, &instruments, &parameters, &interventions, whole, &sink);
    let data_folder = data.map_or_else(|| folder.join(&pipeline.data_folder.value), Path::to_path_buf);
    let warnings = sink.take().ok_or_stop()?;
    Ok(Definitions { pipeline, data_folder, instruments, parameters, interventions, ggd_regions, texts, warnings })
}

/// Files of definitions on their way: what is read is kept as text too.
struct Gather<'g> {
    folder: &'g Path,
    sink: &'g Sink,
    texts: &'g mut Vec<DefinitionText>,
}

impl Gather<'_> {
    /// What the files of some patterns define, in the order of their names.
    fn all<I: IntoIterator>(
        &mut self,
        globs: &[Placed<String>],
        read: impl Fn(&Arc<SourceText>, &Sink) -> I,
    ) -> Vec<I::Item> {
        let mut found = Vec::new();
        for (name, text) in expand(self.folder, globs, self.sink) {
            found.extend(read(&text, self.sink));
            self.texts.push(DefinitionText { name, text });
        }
        found
    }
}

fn read_text(path: &Path, shown: &Path, from: Option<&Placed<String>>, sink: &Sink) -> Option<Arc<SourceText>> {
    let fault = |message: String, help: &str| {
        let finding = Finding::error(Duty::Definition, "declare-unreadable", message).help(help);
        sink.push(match from {
            Some(from) => finding.at(from.place.clone()),
            None => finding,
        });
    };
    match std::fs::read(path) {
        Err(error) => {
            let help = match from {
                Some(_) => "check the path; it is relative to the pipeline file",
                None => "check the path of the pipeline file",
            };
            fault(format!("cannot read {}: {error}", shown.display()), help);
            None
        }
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => {
                let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
                Some(Arc::new(SourceText { path: shown.to_path_buf(), text }))
            }
            Err(_) => {
                fault(format!("{} is not UTF-8 text", shown.display()), "save the file as UTF-8");
                None
            }
        },
    }
}

/// Files of globs below a folder, sorted by name and read once each.
fn expand(folder: &Path, globs: &[Placed<String>], sink: &Sink) -> Vec<(String, Arc<SourceText>)> {
    let mut found = std::collections::BTreeMap::new();
    // An absolute path has its own finding, and is not opened.
    for glob in globs.iter().filter(|glob| !is_absolute(&glob.value)) {
        let names = crate::declare::load::matches(folder, &glob.value);
        if names.is_empty() {
            sink.push(
                Finding::error(Duty::Definition, "declare-no-file", format!("no file matches `{}`", glob.value))
                    .at(glob.place.clone())
                    .help("paths are relative to the pipeline file; `*` stands for any part of a file name"),
            );
        }
        for name in names {
            if found.contains_key(&name) {
                continue;
            }
            let path = folder.join(&name);
            if let Some(text) = read_text(&path, &path, Some(glob), sink) {
                found.insert(name, text);
            }
        }
    }
    found.into_iter().collect()
}

/// Names, relative to `folder`, of the files that a pattern matches, sorted. `*` stands for any part of the last segment.
#[must_use]
pub(crate) fn matches(folder: &Path, pattern: &str) -> Vec<String> {
    let (dir, last) = pattern.rsplit_once('/').map_or(("", pattern), |(dir, last)| (dir, last));
    if !last.contains('*') {
        return if folder.join(pattern).is_file() { vec![pattern.to_owned()] } else { Vec::new() };
    }
    let Ok(entries) = std::fs::read_dir(folder.join(dir)) else { return Vec::new() };
    let mut names: Vec<String> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.path().is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| wildcard(last, name))
        .map(|name| if dir.is_empty() { name } else { format!("{dir}/{name}") })
        .collect();
    names.sort();
    names
}

fn wildcard(pattern: &str, name: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::wildcard;

    #[test]
    fn a_star_stands_for_any_part() {
        assert!(wildcard("50120NED_*.csv", "50120NED_2022.csv"));
        assert!(wildcard("*", "a"));
        assert!(wildcard("a*b*c", "aXbYbc"));
        assert!(!wildcard("a*b*c", "aXc"));
        assert!(!wildcard("*.toml", "a.toml.bak"));
        assert!(!wildcard("aa*aa", "aaa"));
    }
}
