//! Areas of a map, as their outlines are found one by one.

use std::collections::HashMap;

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

/// Where a map holds what is asked of it.
#[derive(Clone, Copy, Debug)]
pub struct MapKeys<'k> {
    /// Property of a feature, or column of a layer, with the code of its area.
    pub code: &'k str,
    /// Layer of a GeoPackage or TopoJSON; `None` where one alone can be meant.
    pub layer: Option<&'k str>,
    /// Features that are left out: a property or column, and the code in it as [`normalise_code`] writes it.
    pub leave_out: &'k [(String, String)],
}

/// What is wrong, and what to do.
pub(super) type Fault = (String, String);

/// Areas as they are found.
#[derive(Default)]
pub(super) struct Areas {
    found: MapFile,
    known: HashMap<String, u32>,
    sums: Vec<(f64, f64, f64)>,
    /// First area of each piece of border.
    borders: HashMap<[i64; 4], u32>,
}

impl Areas {
    /// The area of a code.
    pub(super) fn area(&mut self, code: &str) -> u32 {
        if let Some(known) = self.known.get(code) {
            return *known;
        }
        let area = self.found.codes.len() as u32;
        self.known.insert(code.to_owned(), area);
        self.found.codes.push(code.to_owned());
        self.sums.push((0.0, 0.0, 0.0));
        area
    }

    /// Adds a ring of an area's outline.
    pub(super) fn ring(&mut self, area: u32, points: &[(f64, f64)]) {
        // A ring that is left open ends where it began.
        let last = points.last().zip(points.first()).filter(|(last, first)| last != first || points.len() == 1);
        let closing = last.map(|(last, first)| [*last, *first]);
        for pair in points.windows(2).chain(closing.iter().map(<[(f64, f64); 2]>::as_slice)) {
            self.point(area, pair[0]);
            let whole = |(x, y): (f64, f64)| ((x * 1e6).round() as i64, (y * 1e6).round() as i64);
            let (a, b) = (whole(pair[0]).min(whole(pair[1])), whole(pair[0]).max(whole(pair[1])));
            if a != b {
                self.border(area, [a.0, a.1, b.0, b.1]);
            }
        }
    }

    /// Adds a point of an outline.
    pub(super) fn point(&mut self, area: u32, (x, y): (f64, f64)) {
        let sum = &mut self.sums[area as usize];
        *sum = (sum.0 + x, sum.1 + y, sum.2 + 1.0);
    }

    /// Adds a piece of border, which two areas may have.
    pub(super) fn border(&mut self, area: u32, piece: [i64; 4]) {
        let first = *self.borders.entry(piece).or_insert(area);
        if first != area {
            self.found.pairs.push((first.min(area), first.max(area)));
        }
    }

    /// All of them.
    pub(super) fn finish(mut self) -> MapFile {
        self.found.middles = self.sums.iter().map(|(x, y, n)| (x / n.max(1.0), y / n.max(1.0))).collect();
        self.found
    }
}
