"""Opens every table of a release with DuckDB, Polars, pyarrow and pandas and holds it against schema.md.

    python .ci/readers.py OUT        OUT is the folder that holds current.json

The columns below are copied by hand from schema.md, not from the program: this is the outsider's view of the contract.
Ends with 1 and a list when anything differs.
"""

import hashlib
import json
import sys
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq

S, I, L, F, B = "string", "int32", "int64", "double", "bool"

# Section "figures" of schema.md, in its order, with its types.
FIGURES = {
    "parameter": S, "collection": S, "period": I, "period_label": S, "level": S, "region": S, "region_year": I,
    "statistic": S, "dimension": S, "category": S, "value": F, "se": F, "lower": F, "upper": F, "confidence": F,
    "interval_method": S, "n": L, "n_class": S, "n_effective": F, "deff": F, "df": L, "population": F, "unit": S,
    "method": S, "variant": S, "status": S, "reason": S, "reliability": S, "own_share": F, "provisional": B,
    "source": S, "definition": S,
}  # fmt: skip
KEY = "parameter collection period level region region_year statistic dimension category method source variant".split()

# The other tables: schema.md names the columns, and types only where they are those of figures. A label or description
# is one column per language.
TABLES = {
    "parameters": dict.fromkeys(
        "id version label_nl label_en description_nl description_en theme domain life_phase prevention_level setting unit"
        " direction instrument rule comparability source status tier".split(), S) | {"version": L},
    "regions": dict.fromkeys("code region_year level name parent population predecessors comparable".split(), S)
    | {"region_year": I, "population": F},
    "categories": dict.fromkeys(
        "dimension category dimension_label_nl dimension_label_en label_nl label_en order".split(), S) | {"order": I},
    "sources": dict.fromkeys("id title table_id publisher licence sample fieldwork file_hash covers".split(), S),
    "targets": dict.fromkeys(
        "parameter collection period period_label level region region_year method source variant unit target target_year label_nl"
        " label_en target_source value difference reached status".split(), S)
    | {"period": I, "region_year": I, "target": F, "target_year": I, "value": F, "difference": F, "reached": B},
    "interventions": dict.fromkeys(
        "parameter id name database theme life_phase prevention_level setting description_nl description_en source status".split(), S),
    "quality/rejects": dict.fromkeys("source file row column code".split(), S) | {"row": L},
    "quality/checks": dict.fromkeys("check subject measured limit verdict".split(), S) | {"measured": F, "limit": F},
}  # fmt: skip
UNIQUE = {
    "parameters": ["id"],
    "regions": ["code", "region_year"],
    "categories": ["dimension", "category"],
    "sources": ["id"],
}
COMPARISONS = {
    "parameter": S, "collection": S, "period": I, "level": S, "region": S, "region_year": I, "statistic": S, "dimension": S,
    "category": S, "method": S, "source": S, "variant": S, "reference": S, "reference_region": S, "reference_category": S,
    "reference_period": I, "difference": F, "se": F, "lower": F, "upper": F, "df": L, "test": S, "p_test": F, "p_difference": F,
    "p_adjusted": F, "adjustment": S, "probability_higher": F, "alpha": F, "minimum_difference": F, "verdict": S, "favourable": S,
    "status": S, "reason": S,
}  # fmt: skip
TRENDS = {
    "parameter": S, "collection": S, "level": S, "region": S, "region_year": I, "dimension": S, "category": S, "method": S,
    "periods": S, "n_periods": I, "slope": F, "se": F, "p": F, "change": F, "change_se": F, "change_lower": F, "change_upper": F,
    "verdict": S, "favourable": S, "status": S, "reason": S,
}  # fmt: skip
REFERENCES = {"rest_of_parent", "parent", "ggd", "nl", "rest_of_dimension", "other_category", "previous_period", "base_period", "target", "all_siblings"}  # fmt: skip
DASHBOARD_KEY = {"collection": S, "period": I, "period_label": S, "level": S, "region": S, "region_year": I, "region_name": S,
                 "parent": S}  # fmt: skip
DASHBOARD_STEP = {"": F, "_lower": F, "_upper": F, "_status": S, "_verdict": S}
# Promised by schema.md, and built later.
LATER = ["export"]

WORDS = {
    "level": {"nl", "ggd", "gemeente", "wijk", "buurt"},
    "unit": {"share", "mean", "count", "per_1000", "per_100000", "index"},
    "method": {"direct", "model", "published", "register", "synthetic"},
    "status": {"ok", "suppressed", "not_measured", "not_available"},
    "interval_method": {"logit", "beta", "wilson", "clopper_pearson", "asin", "t", "byar", "dobson", "posterior", "source"},
}
NUMBERS = ["value", "se", "lower", "upper", "n", "n_class", "n_effective", "deff", "df"]

IN_DUCKDB = {S: "VARCHAR", I: "INTEGER", L: "BIGINT", F: "DOUBLE", B: "BOOLEAN"}
IN_POLARS = {S: pl.String, I: pl.Int32, L: pl.Int64, F: pl.Float64, B: pl.Boolean}


def in_pandas(kind, series):
    """Whether a pandas column has the type; with empty cells pandas turns integers into floats, texts and booleans into objects."""
    name = str(series.dtype)
    if kind == S:
        return name in ("object", "str", "string")
    if kind in (I, L):
        return name == {I: "int32", L: "int64"}[kind] or (name == "float64" and series.isna().any()) or series.empty
    if kind == B:
        return name == "bool" or (name == "object" and series.isna().any())
    return name == "float64"


class Check:
    def __init__(self):
        self.faults = []
        self.done = 0

    def __call__(self, holds, message):
        self.done += 1
        if not holds:
            self.faults.append(message)


def release_of(out):
    """The current release, resolved once."""
    current = json.loads((out / "current.json").read_text(encoding="utf-8"))
    return out / current["path"], current["release"]


def main(out):
    check = Check()
    release, name = release_of(out)
    link = out / "current"
    check(not link.exists() or link.resolve() == release.resolve(), "current and current.json disagree")
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    check(manifest["release"] == name == release.name, "the manifest names another release")
    files(check, release, manifest)

    connection = duckdb.connect()
    paths = sorted(path.relative_to(release).as_posix() for path in release.rglob("*.parquet"))
    for path in paths:
        table = expected(check, release, path)
        if table is not None:
            columns(check, connection, release / path, path, table, manifest)
    # Rows of a table with other columns cannot be looked at.
    if not check.faults:
        small_tables(check, connection, release)
        figures(check, connection, release, manifest)
        dashboards(check, release)
        rules = manifest["policy"].get("precision", [])
        compared(check, connection, release, max([0.0, *(rule[key] or 0.0 for rule in rules for key in ("share", "mean"))]))
    for promised in LATER:
        if not (release / promised).exists():
            print(f"  not in this version: {promised}")
    for fault in check.faults:
        print(f"fault: {fault}")
    print(f"{len(paths)} tables, {check.done} checks, {len(check.faults)} faults in {release}")
    return 1 if check.faults or not paths else 0


def files(check, release, manifest):
    """Every file has its hash in SHA256SUMS, and its hash, size and rows in the manifest; none is there besides."""
    sums = {}
    for line in (release / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, _, path = line.partition("  ")
        sums[path] = digest
    there = {path.relative_to(release).as_posix() for path in release.rglob("*") if path.is_file()}
    check(set(sums) == there - {"SHA256SUMS"}, f"SHA256SUMS and the folder differ: {set(sums) ^ (there - {'SHA256SUMS'})}")
    listed = {entry["path"]: entry for entry in manifest["files"]}
    check(set(listed) == there - {"SHA256SUMS", "manifest.json"}, f"manifest and folder differ: {set(listed) ^ there}")
    for path in sorted(there & set(sums)):
        content = (release / path).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        check(digest == sums[path], f"{path}: the hash is not that of SHA256SUMS")
        if path in listed:
            check(digest == listed[path]["sha256"], f"{path}: the hash is not that of the manifest")
            check(len(content) == listed[path]["bytes"], f"{path}: the size is not that of the manifest")
            if path.endswith(".parquet"):
                rows = pq.read_metadata(release / path).num_rows
                check(rows == listed[path]["rows"], f"{path}: {rows} rows, the manifest says {listed[path]['rows']}")


def expected(check, release, path):
    """Columns that schema.md gives a file, by its path."""
    if path.startswith("figures/"):
        check(path.count("/") == 3 and "=" not in path, f"{path}: not figures/<collection>/<period>/<level>.parquet")
        return FIGURES
    if path.startswith("comparisons/"):
        check(path.count("/") == 3, f"{path}: not comparisons/<collection>/<period>/<level>.parquet")
        return COMPARISONS
    if path.startswith("trends/"):
        return TRENDS
    if path.startswith("dashboard/"):
        return dashboard_columns(check, path, pq.read_schema(release / path).names)
    table = TABLES.get(path.removesuffix(".parquet"))
    check(table is not None, f"{path}: schema.md knows no such table")
    return table


def dashboard_columns(check, path, names):
    """The key, whatever stands beside it as text, and five columns per parameter."""
    parameters = [name.removesuffix("_verdict") for name in names if name.endswith("_verdict")]
    check(bool(parameters), f"{path}: no parameter")
    step = {f"{parameter}{suffix}": kind for parameter in parameters for suffix, kind in DASHBOARD_STEP.items()}
    besides = [name for name in names if name not in step and name not in DASHBOARD_KEY]
    # That a figure is from an openly recruited sample is said in the dashboard.
    check(besides == ["sample"], f"{path}: columns besides the key: {besides}")
    return DASHBOARD_KEY | dict.fromkeys(besides, S) | step


def columns(check, connection, file, path, table, manifest):
    """Four readers see the same columns, types and number of rows."""
    names = list(table)
    arrow = pq.read_table(file)
    seen = {field.name: str(field.type) for field in arrow.schema}
    check(seen == table and arrow.schema.names == names, f"{path}: pyarrow sees {difference(seen, table)}")
    seen = {row[0]: row[1] for row in connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(file)]).fetchall()}
    wanted = {name: IN_DUCKDB[kind] for name, kind in table.items()}
    check(seen == wanted and list(seen) == names, f"{path}: DuckDB sees {difference(seen, wanted)}")
    polars = pl.read_parquet(file)
    wanted = {name: IN_POLARS[kind] for name, kind in table.items()}
    check(dict(polars.schema) == wanted and polars.columns == names, f"{path}: Polars sees {difference(dict(polars.schema), wanted)}")
    pandas = pd.read_parquet(file)
    check(list(pandas.columns) == names, f"{path}: pandas sees other columns")
    for name, kind in table.items():
        if name in pandas:
            check(in_pandas(kind, pandas[name]), f"{path}: pandas sees `{name}` as {pandas[name].dtype}")
    rows = connection.execute("SELECT count(*) FROM read_parquet(?)", [str(file)]).fetchone()[0]
    check(rows == arrow.num_rows == polars.height == len(pandas), f"{path}: the readers count other numbers of rows")
    for field in arrow.schema:
        about = field.metadata or {}
        check(bool(about.get(b"description")) and b"unit" in about, f"{path}: `{field.name}` has no description and unit")
    head = pq.ParquetFile(file).metadata
    about = {key.decode(): value.decode() for key, value in (head.metadata or {}).items() if key != b"ARROW:schema"}
    for word in ("schema_version", "source", "licence", "made_from"):
        check(bool(about.get(f"wijkpeil.{word}")), f"{path}: no {word} in the key-value metadata")
    check(about.get("wijkpeil.schema_version") == manifest["schema_version"], f"{path}: another schema version")
    check(head.created_by == "wijkpeil", f"{path}: created by {head.created_by}")
    for group in range(head.num_row_groups):
        check(head.row_group(group).num_rows <= 122_880, f"{path}: a row group of more than 122,880 rows")
        check(head.row_group(group).column(0).compression == "ZSTD", f"{path}: not zstd")
    print(f"  {path}: {rows} rows, {len(names)} columns")


def difference(seen, wanted):
    return {name: (seen.get(name), wanted.get(name)) for name in seen.keys() | wanted.keys() if seen.get(name) != wanted.get(name)}


def small_tables(check, connection, release):
    for table, key in UNIQUE.items():
        keys = ", ".join(f'"{name}"' for name in key)
        rows, distinct = connection.execute(
            f"SELECT count(*), count(DISTINCT ({keys})) FROM read_parquet(?)", [str(release / f"{table}.parquet")]
        ).fetchone()
        check(rows == distinct and rows > 0, f"{table}: {rows} rows, {distinct} keys")


def figures(check, connection, release, manifest):
    """What schema.md says of rows: unique sorted keys, withheld rows without numbers, every region × category."""

    def number(query):
        return connection.execute(query).fetchone()[0]

    connection.execute(f"CREATE VIEW figures AS SELECT * FROM read_parquet('{release}/figures/**/*.parquet')")
    for table in UNIQUE:
        connection.execute(f"CREATE VIEW {table} AS SELECT * FROM read_parquet('{release}/{table}.parquet')")
    check(number("SELECT count(*) FROM figures") > 0, "no figures")
    key = ", ".join(KEY)
    check(number(f"SELECT count(*) - count(DISTINCT ({key})) FROM figures") == 0, "figures: a key occurs twice")
    for column in KEY + ["unit", "status", "period_label", "provisional", "definition"]:
        check(number(f"SELECT count(*) FROM figures WHERE {column} IS NULL") == 0, f"figures: `{column}` is empty in a row")
    for path in sorted(release.glob("figures/*/*/*.parquet")):
        frame = pl.read_parquet(path)
        check(frame.select(KEY).rows() == sorted(frame.select(KEY).rows()), f"{path.name}: not sorted by its key")
        place = path.relative_to(release).parts[1:]
        fits = frame.select(
            (pl.col("collection") == place[0]).all(),
            (pl.col("period_label").str.replace_all("/", "-") == place[1]).all(),
            (pl.col("level") == place[2].removesuffix(".parquet")).all(),
        ).row(0)
        check(all(fits), f"{'/'.join(place)}: rows of another collection, period or level")

    for column in NUMBERS:
        held = number(f"SELECT count(*) FROM figures WHERE status <> 'ok' AND {column} IS NOT NULL")
        check(held == 0, f"figures: {held} withheld rows have a number in `{column}`")
    check(number("SELECT count(*) FROM figures WHERE status = 'ok' AND value IS NULL") == 0, "figures: ok without a value")
    check(number("SELECT count(*) FROM figures WHERE status <> 'ok' AND reason IS NULL") == 0, "figures: withheld without a reason")
    # Differences of two shares are in the unit of shares.
    outside = "unit = 'share' AND (value NOT BETWEEN 0 AND 1 AND statistic NOT IN ('gap', 'sii') OR se < 0)"
    check(number(f"SELECT count(*) FROM figures WHERE {outside}") == 0, "figures: a share outside [0, 1]")
    check(number("SELECT count(*) FROM figures WHERE value NOT BETWEEN lower AND upper") == 0, "figures: a value outside its interval")
    # Limits of a source may be what its rounding leaves open: no confidence interval, hence without its level.
    halves = (
        "(lower IS NULL) <> (upper IS NULL) OR (lower IS NULL) <> (interval_method IS NULL)"
        " OR (lower IS NULL) <> (confidence IS NULL) AND interval_method <> 'source'"
    )
    check(number(f"SELECT count(*) FROM figures WHERE {halves}") == 0, "figures: half an interval, or one without its method")
    check(number("SELECT count(*) FROM figures WHERE abs(n_effective - n / deff) > 1e-9 * n") == 0, "figures: n_effective is not n / deff")
    for column, words in WORDS.items():
        seen = {row[0] for row in connection.execute(f"SELECT DISTINCT {column} FROM figures WHERE {column} IS NOT NULL").fetchall()}
        check(seen <= words, f"figures: `{column}` holds {sorted(seen - words)}")

    joins = {
        # Ratios and ranks are not in the unit of their parameter.
        "parameters": "t.id = f.parameter AND t.rule = f.definition AND (t.unit = f.unit OR f.unit = 'index' AND f.statistic"
        " IN ('rank', 'ratio', 'rii', 'indirect_ratio'))",
        "regions": "t.code = f.region AND t.region_year = f.region_year AND t.level = f.level",
        "categories": "t.dimension = f.dimension AND t.category = f.category",
        "sources": "t.id = f.source",
    }
    for table, join in joins.items():
        lost = number(f"SELECT count(*) FROM figures f WHERE NOT EXISTS (FROM {table} t WHERE {join})")
        check(lost == 0, f"figures: {lost} rows without their entry in `{table}`")

    if manifest["audience"] == "internal":
        # From respondents: a missing row would say n = 0.
        missing = number(
            "SELECT count(*) FROM (SELECT collection, period, level, dimension, count(*) AS rows FROM figures"
            " WHERE method = 'direct' AND statistic = 'crude' GROUP BY parameter, collection, period, level, dimension)"
            " JOIN (SELECT collection, period, level, count(DISTINCT region) AS regions FROM figures GROUP BY ALL)"
            " USING (collection, period, level)"
            # What is said of a ranking as a whole is no category of its own.
            " JOIN (SELECT dimension, count(*) AS categories FROM categories WHERE dimension = 'total' OR category <> 'total'"
            " GROUP BY ALL) USING (dimension)"
            " WHERE rows <> regions * categories"
        )
        check(missing == 0, f"figures: {missing} tables lack a region × category")
    # The total has a row for every region, also where a published table does not hold it.
    bare = number(
        "SELECT count(*) FROM (SELECT DISTINCT parameter, collection, period, region, region_year, method FROM figures"
        " WHERE method = 'published') f WHERE NOT EXISTS (FROM figures t WHERE t.dimension = 'total'"
        " AND t.parameter = f.parameter AND t.collection = f.collection AND t.period = f.period"
        " AND t.region = f.region AND t.region_year = f.region_year AND t.method = f.method)"
    )
    check(bare == 0, f"figures: {bare} published figures stand without a total")
    for level, status, count in connection.execute(
        "SELECT level, status, count(*) FROM figures GROUP BY ALL ORDER BY ALL"
    ).fetchall():
        print(f"  figures {level} {status}: {count}")


def dashboards(check, release):
    """The wide tables hold the values of the long ones, once per region and period, and no column mixes methods."""
    figures = pl.concat([pl.read_parquet(path) for path in release.glob("figures/*/*/*.parquet")])
    for path in sorted(release.glob("dashboard/*.parquet")):
        collection, _, method = path.stem.rpartition("_")
        frame = pl.read_parquet(path)
        keys = frame.select("collection", "period", "region", "region_year")
        check(keys.is_duplicated().sum() == 0, f"{path.name}: a region and period occurs twice")
        # A benchmarked figure of a model stands beside the one that is not; the wide table has the latter.
        long = figures.filter(collection=collection, method=method, dimension="total", statistic="crude")
        long = long.filter(pl.col("variant") != "benchmarked").select(
            "parameter", "period", "region", "region_year", "value", "lower", "upper", "status"
        )
        parameters = [name.removesuffix("_verdict") for name in frame.columns if name.endswith("_verdict")]
        check(set(parameters) == set(long["parameter"]), f"{path.name}: other parameters than figures has")
        for parameter in parameters:
            mine = frame.select(
                "period", "region", "region_year", value=parameter, lower=f"{parameter}_lower", upper=f"{parameter}_upper",
                status=f"{parameter}_status",
            ).filter(pl.col("status").is_not_null())  # fmt: skip
            theirs = long.filter(parameter=parameter).drop("parameter")
            order = ["period", "region", "region_year"]
            check(mine.sort(order).equals(theirs.sort(order)), f"{path.name}: `{parameter}` differs from figures")


def compared(check, connection, release, step):
    """Comparisons and trends: unique keys, withheld rows without numbers, verdicts on the side of the number, differences of figures."""

    def number(query):
        return connection.execute(query).fetchone()[0]

    if (release / "comparisons").exists():
        connection.execute(f"CREATE VIEW comparisons AS SELECT * FROM read_parquet('{release}/comparisons/**/*.parquet')")
        key = ", ".join([*KEY, "reference", "reference_region", "reference_category", "reference_period"])
        check(number(f"SELECT count(*) - count(DISTINCT ({key})) FROM comparisons") == 0, "comparisons: a key occurs twice")
        for column in ("difference", "se", "lower", "upper", "df", "p_test", "p_difference", "p_adjusted", "verdict", "favourable"):
            held = number(f"SELECT count(*) FROM comparisons WHERE status <> 'ok' AND {column} IS NOT NULL")
            check(held == 0, f"comparisons: {held} withheld rows have `{column}`")
        check(number("SELECT count(*) FROM comparisons WHERE status <> 'ok' AND reason IS NULL") == 0, "comparisons: withheld without a reason")
        seen = {row[0] for row in connection.execute("SELECT DISTINCT reference FROM comparisons").fetchall()}
        check(seen <= REFERENCES, f"comparisons: `reference` holds {sorted(seen - REFERENCES)}")
        side = "verdict = 'higher' AND difference <= 0 OR verdict = 'lower' AND difference >= 0"
        check(number(f"SELECT count(*) FROM comparisons WHERE {side}") == 0, "comparisons: a verdict on the other side")
        judged = "test <> 'none' AND verdict IN ('higher', 'lower') AND p_adjusted >= alpha"
        check(number(f"SELECT count(*) FROM comparisons WHERE {judged}") == 0, "comparisons: a verdict by chance")
        below = "p_adjusted < CASE test WHEN 'rao_scott_f' THEN p_test ELSE p_difference END"
        check(number(f"SELECT count(*) FROM comparisons WHERE {below}") == 0, "comparisons: an adjusted p below its own")
        # A comparison never shows what a figure withholds.
        join = " AND ".join(f"f.{name} = c.{name}" for name in KEY)
        shown = f"c.status = 'ok' AND c.reference <> 'all_siblings' AND NOT EXISTS (FROM figures f WHERE {join} AND f.status = 'ok')"
        check(number(f"SELECT count(*) FROM comparisons c WHERE {shown}") == 0, "comparisons: one of a figure that is withheld")
        # Between categories and between periods the difference is that of the two figures.
        for reference, other in (("other_category", "f.category = c.reference_category AND f.period = c.period"),
                                 ("previous_period", "f.category = c.category AND f.period = c.reference_period")):  # fmt: skip
            # Published numbers may be rounded, each by half a step.
            apart = number(
                "SELECT count(*) FROM comparisons c JOIN figures g USING (parameter, collection, period, region, region_year,"
                " statistic, dimension, category, method) JOIN figures f ON f.parameter = c.parameter AND"
                f" f.collection = c.collection AND f.region = c.region AND f.dimension = c.dimension AND {other} AND"
                " f.statistic = 'crude' AND f.method = 'direct'"
                f" WHERE c.reference = '{reference}' AND abs(c.difference - (g.value - f.value)) > {1e-12 + 2 * step}"
            )
            check(apart == 0, f"comparisons: {apart} of {reference} are not the difference of their figures")
    for path in sorted(release.glob("trends/*.parquet")):
        frame = pl.read_parquet(path)
        key = ["parameter", "collection", "level", "region", "region_year", "dimension", "category", "method"]
        check(frame.select(key).is_duplicated().sum() == 0, f"{path.name}: a key occurs twice")
        withheld = frame.filter(pl.col("status") != "ok").select("slope", "se", "p", "change", "verdict")
        check(sum(withheld[name].is_not_null().sum() for name in withheld.columns) == 0, f"{path.name}: a withheld row has a number")
        shown = frame.filter(pl.col("status") == "ok")
        check((shown["n_periods"] >= 3).all(), f"{path.name}: a trend over fewer than three periods")
        check((shown["n_periods"] == shown["periods"].str.split(" ").list.len()).all(), f"{path.name}: periods and their number differ")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
