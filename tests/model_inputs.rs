//! What a model of cells takes: maps as they are published, crossed persons instead of margins, a list of pairs instead of a map.

use wijkpeil::ingest::{ListFile, MapFile, MapKeys, read_map};
use wijkpeil::vocab::Method;

use crate::area_model::{of, planned, results, sample};
use crate::support::{repository, shared};

fn map(name: &str, property: &str) -> Option<MapFile> {
    let path = shared(&format!("data/geo/{name}"))?;
    let read = read_map(ListFile { path: &path, name }, MapKeys { code: property, layer: None, leave_out: &[] });
    Some(read.unwrap_or_else(|findings| panic!("{}", findings.render(false))))
}

/// Numbers of areas and of pairs with a piece of border, or an arc, in common: counted by a few lines of Python over the same files, with sets of pieces per area.
#[test]
fn published_maps_have_the_neighbours_that_a_count_of_common_pieces_gives() {
    for (name, property, areas, pairs) in [
        ("wijken_Alkmaar_2024_PDOK.geojson", "wijkCode", 8, 14),
        ("buurten_Baarn_PDOK.geojson", "buurtcode", 21, 46),
        ("gemeente_gegeneraliseerd.geojson", "statcode", 342, 876),
        // Its second layer holds the places of the labels.
        ("Wijk_2014_layer_labels.topojson", "statcode", 2745, 7519),
    ] {
        let Some(map) = map(name, property) else { continue };
        assert_eq!((map.codes.len(), map.pairs.len()), (areas, pairs), "{name}");
        // In degrees, within the Netherlands.
        assert!(map.middles.iter().all(|(x, y)| (3.0..7.5).contains(x) && (50.5..54.0).contains(y)), "{name}");
    }
}

/// Zuid (WK036101) borders on WK036103, WK036104 and WK036108 among others, by the same count.
#[test]
fn neighbours_of_a_published_map_are_known_by_their_codes() {
    let Some(map) = map("wijken_Alkmaar_2024_PDOK.geojson", "wijkCode") else { return };
    let place = |code: &str| map.codes.iter().position(|own| own == code).unwrap() as u32;
    for other in ["WK036103", "WK036104", "WK036108"] {
        let (a, b) = (place("WK036101"), place(other));
        assert!(map.pairs.contains(&(a.min(b), a.max(b))), "{other}");
    }
}

const MAP: &str = "shapes = \"model/wijken-2022.geojson\"\ncode = \"wijkcode\"\nislands = \"bridge\"";

#[test]
fn a_list_of_the_pairs_of_a_map_is_that_map() {
    let by_map = planned(&[], None).unwrap();
    let own = by_map.modelled.as_ref().unwrap();
    let graph = own.ground.graph.as_ref().unwrap();
    let code = |area: usize| by_map.catalogue.regions[own.areas[area] as usize].code.as_str().to_owned();
    let folder = sample();
    let mut list = "van;naar\n".to_owned();
    // The bridges of the map are pairs like any other.
    graph.edges().for_each(|(a, b)| list += &format!("{};{}\n", code(a), code(b)));
    std::fs::write(folder.path().join("model/buren.csv"), &list).unwrap();
    let pairs = "edges = \"model/buren.csv\"\nfrom = \"van\"\nto = \"naar\"\nislands = \"stop\"";
    let by_list = planned(&[(MAP, pairs)], Some(folder.path())).unwrap();
    assert_eq!(by_list.modelled.as_ref().unwrap().ground.graph, own.ground.graph);
    let (map, list_results) = (results(&by_map), results(&by_list));
    assert_eq!(
        of(&by_map, &map, "lonely", Method::Model),
        of(&by_list, &list_results, "lonely", Method::Model),
        "the same neighbours give the same figures"
    );
    // A list whose parts do not touch cannot be bridged: it has no distances.
    let lonely: Vec<&str> = list.lines().filter(|line| !line.contains("WK900300")).collect();
    std::fs::write(folder.path().join("model/buren.csv"), lonely.join("\n") + "\n").unwrap();
    let bridge = pairs.replace("stop", "bridge");
    let found = planned(&[(MAP, &bridge)], Some(folder.path())).map(|_| ()).unwrap_err();
    assert!(found.contains("parts that do not touch") && found.contains("add the pair"), "{found}");
}

#[test]
fn persons_that_are_crossed_give_what_margins_raked_to_them_give() {
    let by_margins = planned(&[], None).unwrap();
    let own = by_margins.modelled.as_ref().unwrap();
    let code = |area: u32| by_margins.catalogue.regions[own.areas[area as usize] as usize].code.as_str();
    let dimension = |id: &str| {
        let found = by_margins.definitions.pipeline.dimensions.iter().find(|own| own.id.value == id).unwrap();
        found.categories.iter().map(|own| own.id.value.clone()).collect::<Vec<_>>()
    };
    let (ages, sexes, educations) = (dimension("age"), dimension("sex"), dimension("education"));
    let mut crossed = "region;age;sex;education;persons\n".to_owned();
    for cell in &own.ground.persons {
        let (age, sex, education) = own.ground.groups.parts(cell.row as usize);
        // Every digit, so that the file holds the same doubles.
        let persons = format!("{:?}", cell.persons);
        crossed += &format!("{};{};{};{};{persons}\n", code(cell.area), ages[age], sexes[sex], educations[education]);
    }
    let folder = sample();
    std::fs::write(folder.path().join("model/crossed.csv"), crossed).unwrap();
    let text = std::fs::read_to_string(repository("pipelines/wijkmodel.toml")).unwrap();
    let (start, end) = (text.find("[[model.population.table]]").unwrap(), text.find("[model.facts]").unwrap());
    let one = "[[model.population.table]]\nfile = \"model/crossed.csv\"\nregion = \"region\"\n\
               dimensions = [\"age\", \"sex\", \"education\"]\npersons = \"persons\"\n\n";
    let by_cells = planned(&[(&text[start..end], one)], Some(folder.path())).unwrap();
    assert_eq!(by_cells.modelled.as_ref().unwrap().ground.persons, own.ground.persons);
    let (margins, cells) = (results(&by_margins), results(&by_cells));
    let figures = of(&by_cells, &cells, "lonely", Method::Model);
    assert_eq!(of(&by_margins, &margins, "lonely", Method::Model), figures);
    assert_eq!(figures.len(), 60);
}

/// The wijk WK900206 has 19 adults: too few for a figure, and so few that a table rounded to 5 may have none of any education.
#[test]
fn a_margin_that_rounding_left_empty_says_nothing_of_a_few_people() {
    let without_education = |wijk: &str| {
        let folder = sample();
        let path = folder.path().join("model/persons-education-2022.csv");
        let text = std::fs::read_to_string(&path).unwrap();
        let emptied = |line: &str| match line.rsplit_once(',') {
            Some((keys, _)) if line.starts_with(wijk) => format!("{keys},0\n"),
            _ => format!("{line}\n"),
        };
        std::fs::write(&path, text.lines().map(emptied).collect::<String>()).unwrap();
        planned(&[], Some(folder.path()))
    };
    let plan = without_education("WK900206").unwrap();
    let own = plan.modelled.as_ref().unwrap();
    let place = |code: &str| own.areas.iter().position(|at| plan.catalogue.regions[*at as usize].code.as_str() == code);
    let area = place("WK900206").unwrap();
    let persons: f64 = own.ground.persons.iter().filter(|own| own.area as usize == area).map(|own| own.persons).sum();
    assert!((persons - 19.0).abs() < 1e-6, "{persons}");
    // Of 3,000 adults somebody has an education.
    let refused = without_education("WK900100").unwrap_err();
    assert!(refused.contains("the persons of WK900100 cannot be crossed"));
}
