//! Maps: GeoPackage → outlines of areas.
//!
//! A GeoPackage is an SQLite database: `gpkg_contents` names its layers, `gpkg_geometry_columns` where each has its outlines. It is read where it lies and nothing is written beside it: the
//! database is opened as one that nobody changes, so that SQLite makes no side files and takes no lock, also on a drive that cannot be written.
//! Source: OGC 12-128r19, GeoPackage Encoding Standard 1.4 (2023), clauses 1.1.1 to 1.1.3 and 2.1.

use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

use super::areas::{Areas, Fault, MapKeys};
use super::file::{FileFault, file_stamp};
use super::outline::rings;
use crate::declare::normalise_code;

/// How an SQLite database begins.
pub(super) const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Names that a message shows.
const SHOWN: usize = 8;

/// A layer with outlines.
struct Layer {
    table: String,
    /// Column of the outlines.
    outlines: String,
    columns: Vec<String>,
}

/// Adds the areas of the one layer that has their codes.
///
/// # Errors
/// A database that is no GeoPackage or is damaged, changes that are not in it yet, no layer or several of them with the column, and rows without a code or an outline.
pub(super) fn geopackage(path: &Path, keys: MapKeys<'_>, areas: &mut Areas) -> Result<(), Fault> {
    at_rest(path)?;
    let database = open(path).map_err(unreadable)?;
    whole(path, &database)?;
    let layer = choose(layers(&database)?, keys)?;
    features(&database, &layer, keys, areas)
}

fn fault(message: impl Into<String>, help: impl Into<String>) -> Fault {
    (message.into(), help.into())
}

fn unreadable(error: rusqlite::Error) -> Fault {
    fault(format!("the GeoPackage cannot be read: {error}"), "fetch the file again, or save the map anew")
}

/// A program that has the map open keeps its latest changes in files beside it.
fn at_rest(path: &Path) -> Result<(), Fault> {
    for end in ["-wal", "-journal"] {
        let mut beside = path.as_os_str().to_owned();
        beside.push(end);
        let waiting = match file_stamp(&PathBuf::from(beside)) {
            Ok((bytes, _)) => bytes > 0,
            Err(FileFault::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => false,
            // What cannot be looked at may well be there.
            Err(_) => true,
        };
        if waiting {
            let message = format!("changes of the map are not in it yet: there is a file with its name and `{end}`");
            return Err(fault(
                message,
                "close the program that has the map open, so that it saves them, and run again",
            ));
        }
    }
    Ok(())
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let database = Connection::open_with_flags(uri(path.as_os_str().as_encoded_bytes()), flags)?;
    // A map is data: nothing that its author wrote into the schema runs here, and a damaged page is noticed.
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    database.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
    database.pragma_update(None, "cell_size_check", true)?;
    Ok(database)
}

/// The path as SQLite's URI of a database that nobody changes; see sqlite.org/uri.html.
fn uri(path: &[u8]) -> String {
    let mut text = "file:".to_owned();
    // Behind two slashes comes a host, which is none.
    match path {
        [b'/', ..] => text.push_str("//"),
        [b'\\', ..] if cfg!(windows) => text.push_str("//"),
        [drive, b':', ..] if cfg!(windows) && drive.is_ascii_alphabetic() => text.push_str("///"),
        _ => {}
    }
    for byte in path {
        match byte {
            b'\\' if cfg!(windows) => text.push('/'),
            b':' if cfg!(windows) => text.push(':'),
            b'/' | b'.' | b'-' | b'_' => text.push(char::from(*byte)),
            own if own.is_ascii_alphanumeric() => text.push(char::from(*own)),
            own => text += &format!("%{own:02X}"),
        }
    }
    text + "?mode=ro&immutable=1"
}

/// The layers with outlines that are tables. A view is a program, and none is run.
fn layers(database: &Connection) -> Result<Vec<Layer>, Fault> {
    let is_table = |name: &str| {
        let asked =
            "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name = ?1 COLLATE NOCASE";
        database.query_row(asked, [name], |row| row.get::<_, i64>(0)).map(|count| count > 0).map_err(unreadable)
    };
    if !(is_table("gpkg_contents")? && is_table("gpkg_geometry_columns")?) {
        let message = "the file is an SQLite database and no GeoPackage: it has no list of layers with outlines";
        return Err(fault(message, "save the map as GeoPackage or GeoJSON"));
    }
    let asked = "SELECT c.table_name, g.column_name FROM gpkg_contents c JOIN gpkg_geometry_columns g \
                 ON lower(g.table_name) = lower(c.table_name) WHERE c.data_type = 'features' ORDER BY c.table_name LIMIT 1000";
    let named: rusqlite::Result<Vec<(String, String)>> = database
        .prepare(asked)
        .and_then(|mut found| found.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect());
    let mut found = Vec::new();
    for (table, outlines) in named.map_err(unreadable)? {
        if !is_table(&table)? {
            continue;
        }
        let columns: rusqlite::Result<Vec<String>> = database
            .prepare("SELECT name FROM pragma_table_info(?1)")
            .and_then(|mut found| found.query_map([&table], |row| row.get(0))?.collect());
        let columns = columns.map_err(unreadable)?;
        // A layer whose column of outlines is not there has none. SQL names are the same in small letters and capitals.
        if columns.iter().any(|own| own.eq_ignore_ascii_case(&outlines)) {
            found.push(Layer { table, outlines, columns });
        }
    }
    Ok(found)
}

/// The layer that is named, or the only one that has the column.
fn choose(layers: Vec<Layer>, keys: MapKeys<'_>) -> Result<Layer, Fault> {
    let names = |of: &[Layer]| listed(of.iter().map(|own| own.table.as_str()));
    if layers.is_empty() {
        return Err(fault("the GeoPackage has no layer with outlines", "save the map of the areas as a layer of it"));
    }
    let all = names(&layers);
    let has_codes = |own: &Layer| own.columns.iter().any(|name| name == keys.code);
    let Some(wanted) = keys.layer else {
        let columns = codes_of(&layers);
        let mut having: Vec<Layer> = layers.into_iter().filter(has_codes).collect();
        return match (having.pop(), having.as_slice()) {
            (None, _) => {
                let message = format!("no layer of the GeoPackage has a column `{}`; its layers are {all}", keys.code);
                Err(fault(message, columns))
            }
            (Some(only), []) => Ok(only),
            (Some(last), [first, ..]) => {
                let first = first.table.clone();
                having.push(last);
                // `wijkcode` is the code of `wijken`.
                let stem = keys.code.trim_end_matches("code").to_lowercase();
                let like = |own: &&Layer| own.table.to_lowercase().starts_with(&stem);
                let likely = having.iter().find(like).map_or(first.as_str(), |own| own.table.as_str());
                let help = format!("write which one in [model.neighbours], such as `layer = \"{likely}\"`");
                let message = format!("several layers have a column `{}`: {}", keys.code, names(&having));
                Err(fault(message, help))
            }
        };
    };
    let Some(own) = layers.into_iter().find(|own| own.table == wanted) else {
        let message = format!("the GeoPackage has no layer `{wanted}`; its layers are {all}");
        return Err(fault(message, "name the layer as the file does, small letters and capitals too"));
    };
    if has_codes(&own) {
        return Ok(own);
    }
    let message = format!("the layer `{wanted}` of the GeoPackage has no column `{}`", keys.code);
    Err(fault(message, codes_of(&[own])))
}

/// Names between backquotes, no more than can be read.
fn listed<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let all: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    let more = if all.len() > SHOWN { format!(" and {} more", all.len() - SHOWN) } else { String::new() };
    format!("{}{more}", all[..all.len().min(SHOWN)].join(", "))
}

/// What to write instead of a column that is not there.
fn codes_of(layers: &[Layer]) -> String {
    let like = |name: &&str| name.to_ascii_lowercase().contains("code");
    let mut names: Vec<&str> =
        layers.iter().flat_map(|own| own.columns.iter().map(String::as_str)).filter(like).collect();
    names.sort_unstable();
    names.dedup();
    match names.as_slice() {
        [] => "write in `code` the column with the codes of the areas".to_owned(),
        names => format!(
            "write in `code` the column with the codes of the areas; there are {}",
            listed(names.iter().copied())
        ),
    }
}

/// An SQL name.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn features(database: &Connection, layer: &Layer, keys: MapKeys<'_>, areas: &mut Areas) -> Result<(), Fault> {
    let MapKeys { code, leave_out, .. } = keys;
    if let Some((name, _)) = leave_out.iter().find(|(name, _)| !layer.columns.contains(name)) {
        let message = format!("the layer `{}` has no column `{name}`, by which features are left out", layer.table);
        return Err(fault(message, "name the column as the file does, small letters and capitals too"));
    }
    let columns = [code, &layer.outlines].into_iter().chain(leave_out.iter().map(|(name, _)| name.as_str()));
    let columns: Vec<String> = columns.map(quoted).collect();
    let asked = format!("SELECT {} FROM {}", columns.join(", "), quoted(&layer.table));
    let mut statement = database.prepare(&asked).map_err(unreadable)?;
    let mut rows = statement.query([]).map_err(unreadable)?;
    let mut left = size(database)?;
    while let Some(row) = rows.next().map_err(unreadable)? {
        // A row has a byte at least, whether it is left out or not.
        left = left.checked_sub(1).ok_or_else(endless)?;
        let text = |at: usize| match row.get_ref(at) {
            Ok(ValueRef::Text(text)) => Ok(std::str::from_utf8(text).ok()),
            Ok(_) => Ok(None),
            Err(error) => Err(unreadable(error)),
        };
        let mut is_left_out = false;
        for (at, (_, unwanted)) in leave_out.iter().enumerate() {
            is_left_out |= match row.get_ref(2 + at).map_err(unreadable)? {
                ValueRef::Integer(own) => own.to_string() == *unwanted,
                ValueRef::Real(own) => own.to_string() == *unwanted,
                _ => text(2 + at)?.is_some_and(|own| normalise_code(own) == *unwanted),
            };
        }
        if is_left_out {
            continue;
        }
        let own = text(0)?.map(str::trim).filter(|text| !text.is_empty());
        let own = own.ok_or_else(|| {
            let message = format!("a feature of the layer `{}` has no text in the column `{code}`", layer.table);
            fault(message, "name the column with the codes, such as `wijkcode` or `statcode`")
        })?;
        let outline = match row.get_ref(1).map_err(unreadable)? {
            ValueRef::Blob(blob) => {
                left = left.checked_sub(blob.len() as u64).ok_or_else(endless)?;
                rings(blob).map_err(|fault| fault.to_string())
            }
            ValueRef::Null => Err("is empty".to_owned()),
            _ => Err("is no outline".to_owned()),
        };
        let outline = outline.map_err(|what| {
            let message = format!("the outline of `{own}` in the layer `{}` {what}", layer.table);
            fault(message, "every feature must be a Polygon or a MultiPolygon with points")
        })?;
        let area = areas.area(own);
        outline.iter().for_each(|ring| areas.ring(area, ring));
    }
    Ok(())
}

/// What is missing at the end of a file that was cut off would be read as zeros.
fn whole(path: &Path, database: &Connection) -> Result<(), Fault> {
    let bytes = file_stamp(path).map(|(bytes, _)| bytes).unwrap_or_default();
    let page: i64 = database.pragma_query_value(None, "page_size", |row| row.get(0)).map_err(unreadable)?;
    if bytes < size(database)? || !bytes.is_multiple_of(page.unsigned_abs().max(1)) {
        return Err(fault("the GeoPackage is cut off: its last page is not whole", "fetch the file again"));
    }
    Ok(())
}

/// Bytes of the database. All outlines together are no longer; pages of a damaged one may lead to each other without end.
fn size(database: &Connection) -> Result<u64, Fault> {
    let number = |name: &str| database.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(unreadable);
    Ok(number("page_count")?.unsigned_abs().saturating_mul(number("page_size")?.unsigned_abs()))
}

fn endless() -> Fault {
    fault("the GeoPackage is damaged: it has more outlines than bytes", "fetch the file again, or save the map anew")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_path_whatever_is_in_it() {
        let own = |path: &str| uri(path.as_bytes());
        assert_eq!(own("/data/wijken.gpkg"), "file:///data/wijken.gpkg?mode=ro&immutable=1");
        assert_eq!(own("kaarten/wijken 2022.gpkg"), "file:kaarten/wijken%202022.gpkg?mode=ro&immutable=1");
        // What a URI would take for its own.
        assert_eq!(own("/a?mode=rwc#%41.gpkg"), "file:///a%3Fmode%3Drwc%23%2541.gpkg?mode=ro&immutable=1");
    }
}
