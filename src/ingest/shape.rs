//! Which shape of published table a file has, recognised from its header and the look of its cells.

use super::detect::FileFormat;
use crate::vocab::Shape;

/// The shape of a file.
///
/// - A title, paths and units above the rows are Statweb.
/// - `Id;Measure;…;Value;StringValue;ValueAttribute` is OData v4.
/// - A first column `ID` and keys that end in `_<number>` are StatLine v3: untyped where numbers are padded, else typed.
/// - Titles with their unit in brackets are portal downloads: with statistical symbols where numbers are padded.
/// - Anything else is plain.
#[must_use]
pub fn recognise(format: &FileFormat) -> Shape {
    let header = &format.header;
    if format.head_records > 1 {
        return Shape::Statweb;
    }
    let has = |name: &str| header.iter().any(|own| own == name);
    if has("Measure") && has("Value") && has("ValueAttribute") {
        return Shape::ODataV4;
    }
    let is_key = |name: &String| {
        let (word, number) = name.rsplit_once('_').unwrap_or(("", ""));
        !word.is_empty() && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
    };
    let first_is_id = header.first().is_some_and(|name| name == "ID");
    if first_is_id && header.iter().any(is_key) {
        return if format.padded { Shape::StatlineUntyped } else { Shape::StatlineTyped };
    }
    let titled = format.separator == b';' && header.iter().any(|name| name.contains('/') && name.ends_with(')'));
    match (titled || (format.padded && format.separator == b';'), format.padded) {
        (true, true) => Shape::PortalSymbols,
        (true, false) => Shape::Portal,
        (false, _) => Shape::Plain,
    }
}
