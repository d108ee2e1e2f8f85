//! Maps as GeoPackage: the neighbours of the same map as GeoJSON, which layer is read, what is said of files that are no map, and damaged ones.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::Value;
use wijkpeil::ingest::{ListFile, MapFile, MapKeys, read_map};
use wijkpeil::vocab::Method;

use crate::area_model::{of, planned, results, sample};
use crate::support::shared;

/// Polygons of rings of points.
type Polygons = Vec<Vec<Vec<[f64; 2]>>>;
/// The texts of a feature and the blob of its outline.
type Row = (Vec<String>, Vec<u8>);
/// A layer: its name, its columns of text, its features.
type Layer<'l> = (&'l str, &'l [&'l str], Vec<Row>);

/// The outline as a MultiPolygon in the bytes of a GeoPackage. `height` adds a Z that nobody reads.
fn outline(polygons: &Polygons, height: bool) -> Vec<u8> {
    let kind = |flat: u32| if height { 1000 + flat } else { flat }.to_le_bytes();
    let count = |own: usize| (own as u32).to_le_bytes();
    let mut blob = b"GP\x00\x01".to_vec();
    blob.extend(4326_i32.to_le_bytes());
    blob.extend([&[1][..], &kind(6), &count(polygons.len())].concat());
    for polygon in polygons {
        blob.extend([&[1][..], &kind(3), &count(polygon.len())].concat());
        for ring in polygon {
            blob.extend(count(ring.len()));
            for [x, y] in ring {
                blob.extend([x.to_le_bytes(), y.to_le_bytes()].concat());
                if height {
                    blob.extend(3.5_f64.to_le_bytes());
                }
            }
        }
    }
    blob
}

/// Writes a GeoPackage with the tables that the standard asks for and these layers.
fn package(path: &Path, layers: &[Layer<'_>]) {
    let database = Connection::open(path).unwrap();
    database
        .execute_batch(
            "PRAGMA application_id = 1196444487; PRAGMA user_version = 10300;
             CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER PRIMARY KEY, organization TEXT NOT NULL,
                organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
             CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
                description TEXT DEFAULT '', last_change DATETIME, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER);
             CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
                srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name));",
        )
        .unwrap();
    for (name, columns, features) in layers {
        let declared: String = columns.iter().map(|column| format!(", \"{column}\" TEXT")).collect();
        database
            .execute_batch(&format!("CREATE TABLE \"{name}\" (fid INTEGER PRIMARY KEY, geom MULTIPOLYGON{declared});"))
            .unwrap();
        let listed = "INSERT INTO gpkg_contents (table_name, data_type, identifier) VALUES (?1, 'features', ?1)";
        database.execute(listed, [name]).unwrap();
        let listed = "INSERT INTO gpkg_geometry_columns VALUES (?1, 'geom', 'MULTIPOLYGON', 4326, 0, 0)";
        database.execute(listed, [name]).unwrap();
        let marks: String = (0..columns.len()).map(|at| format!(", ?{}", at + 2)).collect();
        let names: String = columns.iter().map(|column| format!(", \"{column}\"")).collect();
        let insert = format!("INSERT INTO \"{name}\" (geom{names}) VALUES (?1{marks})");
        for (texts, blob) in features {
            let mut values: Vec<&dyn rusqlite::ToSql> = vec![blob];
            values.extend(texts.iter().map(|text| text as &dyn rusqlite::ToSql));
            database.execute(&insert, values.as_slice()).unwrap();
        }
    }
}

fn square(x: f64, y: f64) -> Polygons {
    vec![vec![vec![[x, y], [x + 1.0, y], [x + 1.0, y + 1.0], [x, y + 1.0], [x, y]]]]
}

/// Wijken of buurten, and buurten as they name both: A lies beside B, B below C, and D apart.
fn wijken_and_buurten(path: &Path) {
    let text = |codes: &[&str]| codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>();
    let wijk = |code: &str, x: f64, y: f64| (text(&[code]), outline(&square(x, y), false));
    let buurt = |code: &str, of: &str, x: f64, y: f64| (text(&[code, of]), outline(&square(x, y), true));
    package(
        path,
        &[
            ("wijken", &["wijkcode"], vec![wijk("A", 0., 0.), wijk("B", 1., 0.), wijk("C", 1., 1.), wijk("D", 9., 9.)]),
            (
                "buurten",
                &["buurtcode", "wijkcode"],
                vec![
                    buurt("b1", "A", 0., 0.),
                    buurt("b2", "B", 1., 0.),
                    buurt("b3", "A", 2., 0.),
                    buurt("b4", "C", 3., 0.),
                ],
            ),
        ],
    );
}

fn read(path: &Path, code: &str, layer: Option<&str>) -> Result<MapFile, String> {
    let name = path.file_name().unwrap().to_str().unwrap();
    let keys = MapKeys { code, layer, leave_out: &[] };
    read_map(ListFile { path, name }, keys).map_err(|findings| findings.render(false))
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kaart.gpkg");
    (folder, path)
}

/// Names of the files of a folder.
fn names(folder: &Path) -> Vec<String> {
    let found = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut found: Vec<String> = found.collect();
    found.sort();
    found
}

#[test]
fn a_layer_has_the_neighbours_that_its_squares_have() {
    let (folder, path) = folder();
    wijken_and_buurten(&path);
    let before = std::fs::read(&path).unwrap();
    // A side of A is one of B, and one of B one of C; A and C have a corner in common.
    let wijken = read(&path, "wijkcode", Some("wijken")).unwrap();
    assert_eq!(wijken.codes, ["A", "B", "C", "D"]);
    assert_eq!(wijken.pairs, [(0, 1), (1, 2)]);
    assert_eq!(wijken.middles, [(0.5, 0.5), (1.5, 0.5), (1.5, 1.5), (9.5, 9.5)]);
    // A row of four buurten, of which the first and third are one wijk.
    let buurten = read(&path, "buurtcode", None).unwrap();
    assert_eq!((buurten.codes.len(), buurten.pairs), (4, vec![(0, 1), (1, 2), (2, 3)]));
    let together = read(&path, "wijkcode", Some("buurten")).unwrap();
    assert_eq!((together.codes, together.pairs), (vec!["A".into(), "B".into(), "C".into()], vec![(0, 1), (0, 2)]));
    // Nothing is written: neither beside the map nor into it.
    assert_eq!(names(folder.path()), ["kaart.gpkg"]);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn what_the_first_bytes_say_counts_and_not_the_name() {
    let (folder, path) = folder();
    wijken_and_buurten(&path);
    let other = folder.path().join("wijken 100% #1?.geojson");
    std::fs::rename(&path, &other).unwrap();
    assert_eq!(read(&other, "buurtcode", None).unwrap().codes.len(), 4);
    let json = folder.path().join("leeg.gpkg");
    std::fs::write(&json, r#"{"type": "FeatureCollection", "features": []}"#).unwrap();
    assert!(read(&json, "buurtcode", None).unwrap().codes.is_empty());
}

#[test]
fn the_layer_must_be_named_where_two_could_be_meant() {
    let (_folder, path) = folder();
    wijken_and_buurten(&path);
    let several = read(&path, "wijkcode", None).unwrap_err();
    assert!(several.contains("several layers have a column `wijkcode`: `buurten`, `wijken`"), "{several}");
    assert!(several.contains("write which one in [model.neighbours], such as `layer = \"wijken\"`"), "{several}");
    let other = read(&path, "wijkcode", Some("Wijken")).unwrap_err();
    assert!(other.contains("no layer `Wijken`; its layers are `buurten`, `wijken`"), "{other}");
    let nowhere = read(&path, "statcode", None).unwrap_err();
    assert!(nowhere.contains("no layer of the GeoPackage has a column `statcode`"), "{nowhere}");
    assert!(nowhere.contains("there are `buurtcode`, `wijkcode`"), "{nowhere}");
    let missing = read(&path, "buurtcode", Some("wijken")).unwrap_err();
    assert!(missing.contains("the layer `wijken` of the GeoPackage has no column `buurtcode`"), "{missing}");
    assert!(missing.contains("there are `wijkcode`"), "{missing}");
}

/// The features of a GeoJSON.
fn features(path: &Path, code: &str) -> Vec<(String, Polygons)> {
    let document: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let feature = |own: &Value| {
        let polygons = match own["geometry"]["type"].as_str().unwrap() {
            "Polygon" => Value::Array(vec![own["geometry"]["coordinates"].clone()]),
            _ => own["geometry"]["coordinates"].clone(),
        };
        let point = |own: &Value| [own[0].as_f64().unwrap(), own[1].as_f64().unwrap()];
        let list = |own: &Value| own.as_array().unwrap().clone();
        let ring = |own: &Value| list(own).iter().map(point).collect();
        let polygon = |own: &Value| list(own).iter().map(ring).collect();
        (own["properties"][code].as_str().unwrap().to_owned(), list(&polygons).iter().map(polygon).collect())
    };
    document["features"].as_array().unwrap().iter().map(feature).collect()
}

/// The GeoJSON as a GeoPackage.
fn converted(from: &Path, code: &str, to: &Path) {
    let rows = features(from, code).into_iter().map(|(own, polygons)| (vec![own], outline(&polygons, false)));
    package(to, &[("kaart", &[code], rows.collect())]);
}

#[test]
fn published_maps_are_the_same_as_geojson_and_as_geopackage() {
    for (name, code) in [
        ("wijken_Alkmaar_2024_PDOK.geojson", "wijkCode"),
        ("buurten_Baarn_PDOK.geojson", "buurtcode"),
        ("gemeente_gegeneraliseerd.geojson", "statcode"),
    ] {
        let Some(map) = shared(&format!("data/geo/{name}")) else { continue };
        let (_folder, path) = folder();
        converted(&map, code, &path);
        assert_eq!(read(&path, code, None).unwrap(), read(&map, code, None).unwrap(), "{name}");
    }
}

/// Numbers of areas and pairs by a few lines of Python over the same file, with its own reading of the blobs and sets of pieces per area.
#[test]
fn a_published_geopackage_has_the_neighbours_that_a_count_of_common_pieces_gives() {
    let Some(path) = shared("data/geo/buurten_Ermelo_CBS.gpkg") else { return };
    for (code, areas, pairs) in [("buurtcode", 17, 30), ("wijkcode", 3, 2)] {
        let map = read(&path, code, None).unwrap();
        assert_eq!((map.codes.len(), map.pairs.len()), (areas, pairs), "{code}");
        // In metres of the Rijksdriehoek, around Ermelo.
        assert!(map.middles.iter().all(|(x, y)| (165e3..181e3).contains(x) && (472e3..483e3).contains(y)), "{code}");
    }
}

/// The water of Ermelo is a wijk of its own, on the map and in no list of wijken with inhabitants.
#[test]
fn water_is_left_out_where_that_is_asked_for() {
    let Some(path) = shared("data/geo/buurten_Ermelo_CBS.gpkg") else { return };
    let found = |name: &str| {
        let leave_out = [(name.to_owned(), "JA".to_owned())];
        let keys = MapKeys { code: "wijkcode", layer: None, leave_out: &leave_out };
        read_map(ListFile { path: &path, name: "kaart.gpkg" }, keys).map_err(|findings| findings.render(false))
    };
    let land = found("water").unwrap();
    assert_eq!((land.codes, land.pairs), (vec!["WK023300".into(), "WK023301".into()], vec![(0, 1)]));
    let misspelt = found("Water").unwrap_err();
    assert!(misspelt.contains("no column `Water`, by which features are left out"), "{misspelt}");
}

const MAP: &str = "shapes = \"model/wijken-2022.geojson\"\ncode = \"wijkcode\"\nislands = \"bridge\"";

#[test]
fn a_pipeline_takes_the_map_as_geopackage() {
    let by_json = planned(&[], None).unwrap();
    let folder = sample();
    let json = folder.path().join("model/wijken-2022.geojson");
    converted(&json, "wijkcode", &folder.path().join("model/wijken.gpkg"));
    let named = "shapes = \"model/wijken.gpkg\"\ncode = \"wijkcode\"\nlayer = \"kaart\"\nislands = \"bridge\"";
    let by_package = planned(&[(MAP, named)], Some(folder.path())).unwrap();
    let graph = |plan: &wijkpeil::plan::Plan| plan.modelled.as_ref().unwrap().ground.graph.clone().unwrap();
    assert_eq!(graph(&by_package), graph(&by_json));
    let (modelled, modelled_by_json) = (results(&by_package), results(&by_json));
    assert_eq!(
        of(&by_package, &modelled, "lonely", Method::Model),
        of(&by_json, &modelled_by_json, "lonely", Method::Model),
        "the same neighbours give the same figures"
    );
    let card = &modelled.cards.iter().find(|card| card.parameter == "lonely").unwrap().text;
    assert!(
        card.contains("kaart; buren delen een grens: `model/wijken.gpkg`, laag `kaart`; 1 deel zonder gedeelde grens"),
        "{card}"
    );
    assert!(by_package.files().any(|input| input.name == "model/wijken.gpkg"), "it is an input of the release");
    // A wijk of water beside the others, which the list of regions has not.
    let water = (vec!["WK900199".to_owned(), "JA".to_owned()], outline(&square(90., 90.), false));
    let mut rows: Vec<Row> = features(&json, "wijkcode")
        .into_iter()
        .map(|(code, polygons)| (vec![code, "NEE".to_owned()], outline(&polygons, false)))
        .collect();
    rows.push(water);
    package(&folder.path().join("model/water.gpkg"), &[("wijken", &["wijkcode", "water"], rows)]);
    let with_water = "shapes = \"model/water.gpkg\"\ncode = \"wijkcode\"\nislands = \"bridge\"";
    let unknown = planned(&[(MAP, with_water)], Some(folder.path())).map(|_| ()).unwrap_err();
    assert!(unknown.contains("WK900199") && unknown.contains("leave-out = { water = \"JA\" }"), "{unknown}");
    let without = with_water.replace("islands", "leave-out = { water = \"JA\" }\nislands");
    assert_eq!(graph(&planned(&[(MAP, &without)], Some(folder.path())).unwrap()), graph(&by_json));
    let refused = |kind: &str| planned(&[(MAP, kind)], Some(folder.path())).map(|_| ()).unwrap_err();
    let other = refused(&named.replace("\"kaart\"", "\"wijken\""));
    assert!(other.contains("no layer `wijken`; its layers are `kaart`"), "{other}");
    // Neither a list of pairs nor a GeoJSON has layers.
    let pairs = refused("edges = \"model/x.csv\"\nfrom = \"a\"\nto = \"b\"\nlayer = \"kaart\"\nislands = \"stop\"");
    assert!(pairs.contains("neither a list of pairs nor a map"), "{pairs}");
    let left = refused(
        "edges = \"model/x.csv\"\nfrom = \"a\"\nto = \"b\"\nleave-out = { water = \"JA\" }\nislands = \"stop\"",
    );
    assert!(left.contains("neither a list of pairs nor a map"), "{left}");
    let layered = refused(&MAP.replace("islands", "layer = \"kaart\"\nislands"));
    assert!(layered.contains("a GeoJSON has no layers") && layered.contains("leave `layer` out"), "{layered}");
}

#[test]
fn what_is_no_map_of_areas_is_said_with_a_next_step() {
    let text = |code: &str| vec![code.to_owned()];
    let good = || outline(&square(0., 0.), false);
    let point = [&b"GP\x00\x01"[..], &4326_i32.to_le_bytes(), &[1, 1, 0, 0, 0], &[0; 16]].concat();
    let mut empty = good();
    empty[3] |= 0b1_0000;
    let cut = good()[..60].to_vec();
    let cases: [(Vec<Row>, &str); 7] = [
        (vec![(text("A"), point)], "the outline of `A` in the layer `kaart` is a Point"),
        (vec![(text("A"), empty)], "the outline of `A` in the layer `kaart` is empty"),
        (vec![(text("A"), outline(&Polygons::new(), false))], "the outline of `A` in the layer `kaart` is empty"),
        (vec![(text("A"), cut)], "the outline of `A` in the layer `kaart` ends too early"),
        (vec![(text("A"), b"POLYGON((0 0, 1 0))".to_vec())], "does not begin as the geometry of a GeoPackage"),
        (vec![(text(" "), good())], "no text in the column `code`"),
        (vec![(text("A"), good()), (text("B"), outline(&square(5., 0.), false))], "no two areas share a border"),
    ];
    for (features, said) in cases {
        let (_folder, path) = folder();
        package(&path, &[("kaart", &["code"], features)]);
        let found = read(&path, "code", None).unwrap_err();
        assert!(found.contains(said) && found.contains("help") && found.contains("kaart.gpkg"), "{said}: {found}");
    }
    let changed = |with: &str, said: &str| {
        let (_folder, path) = folder();
        package(&path, &[("kaart", &["code"], vec![(text("A"), good())])]);
        Connection::open(&path).unwrap().execute_batch(with).unwrap();
        let found = read(&path, "code", None).unwrap_err();
        assert!(found.contains(said) && found.contains("help"), "{said}: {found}");
    };
    changed("UPDATE kaart SET geom = NULL", "the outline of `A` in the layer `kaart` is empty");
    changed("UPDATE kaart SET geom = 'x'", "is no outline");
    changed("UPDATE kaart SET code = NULL", "no text in the column `code`");
    changed("DELETE FROM gpkg_contents", "has no layer with outlines");
    changed("UPDATE gpkg_contents SET data_type = 'attributes'", "has no layer with outlines");
    changed("UPDATE gpkg_geometry_columns SET column_name = 'shape'", "has no layer with outlines");
    changed("DROP TABLE gpkg_contents", "an SQLite database and no GeoPackage");
    // A view is a program of whoever made the file.
    changed("ALTER TABLE kaart RENAME TO own; CREATE VIEW kaart AS SELECT * FROM own", "has no layer with outlines");
}

#[test]
fn a_map_that_is_open_elsewhere_or_packed_is_said() {
    let (folder, path) = folder();
    wijken_and_buurten(&path);
    // A map that was written with a log beside it is read once that is gone.
    let writer = Connection::open(&path).unwrap();
    writer.pragma_update(None, "journal_mode", "wal").unwrap();
    writer.execute("UPDATE wijken SET wijkcode = 'E' WHERE wijkcode = 'D'", []).unwrap();
    assert!(names(folder.path()).contains(&"kaart.gpkg-wal".to_owned()));
    let open = read(&path, "wijkcode", Some("wijken")).unwrap_err();
    assert!(open.contains("changes of the map are not in it yet") && open.contains("close the program"), "{open}");
    drop(writer);
    assert_eq!(names(folder.path()), ["kaart.gpkg"]);
    assert_eq!(read(&path, "wijkcode", Some("wijken")).unwrap().codes[3], "E");
    assert_eq!(names(folder.path()), ["kaart.gpkg"], "no log of ours");

    let bytes = std::fs::read(&path).unwrap();
    let packed = folder.path().join("kaart.gpkg.gz");
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, &bytes).unwrap();
    let gzip = gzip.finish().unwrap();
    std::fs::write(&packed, &gzip).unwrap();
    let found = read(&packed, "wijkcode", None).unwrap_err();
    assert!(found.contains("this one is packed") && found.contains("unpack the file"), "{found}");
    std::fs::write(&path, &gzip).unwrap();
    let found = read(&path, "wijkcode", None).unwrap_err();
    assert!(found.contains("packed (zip or gzip)"), "{found}");
}

/// Whatever became of the bytes, there is a map or a finding: no panic, and nothing that takes memory or time beyond the file.
#[test]
fn damaged_files_are_maps_or_findings() {
    let (folder, path) = folder();
    wijken_and_buurten(&path);
    let whole = std::fs::read(&path).unwrap();
    let (mut maps, mut findings) = (0, 0);
    let mut look = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        for (code, layer) in [("wijkcode", Some("wijken")), ("buurtcode", None)] {
            match read(&path, code, layer) {
                Ok(map) => {
                    maps += 1;
                    assert!(map.codes.len() <= 8 && map.middles.len() == map.codes.len());
                }
                Err(found) => {
                    findings += 1;
                    assert!(found.contains("help") && found.contains("kaart.gpkg"), "{found}");
                }
            }
        }
    };
    for end in (0..whole.len()).step_by(whole.len() / 60) {
        look(&whole[..end]);
    }
    // The same damage every time: multipliers of Knuth's 64-bit generator.
    let mut state = 2022_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let holds: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] != 0).collect();
    for round in 0..600 {
        let mut bytes = whole.clone();
        for _ in 0..1 + round % 8 {
            // Most of a database is empty: damage what is not.
            let at = if round % 3 == 0 { next(100) } else { holds[next(holds.len())] };
            bytes[at] = next(256) as u8;
        }
        look(&bytes);
    }
    assert!(maps > 50 && findings > 200, "{maps} {findings}");
    assert_eq!(names(folder.path()), ["kaart.gpkg"]);
}
