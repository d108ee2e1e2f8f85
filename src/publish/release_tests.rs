use std::sync::atomic::{AtomicUsize, Ordering};

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use arrow::array::{Array, AsArray, RecordBatch};

use super::{
    super::{fixture, spec::*},
    *,
};
use crate::vocab::Audience;

fn rejects() -> Vec<RejectRow> {
    [Some(20), Some(3)]
        .map(|row| RejectRow {
            source: "ggd-2022".to_owned(),
            file: "a.csv".to_owned(),
            row,
            column: "gewicht".to_owned(),
            code: "ingest-not-a-number".to_owned(),
        })
        .to_vec()
}

fn spec<'a>(out: &'a Path, rejects: &'a [RejectRow]) -> ReleaseSpec<'a> {
    ReleaseSpec {
        out,
        id: "r1",
        audience: Audience::Internal,
        pipeline: "test",
        made_at: "2026-11-22T08:00:00Z",
        made_from: "abcd",
        common: "ef01",
        inputs: &[],
        definitions: &[],
        provenance: &[],
        floor: "",
        policy: fixture::POLICY,
        rules: &[],
        rejects,
        checks: &[],
        cards: &[],
        memory: &crate::vocab::Forgetful,
        replace: false,
    }
}

fn said<'a>(runs: &'a [&'a [Figure]]) -> Said<'a> {
    fixture::said(runs)
}

fn write_small(spec: &ReleaseSpec<'_>) -> Result<Release, PublishError> {
    let (catalogue, figures) = fixture::small();
    write(spec, said(&[figures.as_slice()]), &catalogue, &|_| Ok(()), &|_| {})
}

fn read(release: &Release, path: &str) -> RecordBatch {
    let file = fs::File::open(release.path.join(path)).unwrap();
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let schema = builder.schema().clone();
    arrow::compute::concat_batches(&schema, &builder.build().unwrap().map(Result::unwrap).collect::<Vec<_>>()).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn what_is_written_is_read_back_with_its_schema_and_metadata() {
    let out = tempfile::tempdir().unwrap();
    let release = write_small(&spec(out.path(), &rejects())).unwrap();
    let path = "figures/gmvo/2022/gemeente.parquet";
    let builder = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(release.path.join(path)).unwrap()).unwrap();
    let meta = builder.metadata().file_metadata();
    assert_eq!(meta.created_by(), Some("wijkpeil"));
    let pairs: BTreeMap<_, _> = meta
        .key_value_metadata()
        .unwrap()
        .iter()
        .map(|pair| (pair.key.as_str(), pair.value.as_deref().unwrap()))
        .collect();
    assert_eq!(pairs["wijkpeil.schema_version"], "1");
    assert_eq!(pairs["wijkpeil.table"], "figures");
    assert_eq!(pairs["wijkpeil.source"], "ggd-2022");
    assert_eq!(pairs["wijkpeil.licence"], "CC BY 4.0");
    assert_eq!(pairs["wijkpeil.made_from"].len(), 64);
    assert!(pairs.contains_key("ARROW:schema"));
    assert_eq!(builder.schema().fields(), Table::Figures.schema().fields(), "with descriptions and units");
    assert!(builder.metadata().row_group(0).column(0).offset_index_offset().is_some());
    assert!(builder.metadata().row_group(0).column(0).column_index_offset().is_some());

    let batch = read(&release, path);
    assert_eq!(batch.num_rows(), 6);
    assert_eq!(batch["region"].as_string::<i32>().value(0), "GM0363");
    assert_eq!(batch["definition"].as_string::<i32>().value(0), "eenzaam@1");
    let rejects = read(&release, "quality/rejects.parquet");
    let rows = rejects["row"].as_primitive::<arrow::datatypes::Int64Type>();
    assert_eq!(rows.values().as_ref(), [3, 20]);
    assert_eq!(read(&release, "regions.parquet")["predecessors"].null_count(), 3);
}

#[test]
fn a_partition_keeps_its_bytes_when_only_another_source_changed() {
    let (catalogue, figures) = fixture::small();
    let mut changed = catalogue.clone();
    let other = changed.sources.iter_mut().find(|source| source.id == "jeugd-2023").unwrap();
    other.content = "another".to_owned();
    let hashes = |catalogue| {
        let out = tempfile::tempdir().unwrap();
        let release =
            write(&spec(out.path(), &[]), said(&[figures.as_slice()]), catalogue, &|_| Ok(()), &|_| {}).unwrap();
        let figures = release.files.into_iter().filter(|file| file.path.starts_with("figures/"));
        figures.map(|file| (file.path, file.sha256)).collect::<BTreeMap<_, _>>()
    };
    let (before, after) = (hashes(&catalogue), hashes(&changed));
    assert!(before.keys().eq(after.keys()));
    let (gmvo, gmj): (Vec<_>, Vec<_>) = before.keys().partition(|path| path.starts_with("figures/gmvo/"));
    assert!(!gmvo.is_empty() && gmvo.iter().all(|path| before[*path] == after[*path]));
    assert!(!gmj.is_empty() && gmj.iter().all(|path| before[*path] != after[*path]));
}

#[test]
fn a_suppressed_figure_is_null_in_every_number_and_never_zero() {
    let out = tempfile::tempdir().unwrap();
    let release = write_small(&spec(out.path(), &[])).unwrap();
    let batch = read(&release, "figures/gmvo/2022/wijk.parquet");
    assert_eq!(batch.num_rows(), 3);
    for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
        let key = ["period", "region_year"].contains(&field.name().as_str());
        if field.data_type().is_numeric() && !key {
            assert_eq!(column.null_count(), 3, "{}", field.name());
        }
    }
    let wide = read(&release, "dashboard/gmvo_direct.parquet");
    assert!(wide["eenzaam"].is_null(2) && wide["eenzaam_lower"].is_null(2));
    assert_eq!(wide["eenzaam_status"].as_string::<i32>().value(2), "suppressed");
}

#[test]
fn one_thread_and_many_give_the_same_bytes() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let releases = [1, 8].into_iter().zip(&folders).map(|(threads, out)| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| write_small(&spec(out.path(), &rejects()))).unwrap().files
    });
    let [one, many] = releases.collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(one, many);
    let sums = folders.each_ref().map(|out| fs::read_to_string(out.path().join("releases/r1/SHA256SUMS")).unwrap());
    assert_eq!(sums[0], sums[1]);
}

#[test]
fn unsorted_figures_are_refused_before_anything_is_written() {
    let out = tempfile::tempdir().unwrap();
    let (catalogue, mut figures) = fixture::small();
    figures.swap(0, 1);
    let error =
        write(&spec(out.path(), &[]), said(&[figures.as_slice()]), &catalogue, &|_| Ok(()), &|_| {}).unwrap_err();
    assert!(matches!(error, PublishError::FigureOrder { .. }), "{error}");
    assert_eq!(names(out.path()), Vec::<String>::new());
}

#[test]
fn progress_counts_every_file() {
    let out = tempfile::tempdir().unwrap();
    let (catalogue, figures) = fixture::small();
    let (expected, seen, rows) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
    let release =
        write(&spec(out.path(), &[]), said(&[figures.as_slice()]), &catalogue, &|_| Ok(()), &|event| match event {
            PublishEvent::Start { files } => expected.store(files, Ordering::Relaxed),
            PublishEvent::Verify => {}
            PublishEvent::File { rows: more } => {
                seen.fetch_add(1, Ordering::Relaxed);
                rows.fetch_add(more, Ordering::Relaxed);
            }
        })
        .unwrap();
    assert_eq!((expected.into_inner(), seen.into_inner()), (release.files.len(), release.files.len()));
    assert_eq!(rows.into_inner() as u64, release.files.iter().filter_map(|file| file.rows).sum::<u64>());
}

#[test]
fn a_release_that_exists_is_refused_or_compared() {
    let out = tempfile::tempdir().unwrap();
    let first = write_small(&spec(out.path(), &[])).unwrap();
    assert!(!first.reproduced);
    assert!(matches!(write_small(&spec(out.path(), &[])), Err(PublishError::Exists { .. })));

    // A later run under another id is current; reproducing the first makes the first current again.
    write_small(&ReleaseSpec { id: "r2", ..spec(out.path(), &[]) }).unwrap();
    let again = ReleaseSpec { replace: true, made_at: "2027-01-01T00:00:00Z", ..spec(out.path(), &[]) };
    let second = write_small(&again).unwrap();
    assert!(second.reproduced);
    assert_eq!(second.files, first.files);
    assert!(fs::read_to_string(out.path().join("current.json")).unwrap().contains("releases/r1"));
    assert!(fs::read_to_string(first.path.join(MANIFEST)).unwrap().contains("2026-11-22"), "the old manifest stays");

    let (catalogue, mut figures) = fixture::small();
    figures[0].value = Some(0.101);
    fs::write(first.path.join("extra.txt"), "x").unwrap();
    let error = write(&again, said(&[figures.as_slice()]), &catalogue, &|_| Ok(()), &|_| {}).unwrap_err();
    let PublishError::NotReproducible { files } = error else { panic!("{error}") };
    assert_eq!(files, ["extra.txt", "figures/gmvo/2022/gemeente.parquet"]);
    assert_eq!(names(&out.path().join("releases")), ["r1", "r2"], "no partial folder is left");
}

#[test]
fn an_internal_release_does_not_become_public_under_one_name() {
    let out = tempfile::tempdir().unwrap();
    write_small(&spec(out.path(), &[])).unwrap();
    let public = ReleaseSpec { audience: Audience::Public, replace: true, ..spec(out.path(), &[]) };
    assert!(matches!(write_small(&public), Err(PublishError::NotReproducible { files }) if files == [MANIFEST]));
}

#[test]
fn a_partial_folder_of_a_killed_run_is_swept_and_an_error_leaves_none() {
    let out = tempfile::tempdir().unwrap();
    let releases = out.path().join("releases");
    fs::create_dir_all(releases.join(".r0.partial-1/figures")).unwrap();
    // A folder stands where the file current.json must come, so the very last step fails.
    fs::create_dir_all(out.path().join("current.json")).unwrap();
    assert!(matches!(write_small(&spec(out.path(), &[])), Err(PublishError::Io { .. })));
    assert_eq!(names(&releases), ["r1"]);
    fs::remove_dir(out.path().join("current.json")).unwrap();
    current::make_current(out.path(), "r1", Audience::Internal).unwrap();

    // A panic in the middle of writing.
    let (catalogue, figures) = fixture::small();
    let spec = ReleaseSpec { id: "r2", ..spec(out.path(), &[]) };
    let run = std::panic::AssertUnwindSafe(|| {
        write(&spec, said(&[figures.as_slice()]), &catalogue, &|_| Ok(()), &|_| panic!("stop"))
    });
    assert!(std::panic::catch_unwind(run).is_err());
    assert_eq!(names(&releases), ["r1"]);
}

#[test]
fn a_public_release_has_no_row_numbers_and_no_count_of_rejects() {
    let out = tempfile::tempdir().unwrap();
    let release = write_small(&ReleaseSpec { audience: Audience::Public, ..spec(out.path(), &rejects()) }).unwrap();
    let batch = read(&release, "quality/rejects.parquet");
    assert_eq!((batch.num_rows(), batch["row"].null_count()), (1, 1));
}

#[cfg(unix)]
#[test]
fn modes_follow_the_audience() {
    use std::os::unix::fs::PermissionsExt;
    for (audience, file, dir) in [(Audience::Internal, 0o600, 0o700), (Audience::Public, 0o644, 0o755)] {
        let out = tempfile::tempdir().unwrap();
        let release = write_small(&ReleaseSpec { audience, ..spec(out.path(), &[]) }).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        for path in folder::files_under(&release.path).unwrap().values() {
            assert_eq!((mode(path), mode(path.parent().unwrap())), (file, dir), "{}", path.display());
        }
        assert_eq!(mode(&release.path), dir);
    }
}

#[test]
fn more_rows_than_a_row_group_hold_together() {
    const ROWS: usize = super::super::parquet::ROW_GROUP;
    let out = tempfile::tempdir().unwrap();
    let mut catalogue = fixture::catalogue();
    let wijk = catalogue.regions[2].clone();
    catalogue.regions = (1900..=i32::try_from(1900 + ROWS).unwrap())
        .map(|region_year| crate::declare::RegionEntry { region_year, ..wijk.clone() })
        .collect();
    let figures: Vec<Figure> = (0..=ROWS)
        .map(|region| Figure {
            region: u32::try_from(region).unwrap(),
            value: Some(0.5),
            lower: None,
            ..fixture::figure(0, 1, 1, 0, 1, 0)
        })
        .collect();
    let release = write(&spec(out.path(), &[]), said(&[figures.as_slice()]), &catalogue, &|_| Ok(()), &|_| {}).unwrap();
    let file = fs::File::open(release.path.join("figures/gmvo/2022/wijk.parquet")).unwrap();
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).unwrap();
    let groups: Vec<i64> =
        builder.metadata().row_groups().iter().map(::parquet::file::metadata::RowGroupMetaData::num_rows).collect();
    assert_eq!(groups, [i64::try_from(ROWS).unwrap(), 1]);
    assert_eq!(super::super::verify(&release.path).unwrap().faults, []);
}
