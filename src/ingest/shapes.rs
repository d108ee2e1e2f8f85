//! Maps: GeoJSON, TopoJSON and GeoPackage → which areas share a border.
//!
//! Two areas are neighbours where their outlines share a stretch of line (rook contiguity); a common corner is not enough. In GeoJSON and GeoPackage that is a piece between two points that both
//! outlines have, to a millionth of the unit; outlines that were simplified each for itself share none. In TopoJSON it is a shared arc. What a file is, its first bytes say, not its name.

use serde_json::Value;

use super::areas::{Areas, Fault, MapFile, MapKeys};
use super::file::{FileFault, file_stamp, starts_with, with_blocks};
use super::geopackage::{MAGIC, geopackage};
use super::list::ListFile;
use crate::declare::normalise_code;
use crate::finding::{Duty, Finding, Findings};

/// Reads a map.
///
/// # Errors
/// A file that is no GeoJSON, TopoJSON or GeoPackage, a layer that is not there or is one of several, features without the code or without an outline, and a map on which no two areas share a border.
pub fn read_map(file: ListFile<'_>, keys: MapKeys<'_>) -> Result<MapFile, Findings> {
    found(file, keys).map_err(|fault| super::file_finding(file.name, &fault))?.map_err(|(message, help)| {
        Finding::error(Duty::Data, "ingest-map", format!("{}: {message}", file.name))
            .at_line(file.name, None)
            .help(help)
            .into()
    })
}

fn found(file: ListFile<'_>, keys: MapKeys<'_>) -> Result<Result<MapFile, Fault>, FileFault> {
    if starts_with(file.path, MAGIC)? {
        let before = file_stamp(file.path)?;
        let mut areas = Areas::default();
        let read = geopackage(file.path, keys, &mut areas);
        if file_stamp(file.path)? != before {
            return Err(FileFault::Changed);
        }
        return Ok(read.and_then(|()| checked(areas.finish())));
    }
    with_blocks(file.path, 1 << 20, |blocks| {
        // A database is read where it lies, not as a stream.
        if blocks.starts_with(MAGIC)? {
            let message = "a GeoPackage is read as it lies, and this one is packed".to_owned();
            return Ok(Err((message, "unpack the file and name the .gpkg".to_owned())));
        }
        Ok(map_of(&blocks.rest()?, keys))
    })
    .and_then(|read| read)
}

const FORMATS: &str = "export the map as GeoPackage, GeoJSON or TopoJSON";

/// A map from the text of a file.
fn map_of(bytes: &[u8], keys: MapKeys<'_>) -> Result<MapFile, Fault> {
    if [b"PK\x03\x04".as_slice(), b"\x1f\x8b"].iter().any(|packed| bytes.starts_with(packed)) {
        let message = "the file is packed (zip or gzip), and its name does not say so".to_owned();
        return Err((message, "unpack it; a packed GeoJSON or TopoJSON may also be named .zip or .gz".to_owned()));
    }
    let not_json = |_| ("the file is no GeoPackage and no JSON".to_owned(), FORMATS.to_owned());
    let document: Value = serde_json::from_slice(bytes).map_err(not_json)?;
    match (document.get("type").and_then(Value::as_str), keys.layer) {
        (Some("FeatureCollection"), None) => checked(geo(&document, keys)?),
        (Some("FeatureCollection"), Some(_)) => {
            Err(("a GeoJSON has no layers".to_owned(), "leave `layer` out of [model.neighbours]".to_owned()))
        }
        (Some("Topology"), _) => checked(topo(&document, keys)?),
        _ => {
            let message = "the file is neither a FeatureCollection (GeoJSON) nor a Topology (TopoJSON)".to_owned();
            Err((message, FORMATS.to_owned()))
        }
    }
}

/// A map with its pairs in order, if it has any.
fn checked(mut found: MapFile) -> Result<MapFile, Fault> {
    found.pairs.sort_unstable();
    found.pairs.dedup();
    if found.codes.len() > 1 && found.pairs.is_empty() {
        let help = "outlines that were simplified each for itself share no points: take the map as it was published";
        return Err(("no two areas share a border".to_owned(), help.to_owned()));
    }
    Ok(found)
}

const NO_OUTLINE: &str = "every feature must be a Polygon or a MultiPolygon";

fn array<'v>(value: Option<&'v Value>, what: &str) -> Result<&'v Vec<Value>, Fault> {
    value.and_then(Value::as_array).ok_or_else(|| (format!("there is no list `{what}`"), NO_OUTLINE.to_owned()))
}

/// The code of a feature.
fn code_of<'v>(properties: Option<&'v Value>, property: &str) -> Result<&'v str, Fault> {
    let code = properties.and_then(|own| own.get(property)).and_then(Value::as_str).map(str::trim);
    code.filter(|code| !code.is_empty()).ok_or_else(|| {
        let message = format!("a feature has no text in the property `{property}`");
        (message, "name the property with the codes, such as `wijkcode` or `statcode`".to_owned())
    })
}

/// Whether a feature is left out. One that lacks the property cannot be judged.
fn is_left_out(properties: Option<&Value>, keys: MapKeys<'_>) -> Result<bool, Fault> {
    for (name, text) in keys.leave_out {
        let own = properties.and_then(|own| own.get(name)).ok_or_else(|| {
            let message = format!("a feature has no property `{name}`, by which features are left out");
            (message, "name the property as the file does, small letters and capitals too".to_owned())
        })?;
        let own = own.as_str().map(normalise_code).or_else(|| own.as_f64().map(|own| own.to_string()));
        if own.as_ref() == Some(text) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn point_of(value: &Value) -> Result<(f64, f64), Fault> {
    let at = |index: usize| value.get(index).and_then(Value::as_f64).filter(|own| own.is_finite());
    at(0).zip(at(1)).ok_or_else(|| ("a point is not two numbers".to_owned(), NO_OUTLINE.to_owned()))
}

fn geo(document: &Value, keys: MapKeys<'_>) -> Result<MapFile, Fault> {
    let mut areas = Areas::default();
    for feature in array(document.get("features"), "features")? {
        let properties = feature.get("properties");
        if is_left_out(properties, keys)? {
            continue;
        }
        let area = areas.area(code_of(properties, keys.code)?);
        let geometry = feature.get("geometry");
        let rings = array(geometry.and_then(|own| own.get("coordinates")), "coordinates")?;
        let polygons: Vec<&Value> = match geometry.and_then(|own| own.get("type")).and_then(Value::as_str) {
            Some("Polygon") => rings.iter().collect(),
            Some("MultiPolygon") => rings.iter().filter_map(Value::as_array).flatten().collect(),
            _ => return Err(("a feature has no outline".to_owned(), NO_OUTLINE.to_owned())),
        };
        for ring in polygons {
            let points = array(Some(ring), "ring")?.iter().map(point_of).collect::<Result<Vec<_>, _>>()?;
            areas.ring(area, &points);
        }
    }
    Ok(areas.finish())
}

fn topo(document: &Value, keys: MapKeys<'_>) -> Result<MapFile, Fault> {
    let arcs = array(document.get("arcs"), "arcs")?;
    let objects = document.get("objects").and_then(Value::as_object);
    // Maps of statistics offices have a layer of points beside the outlines, for labels.
    let has_outlines = |layer: &&Value| {
        let own = layer.get("geometries").and_then(Value::as_array);
        own.is_some_and(|own| own.iter().any(|geometry| geometry.get("arcs").is_some()))
    };
    let layers: Vec<(&String, &Value)> =
        objects.map(|own| own.iter().filter(|(_, layer)| has_outlines(layer)).collect()).unwrap_or_default();
    let wanted = |(name, _): &&(&String, &Value)| keys.layer.is_none_or(|layer| layer == name.as_str());
    let own: Vec<&Value> = layers.iter().filter(wanted).map(|(_, layer)| *layer).collect();
    let [layer] = own.as_slice() else {
        let names: Vec<String> = layers.iter().map(|(name, _)| format!("`{name}`")).collect();
        let message = match keys.layer {
            Some(layer) => format!("the file has no layer `{layer}` with outlines; it has {}", names.join(", ")),
            None => format!("the file has {} layers with outlines, and one is needed", names.len()),
        };
        let help = match layers.first() {
            Some((name, _)) => format!("write which one in [model.neighbours], such as `layer = \"{name}\"`"),
            None => "export the layer of the areas, with their outlines".to_owned(),
        };
        return Err((message, help));
    };
    let number = |name: &str, at: usize, other: f64| {
        document.pointer(&format!("/transform/{name}/{at}")).and_then(Value::as_f64).unwrap_or(other)
    };
    let (scale, shift) = (
        [number("scale", 0, 1.0), number("scale", 1, 1.0)],
        [number("translate", 0, 0.0), number("translate", 1, 0.0)],
    );
    let delta = document.get("transform").is_some();
    let mut areas = Areas::default();
    for geometry in array(layer.get("geometries"), "geometries")? {
        let properties = geometry.get("properties");
        if is_left_out(properties, keys)? {
            continue;
        }
        let area = areas.area(code_of(properties, keys.code)?);
        let mut own = Vec::new();
        numbers(geometry.get("arcs"), &mut own);
        for arc in own {
            // A negative number is the same arc in the other direction: its complement.
            let at = if arc < 0 { !arc } else { arc };
            let points = usize::try_from(at).ok().and_then(|at| arcs.get(at));
            let (mut x, mut y) = (0.0, 0.0);
            for point in array(points, "arc")? {
                let (dx, dy) = point_of(point)?;
                (x, y) = if delta { (x + dx, y + dy) } else { (dx, dy) };
                areas.point(area, (x * scale[0] + shift[0], y * scale[1] + shift[1]));
            }
            areas.border(area, [at, 0, 0, 0]);
        }
    }
    Ok(areas.finish())
}

/// Every number of nested lists.
fn numbers(value: Option<&Value>, found: &mut Vec<i64>) {
    match value {
        Some(Value::Array(list)) => list.iter().for_each(|own| numbers(Some(own), found)),
        Some(own) => found.extend(own.as_i64()),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys<'k>(code: &'k str, layer: Option<&'k str>) -> MapKeys<'k> {
        MapKeys { code, layer, leave_out: &[] }
    }

    fn square(code: &str, x: i32, y: i32) -> String {
        let (right, top) = (x + 1, y + 1);
        format!(
            r#"{{"type": "Feature", "properties": {{"wijkcode": "{code}"}}, "geometry": {{"type": "Polygon", "coordinates": [[[{x}, {y}], [{right}, {y}], [{right}, {top}], [{x}, {top}], [{x}, {y}]]]}}}}"#
        )
    }

    fn map(features: &[String]) -> Result<MapFile, Fault> {
        let text = format!(r#"{{"type": "FeatureCollection", "features": [{}]}}"#, features.join(","));
        map_of(text.as_bytes(), keys("wijkcode", None))
    }

    #[test]
    fn squares_with_a_common_side_are_neighbours_and_a_corner_is_not_enough() {
        let found = map(&[square("A", 0, 0), square("B", 1, 0), square("C", 1, 1), square("D", 9, 9)]).unwrap();
        assert_eq!(found.codes, ["A", "B", "C", "D"]);
        assert_eq!(found.pairs, [(0, 1), (1, 2)]);
        assert_eq!(found.middles[0], (0.5, 0.5));
    }

    #[test]
    fn features_are_left_out_by_what_a_property_says() {
        let with = |code: &str, x: i32, water: &str| {
            square(code, x, 0).replace("{\"wijkcode\"", &format!("{{\"water\": \"{water}\", \"wijkcode\""))
        };
        let land_and_water = [with("A", 0, "NEE"), with("B", 1, "NEE"), with("W", 2, "JA"), with("C", 3, "NEE")];
        let text = format!(r#"{{"type": "FeatureCollection", "features": [{}]}}"#, land_and_water.join(","));
        let found = |name: &str| {
            let leave_out = [(name.to_owned(), "JA".to_owned())];
            map_of(text.as_bytes(), MapKeys { leave_out: &leave_out, ..keys("wijkcode", None) })
        };
        let map = found("water").unwrap();
        assert_eq!((map.codes.len(), map.pairs), (3, vec![(0, 1)]));
        // A code may be a number in the file.
        let numbered = text.replace("\"JA\"", "1").replace("\"NEE\"", "0");
        let leave_out = [("water".to_owned(), "1".to_owned())];
        let map = map_of(numbered.as_bytes(), MapKeys { leave_out: &leave_out, ..keys("wijkcode", None) }).unwrap();
        assert_eq!(map.codes, ["A", "B", "C"]);
        assert!(found("Water").unwrap_err().0.contains("no property `Water`"));
    }

    #[test]
    fn an_area_of_two_features_stands_once() {
        let found = map(&[square("A", 0, 0), square("B", 1, 0), square("A", 2, 0), square("C", 3, 0)]).unwrap();
        assert_eq!(found.codes, ["A", "B", "C"]);
        assert_eq!(found.pairs, [(0, 1), (0, 2)]);
    }

    #[test]
    fn a_topology_shares_arcs() {
        // Two areas on either side of arc 1, which the second one walks backwards (−2).
        let text = r#"{"type": "Topology", "transform": {"scale": [0.5, 0.5], "translate": [10, 20]},
            "arcs": [[[0, 0], [2, 0]], [[2, 0], [0, 2]], [[2, 2], [2, -2]]],
            "objects": {"wijken": {"type": "GeometryCollection", "geometries": [
                {"type": "Polygon", "arcs": [[0, 1]], "properties": {"statcode": "A"}},
                {"type": "MultiPolygon", "arcs": [[[-2, 2]]], "properties": {"statcode": "B"}}]}}}"#;
        let found = map_of(text.as_bytes(), keys("statcode", None)).unwrap();
        assert_eq!(
            (found.codes.as_slice(), found.pairs.as_slice()),
            (["A".to_owned(), "B".to_owned()].as_slice(), [(0, 1)].as_slice())
        );
        // Points of arc 0: (0,0), (2,0); of arc 1: (2,0), (2,2); mean (1.5, 0.5), halved and shifted.
        assert_eq!(found.middles[0], (10.75, 20.25));
        // A layer may be named, and must be where there are several.
        assert_eq!(map_of(text.as_bytes(), keys("statcode", Some("wijken"))).unwrap(), found);
        let other = map_of(text.as_bytes(), keys("statcode", Some("buurten"))).unwrap_err();
        assert!(other.0.contains("no layer `buurten`") && other.1.contains("layer = \"wijken\""), "{other:?}");
        let twice =
            text.replace("\"objects\": {", "\"objects\": {\"buurten\": {\"geometries\": [{\"arcs\": [[0]]}]}, ");
        let several = map_of(twice.as_bytes(), keys("statcode", None)).unwrap_err();
        assert!(several.0.contains("2 layers") && several.1.contains("layer = \"buurten\""), "{several:?}");
        assert_eq!(map_of(twice.as_bytes(), keys("statcode", Some("wijken"))).unwrap(), found);
    }

    #[test]
    fn what_is_no_map_is_said() {
        let said = |bytes: &[u8]| map_of(bytes, keys("x", None)).unwrap_err().0;
        assert!(said(b"a;b").contains("no JSON"));
        assert!(said(b"{}").contains("neither"));
        assert!(said(b"PK\x03\x04").contains("packed") && said(b"\x1f\x8b\x08").contains("packed"));
        let layered = map_of(br#"{"type": "FeatureCollection", "features": []}"#, keys("x", Some("wijken")));
        assert!(layered.unwrap_err().0.contains("no layers"));
        assert!(map(&[square("", 0, 0)]).unwrap_err().0.contains("wijkcode"));
        assert!(map(&[square("A", 0, 0), square("B", 5, 0)]).unwrap_err().0.contains("no two areas"));
    }
}
