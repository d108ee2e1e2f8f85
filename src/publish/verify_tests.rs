use arrow::{
    array::{ArrayRef, Float64Array, RecordBatch, StringArray},
    compute::{concat_batches, take_record_batch},
};
use std::sync::Arc;

use super::{
    super::{
        fixture,
        parquet::{self, Origin, Target},
        release,
        schema::Table,
        spec::{PublishEvent, ReleaseSpec},
    },
    *,
};
use crate::vocab::Audience;

const FIGURES: &str = "figures/gmvo/2022/gemeente.parquet";
const WIJK: &str = "figures/gmvo/2022/wijk.parquet";

fn write(out: &Path) -> PathBuf {
    let (catalogue, figures) = fixture::small();
    let spec = ReleaseSpec {
        out,
        id: "r1",
        audience: Audience::Public,
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
        rejects: &[],
        checks: &[],
        cards: &[],
        memory: &crate::vocab::Forgetful,
        replace: false,
    };
    release::write(&spec, fixture::said(&[figures.as_slice()]), &catalogue, &|_| Ok(()), &|_: PublishEvent| {})
        .unwrap()
        .path
}

fn faults(release: &Path) -> Vec<VerifyFault> {
    verify(release).unwrap().faults
}

fn fault(file: &str, fault: Fault) -> VerifyFault {
    VerifyFault { file: file.to_owned(), fault }
}

/// Puts new content in a file and makes manifest and sums agree with it, as somebody with intent would.
fn forge(release: &Path, name: &str, rows: Option<u64>) {
    let (sha256, bytes) = folder::hash_file(&release.join(name)).unwrap();
    let mut manifest: Value = serde_json::from_str(&fs::read_to_string(release.join(MANIFEST)).unwrap()).unwrap();
    for file in manifest["files"].as_array_mut().unwrap().iter_mut().filter(|file| file["path"] == name) {
        file["sha256"] = sha256.clone().into();
        file["bytes"] = bytes.into();
        if let Some(rows) = rows {
            file["rows"] = rows.into();
        }
    }
    fs::write(release.join(MANIFEST), manifest.to_string()).unwrap();
    let there = folder::files_under(release).unwrap();
    let sums: BTreeMap<String, String> = there
        .into_iter()
        .filter(|(name, _)| name != SUMS)
        .map(|(name, path)| (name, folder::hash_file(&path).unwrap().0))
        .collect();
    fs::write(release.join(SUMS), manifest::sums(sums.iter().map(|(a, b)| (a.as_str(), b.as_str())))).unwrap();
}

fn read(path: &Path) -> RecordBatch {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let schema = builder.schema().clone();
    concat_batches(&schema, &builder.build().unwrap().map(Result::unwrap).collect::<Vec<_>>()).unwrap()
}

/// Rewrites a table with changed rows and forges the rest.
fn change(release: &Path, name: &str, change: impl FnOnce(RecordBatch) -> RecordBatch) {
    let batch = change(read(&release.join(name)));
    let catalogue = fixture::catalogue();
    let origin = Origin::of_catalogue(super::super::keys::Keys::new(&catalogue).unwrap());
    let target = Target { root: release, audience: Audience::Public, common: "ef01" };
    let rows = batch.num_rows() as u64;
    parquet::write(target, name, Table::Figures, batch.schema(), &origin, [Ok(batch)].into_iter()).unwrap();
    forge(release, name, Some(rows));
}

fn with_column(batch: &RecordBatch, name: &str, column: ArrayRef) -> RecordBatch {
    let mut columns = batch.columns().to_vec();
    columns[batch.schema().index_of(name).unwrap()] = column;
    RecordBatch::try_new(batch.schema(), columns).unwrap()
}

fn rules(release: &Path) -> Vec<(RowRule, u64)> {
    let rule = |fault: VerifyFault| match fault.fault {
        Fault::Row { rule, rows, .. } => (rule, rows),
        other => panic!("{other}"),
    };
    faults(release).into_iter().map(rule).collect()
}

#[test]
fn a_fresh_release_has_no_faults() {
    let out = tempfile::tempdir().unwrap();
    let release = write(out.path());
    let report = verify(&release).unwrap();
    assert_eq!(report.faults, []);
    assert_eq!((report.release.as_str(), report.files), ("r1", 16));
    assert_eq!(verify(&out.path().join("releases/r1/")).unwrap(), report);
}

#[test]
fn a_flipped_byte_a_missing_and_an_extra_file_are_found() {
    let out = tempfile::tempdir().unwrap();
    let release = write(out.path());
    let mut bytes = fs::read(release.join(FIGURES)).unwrap();
    bytes[100] ^= 1;
    fs::write(release.join(FIGURES), bytes).unwrap();
    fs::remove_file(release.join("sources.parquet")).unwrap();
    fs::write(release.join("extra.txt"), "x").unwrap();
    assert_eq!(
        faults(&release),
        [
            fault("extra.txt", Fault::Unlisted),
            fault("extra.txt", Fault::Manifest),
            fault(FIGURES, Fault::Hash),
            fault("sources.parquet", Fault::Missing),
        ]
    );
}

#[test]
fn a_folder_that_is_no_release_is_a_fault() {
    let out = tempfile::tempdir().unwrap();
    assert_eq!(faults(out.path()), [fault(MANIFEST, Fault::NotARelease)]);
    assert_eq!(faults(&out.path().join("nowhere")), [fault(MANIFEST, Fault::NotARelease)]);
    fs::write(out.path().join(MANIFEST), "{").unwrap();
    assert!(faults(out.path()).iter().any(|fault| matches!(fault.fault, Fault::Unreadable(_))));
}

#[test]
fn a_parquet_that_is_none_is_a_fault_even_when_the_hashes_agree() {
    let out = tempfile::tempdir().unwrap();
    let release = write(out.path());
    let whole = fs::read(release.join(FIGURES)).unwrap();
    for broken in [&b"PAR1 nonsense PAR1"[..], &whole[..whole.len() / 2], b""] {
        fs::write(release.join(FIGURES), broken).unwrap();
        forge(&release, FIGURES, None);
        let found = faults(&release);
        assert!(
            matches!(&found[..], [VerifyFault { file, fault: Fault::Unreadable(_) }] if file == FIGURES),
            "{found:?}"
        );
    }
}

#[test]
fn rows_that_break_a_rule_are_found_behind_matching_hashes() {
    let out = tempfile::tempdir().unwrap();
    let release = write(out.path());
    let original = read(&release.join(FIGURES));
    let set = |name: &'static str, numbers: Vec<Option<f64>>| {
        change(&release, FIGURES, |_| with_column(&original, name, Arc::new(Float64Array::from(numbers))));
        rules(&release)
    };
    let value = Some(0.1);
    assert_eq!(set("value", vec![Some(1.5), value, value, value, value, value])[0], (RowRule::Range, 1));
    assert_eq!(set("value", vec![None; 6]), [(RowRule::NoValue, 6)]);
    assert_eq!(set("deff", vec![Some(f64::INFINITY); 6]), [(RowRule::NotFinite("deff"), 6)]);
    assert_eq!(set("upper", vec![Some(0.0); 6]), [(RowRule::Interval, 6)]);
    change(&release, FIGURES, |_| with_column(&original, "status", Arc::new(StringArray::from(vec!["suppressed"; 6]))));
    assert_eq!(rules(&release).len(), 11, "each of the eleven columns that the fixture fills");
    change(&release, FIGURES, |_| with_column(&original, "level", Arc::new(StringArray::from(vec!["wijk"; 6]))));
    assert_eq!(rules(&release), [(RowRule::Misplaced("level"), 6)]);
    let order = |rows: Vec<u32>| take_record_batch(&original, &arrow::array::UInt32Array::from(rows)).unwrap();
    change(&release, FIGURES, |_| order(vec![1, 0, 2, 3, 4, 5]));
    assert_eq!(rules(&release), [(RowRule::Unsorted, 1)]);
    change(&release, FIGURES, |_| order(vec![0, 0, 1, 2, 3, 4, 5]));
    assert_eq!(rules(&release), [(RowRule::Duplicate, 1)]);
    change(&release, FIGURES, |_| original.clone());
    assert_eq!(faults(&release), []);
    forge(&release, FIGURES, Some(5));
    assert_eq!(faults(&release), [fault(FIGURES, Fault::Rows)]);
}

#[test]
fn another_schema_is_found() {
    let out = tempfile::tempdir().unwrap();
    let release = write(out.path());
    change(&release, WIJK, |batch| batch.project(&(0..31).collect::<Vec<_>>()).unwrap());
    let columns = |position, column: &str| Fault::Columns { position, column: column.to_owned() };
    assert_eq!(faults(&release), [fault(WIJK, columns(32, "definition"))]);
    let wide = "dashboard/gmvo_direct.parquet";
    change(&release, WIJK, |_| read(&release.join(FIGURES)));
    change(&release, wide, |batch| batch.project(&(0..12).collect::<Vec<_>>()).unwrap());
    assert!(faults(&release).contains(&fault(wide, columns(13, "eenzaam_status"))));
}

#[test]
fn one_key_under_two_labels_of_one_year_is_found() {
    let out = tempfile::tempdir().unwrap();
    let release = write(out.path());
    let pooled = "figures/gmvo/2019-2022/gemeente.parquet";
    fs::create_dir_all(release.join("figures/gmvo/2019-2022")).unwrap();
    fs::copy(release.join(FIGURES), release.join(pooled)).unwrap();
    let mut manifest: Value = serde_json::from_str(&fs::read_to_string(release.join(MANIFEST)).unwrap()).unwrap();
    manifest["files"]
        .as_array_mut()
        .unwrap()
        .push(serde_json::json!({ "path": pooled, "table": "figures", "rows": 6 }));
    fs::write(release.join(MANIFEST), manifest.to_string()).unwrap();
    change(&release, pooled, |batch| {
        let rows = batch.num_rows();
        with_column(&batch, "period_label", Arc::new(StringArray::from(vec!["2019-2022"; rows])))
    });
    assert_eq!(rules(&release), [(RowRule::Duplicate, 6)]);
}
