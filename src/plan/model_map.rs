//! Neighbours of a model's areas, islands bridged.

use std::collections::BTreeMap;

use super::build_model::Reader;
use super::estimates::index;
use crate::declare::{NeighbourKind, Neighbours};
use crate::finding::{Duty, Finding};
use crate::ingest::{MapKeys, read_map, read_pairs};
use crate::stats::model::graph::Graph;

/// What to do about an area of a map that the list of regions has not.
const OTHERS: &str = "take the map of the respondents' year; of a map that counts water as regions, leave that out (`leave-out = { water = \"JA\" }`)";

/// The map of the areas, and how many parts of it that do not touch were joined; `None` where it cannot be made, which has been said.
pub(super) fn neighbours(reader: &mut Reader<'_>, declared: &Neighbours) -> Option<(Graph, usize)> {
    let name = declared.file.value.as_str();
    let areas = reader.areas.len();
    let mut pairs: Vec<(u32, u32)> = Vec::new();
    let mut middles: Vec<Option<(f64, f64)>> = vec![None; areas];
    match &declared.kind {
        NeighbourKind::Edges(from, to) => {
            for row in reader.read(&declared.file, |file| read_pairs(file, from, to))? {
                let (a, b) = (reader.area(name, Some(row.row), &row.from), reader.area(name, Some(row.row), &row.to));
                pairs.extend(a.zip(b).map(|(a, b)| (index(a), index(b))));
            }
        }
        NeighbourKind::Shapes { code, layer, leave_out } => {
            let keys = MapKeys { code, layer: layer.as_deref(), leave_out };
            let map = reader.read(&declared.file, |file| read_map(file, keys))?;
            let own: BTreeMap<u32, usize> = map
                .codes
                .iter()
                .enumerate()
                .filter_map(|(at, code)| Some((index(at), reader.area_or(name, None, code, OTHERS)?)))
                .collect();
            own.iter().for_each(|(at, area)| middles[*area] = Some(map.middles[*at as usize]));
            let lacking: Vec<&str> =
                reader.areas.iter().filter(|(_, at)| middles[**at].is_none()).map(|(code, _)| code.as_str()).collect();
            if !lacking.is_empty() {
                let shown = lacking.iter().take(5).copied().collect::<Vec<_>>().join(", ");
                let message = format!("{name} has no outline of {} regions, such as {shown}", lacking.len());
                reader.fault(name, None, message, "take the map of the respondents' region year, with all its regions");
                return None;
            }
            let places = map.pairs.iter().filter_map(|(a, b)| Some((index(*own.get(a)?), index(*own.get(b)?))));
            pairs.extend(places);
        }
    }
    let graph = Graph::new(areas, &pairs);
    let parts = graph.parts();
    let count = parts.iter().max().map_or(0, |last| last + 1);
    if count <= 1 {
        return Some((graph, 0));
    }
    let mut touched = vec![false; areas];
    pairs.iter().for_each(|(a, b)| (touched[*a as usize], touched[*b as usize]) = (true, true));
    let alone = touched.iter().filter(|own| !**own).count();
    if 2 * alone > areas {
        let message = format!("{name}: {alone} of {areas} regions share no border with another one");
        let help = "outlines that were drawn or simplified each for itself share no points: take the map as it was published, or a list of pairs";
        reader.fault(name, None, message, help);
        return None;
    }
    let middles: Option<Vec<(f64, f64)>> = middles.into_iter().collect();
    let Some(middles) = middles.filter(|_| declared.bridge) else {
        let message = format!("the map of {name} has {count} parts that do not touch");
        let help = "declare `islands = \"bridge\"` with a map, or add the pair of the nearest regions to the list";
        reader.fault(name, None, message, help);
        return None;
    };
    let joined = bridges(parts, &middles);
    // Some islands are in every country; many parts are a map of which the outlines do not fit.
    if joined.len() > 1 + areas / 20 {
        let message =
            format!("{name}: the map falls into {count} parts that do not touch; each was joined to the nearest");
        let help = "borders are shared where both outlines have the same points: take the map as it was published, or a list of pairs";
        reader.findings.push(Finding::warning(Duty::Data, "model-map-parts", message).at_line(name, None).help(help));
    }
    pairs.extend(&joined);
    Some((Graph::new(areas, &pairs), joined.len()))
}

/// Pairs that join the parts of a map one by one, each time the two nearest areas of different parts.
fn bridges(mut parts: Vec<u32>, middles: &[(f64, f64)]) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    loop {
        let mut nearest: Option<(f64, usize, usize)> = None;
        for a in 0..parts.len() {
            for b in (0..a).filter(|b| parts[*b] != parts[a]) {
                let distance = (middles[a].0 - middles[b].0).powi(2) + (middles[a].1 - middles[b].1).powi(2);
                if nearest.is_none_or(|(before, ..)| distance < before) {
                    nearest = Some((distance, a, b));
                }
            }
        }
        let Some((_, a, b)) = nearest else { return found };
        found.push((index(b), index(a)));
        let (from, to) = (parts[a], parts[b]);
        parts.iter_mut().filter(|part| **part == from).for_each(|part| *part = to);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn islands_are_joined_to_the_nearest() {
        // Two pairs and an island between them, nearer to the second pair.
        let middles = [(0.0, 0.0), (1.0, 0.0), (10.0, 0.0), (11.0, 0.0), (7.0, 0.0)];
        let graph = Graph::new(5, &[(0, 1), (2, 3)]);
        assert_eq!(bridges(graph.parts(), &middles), [(2, 4), (1, 4)]);
    }
}
