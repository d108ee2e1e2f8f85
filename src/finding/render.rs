//! Findings as text.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::{Finding, Place};

/// Renders findings in the manner of a compiler: code, place, the line itself for definition files, the next step.
///
/// A line of a data file is named and never shown: it may hold an answer.
pub(super) fn render(findings: &[Finding], color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii).term_width(120);
    let mut text = String::new();
    for finding in findings {
        text.push_str(&renderer.render(&report(finding)));
        text.push_str("\n\n");
    }
    text
}

fn report(finding: &Finding) -> Vec<Group<'_>> {
    let level = if finding.stops { Level::ERROR } else { Level::WARNING };
    let title = level.primary_title(finding.message.as_str()).id(finding.code);
    let mut main = match &finding.place {
        None => Group::with_title(title),
        Some(Place::Span { source, range }) => {
            let end = range.end.min(source.text.len());
            title.element(
                Snippet::source(source.text.as_str())
                    .path(source.path.display().to_string().replace('\\', "/"))
                    .annotation(AnnotationKind::Primary.span(range.start.min(end)..end)),
            )
        }
        Some(Place::Line { file, line }) => {
            let origin = Origin::path(file.as_str());
            let origin = match line.and_then(|line| usize::try_from(line).ok()) {
                Some(line) => origin.line(line),
                None => origin,
            };
            title.element(origin)
        }
    };
    if let Some(help) = &finding.help {
        main = main.element(Level::HELP.message(help.as_str()));
    }
    vec![main]
}
