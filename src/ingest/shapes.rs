//! Maps: GeoJSON and TopoJSON → which areas share a border.
//!
//! Two areas are neighbours where their outlines share a stretch of line (rook contiguity); a common corner is not enough. In GeoJSON that is a piece between two points that both outlines have, to
//! a millionth of the unit; outlines that were simplified each for itself share none. In TopoJSON it is a shared arc.

use std::collections::HashMap;

use serde_json::Value;

use super::file::with_blocks;
use super::list::ListFile;
use crate::finding::{Duty, Finding, Findings};

/// Areas of a map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapFile {
    /// Codes, in the order of the file; an area of several features stands once.
    pub codes: Vec<String>,
    /// Middle of the points of each outline.
    pub middles: Vec<(f64, f64)>,
    /// Pairs of areas that share a border, each once.
    pub pairs: Vec<(u32, u32)>,
}

/// Reads a map; `property` is the property of a feature that holds its code.
///
/// # Errors
/// A file that is no GeoJSON or TopoJSON, features without the property or without an outline, and a map on which no two areas share a border.
pub fn read_map(file: ListFile<'_>, property: &str) -> Result<MapFile, Findings> {
    let mut bytes = Vec::new();
    with_blocks(file.path, 1 << 20, |blocks| {
        while let Some(block) = blocks.next_block()? {
            bytes.extend(block);
        }
        Ok(())
    })
    .and_then(|read| read)
    .map_err(|fault| super::file_finding(file.name, &fault))?;
    map_of(&bytes, property).map_err(|(message, help)| {
        Finding::error(Duty::Data, "ingest-map", format!("{}: {message}", file.name))
            .at_line(file.name, None)
            .help(help)
            .into()
    })
}

type Fault = (String, &'static str);

/// A map from the text of a file.
fn map_of(bytes: &[u8], property: &str) -> Result<MapFile, Fault> {
    let not_json = |_| ("the file is no JSON".to_owned(), "export the map as GeoJSON or TopoJSON");
    let document: Value = serde_json::from_slice(bytes).map_err(not_json)?;
    let mut found = match document.get("type").and_then(Value::as_str) {
        Some("FeatureCollection") => geo(&document, property)?,
        Some("Topology") => topo(&document, property)?,
        _ => {
            let message = "the file is neither a FeatureCollection (GeoJSON) nor a Topology (TopoJSON)".to_owned();
            return Err((message, "export the map as GeoJSON or TopoJSON"));
        }
    };
    found.pairs.sort_unstable();
    found.pairs.dedup();
    if found.codes.len() > 1 && found.pairs.is_empty() {
        let message = "no two areas share a border".to_owned();
        return Err((
            message,
            "outlines that were simplified each for itself share no points: take the map as it was published",
        ));
    }
    Ok(found)
}

/// Areas as they are found.
#[derive(Default)]
struct Areas {
    found: MapFile,
    known: HashMap<String, u32>,
    sums: Vec<(f64, f64, f64)>,
    /// First area of each piece of border.
    borders: HashMap<[i64; 4], u32>,
}

impl Areas {
    fn area(&mut self, properties: Option<&Value>, property: &str) -> Result<u32, Fault> {
        let code = properties.and_then(|own| own.get(property)).and_then(Value::as_str).map(str::trim);
        let Some(code) = code.filter(|code| !code.is_empty()) else {
            let message = format!("a feature has no text in the property `{property}`");
            return Err((message, "name the property with the codes, such as `wijkcode` or `statcode`"));
        };
        Ok(*self.known.entry(code.to_owned()).or_insert_with(|| {
            self.found.codes.push(code.to_owned());
            self.sums.push((0.0, 0.0, 0.0));
            (self.found.codes.len() - 1) as u32
        }))
    }

    fn point(&mut self, area: u32, (x, y): (f64, f64)) {
        let sum = &mut self.sums[area as usize];
        *sum = (sum.0 + x, sum.1 + y, sum.2 + 1.0);
    }

    fn border(&mut self, area: u32, piece: [i64; 4]) {
        let first = *self.borders.entry(piece).or_insert(area);
        if first != area {
            self.found.pairs.push((first.min(area), first.max(area)));
        }
    }

    fn finish(mut self) -> MapFile {
        self.found.middles = self.sums.iter().map(|(x, y, n)| (x / n.max(1.0), y / n.max(1.0))).collect();
        self.found
    }
}

const NO_OUTLINE: &str = "every feature must be a Polygon or a MultiPolygon";

fn array<'v>(value: Option<&'v Value>, what: &str) -> Result<&'v Vec<Value>, Fault> {
    value.and_then(Value::as_array).ok_or_else(|| (format!("there is no list `{what}`"), NO_OUTLINE))
}

fn point_of(value: &Value) -> Result<(f64, f64), Fault> {
    let at = |index: usize| value.get(index).and_then(Value::as_f64).filter(|own| own.is_finite());
    at(0).zip(at(1)).ok_or_else(|| ("a point is not two numbers".to_owned(), NO_OUTLINE))
}

fn geo(document: &Value, property: &str) -> Result<MapFile, Fault> {
    let mut areas = Areas::default();
    for feature in array(document.get("features"), "features")? {
        let area = areas.area(feature.get("properties"), property)?;
        let geometry = feature.get("geometry");
        let rings = array(geometry.and_then(|own| own.get("coordinates")), "coordinates")?;
        let polygons: Vec<&Value> = match geometry.and_then(|own| own.get("type")).and_then(Value::as_str) {
            Some("Polygon") => rings.iter().collect(),
            Some("MultiPolygon") => rings.iter().filter_map(Value::as_array).flatten().collect(),
            _ => return Err(("a feature has no outline".to_owned(), NO_OUTLINE)),
        };
        for ring in polygons {
            let points = array(Some(ring), "ring")?.iter().map(point_of).collect::<Result<Vec<_>, _>>()?;
            for pair in points.windows(2) {
                areas.point(area, pair[0]);
                let whole = |(x, y): (f64, f64)| ((x * 1e6).round() as i64, (y * 1e6).round() as i64);
                let (a, b) = (whole(pair[0]).min(whole(pair[1])), whole(pair[0]).max(whole(pair[1])));
                if a != b {
                    areas.border(area, [a.0, a.1, b.0, b.1]);
                }
            }
        }
    }
    Ok(areas.finish())
}

fn topo(document: &Value, property: &str) -> Result<MapFile, Fault> {
    let arcs = array(document.get("arcs"), "arcs")?;
    let objects = document.get("objects").and_then(Value::as_object);
    // Maps of statistics offices have a layer of points beside the outlines, for labels.
    let has_outlines = |layer: &&Value| {
        let own = layer.get("geometries").and_then(Value::as_array);
        own.is_some_and(|own| own.iter().any(|geometry| geometry.get("arcs").is_some()))
    };
    let layers: Vec<&Value> = objects.map(|own| own.values().filter(has_outlines).collect()).unwrap_or_default();
    let [layer] = layers.as_slice() else {
        let message = format!("the file has {} layers with outlines, and one is needed", layers.len());
        return Err((message, "export the layer of the areas by itself"));
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
        let area = areas.area(geometry.get("properties"), property)?;
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

    fn square(code: &str, x: i32, y: i32) -> String {
        let (right, top) = (x + 1, y + 1);
        format!(
            r#"{{"type": "Feature", "properties": {{"wijkcode": "{code}"}}, "geometry": {{"type": "Polygon", "coordinates": [[[{x}, {y}], [{right}, {y}], [{right}, {top}], [{x}, {top}], [{x}, {y}]]]}}}}"#
        )
    }

    fn map(features: &[String]) -> Result<MapFile, Fault> {
        let text = format!(r#"{{"type": "FeatureCollection", "features": [{}]}}"#, features.join(","));
        map_of(text.as_bytes(), "wijkcode")
    }

    #[test]
    fn squares_with_a_common_side_are_neighbours_and_a_corner_is_not_enough() {
        let found = map(&[square("A", 0, 0), square("B", 1, 0), square("C", 1, 1), square("D", 9, 9)]).unwrap();
        assert_eq!(found.codes, ["A", "B", "C", "D"]);
        assert_eq!(found.pairs, [(0, 1), (1, 2)]);
        assert_eq!(found.middles[0], (0.5, 0.5));
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
        let found = map_of(text.as_bytes(), "statcode").unwrap();
        assert_eq!(
            (found.codes.as_slice(), found.pairs.as_slice()),
            (["A".to_owned(), "B".to_owned()].as_slice(), [(0, 1)].as_slice())
        );
        // Points of arc 0: (0,0), (2,0); of arc 1: (2,0), (2,2); mean (1.5, 0.5), halved and shifted.
        assert_eq!(found.middles[0], (10.75, 20.25));
    }

    #[test]
    fn what_is_no_map_is_said() {
        assert!(map_of(b"a;b", "x").unwrap_err().0.contains("no JSON"));
        assert!(map_of(b"{}", "x").unwrap_err().0.contains("neither"));
        assert!(map(&[square("", 0, 0)]).unwrap_err().0.contains("wijkcode"));
        assert!(map(&[square("A", 0, 0), square("B", 5, 0)]).unwrap_err().0.contains("no two areas"));
    }
}
