"""Time in seconds that DuckDB needs for table 50090NED as CSV to parquet: the peer of the table bench.

    python3 duckdb_table.py DATA.csv OUT RUNS THREADS

Prints two lines, each the best of RUNS, each run in a fresh connection:

long    the rows and columns of `figures` of a release, from the cells of the file, sorted by their key; both as one file per period
        and level (OUT/files), as a release has them, and as one file (OUT/one). The faster counts; standard error says which.
wide    the rows and columns of the CSV, as they are (OUT/wide)

Text is trimmed and numbers are doubles, by CAST, so that a cell that is no number stops DuckDB as well. zstd at the level that DuckDB
prefers. The measures and the names of their parameters are those of the bench's pipeline.
"""

import pathlib
import shutil
import sys
import time
import tomllib

import duckdb

data, out, runs, threads = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
pipeline = tomllib.loads((pathlib.Path(__file__).parent / "table/pipeline.toml").read_text("utf-8"))
(source,) = pipeline["source"]
measures = {measure["key"]: measure["parameter"] for measure in source["measure"]}

PARQUET = "(FORMAT parquet, COMPRESSION zstd)"
CSV = "read_csv('{}', delim = ';', quote = '\"', header = true, all_varchar = true)".format(data.replace("'", "''"))

# One row per cell; nothing but what differs between rows, so that the sort carries no constants.
CELLS = """
    SELECT parameter, CAST(left(period, 4) AS INTEGER) AS period, left(region, 2) AS kind, region,
        CASE age WHEN '20300' THEN 'total' ELSE 'age' END AS dimension,
        CASE age WHEN '20300' THEN 'total' WHEN '53115' THEN '18-64' WHEN '80200' THEN '65+' ELSE error('age') END AS category,
        trim(cell) AS cell
    FROM (
        SELECT replace(trim(WijkenEnBuurten), 'NL01', 'NL00') AS region, Perioden AS period, Leeftijd AS age, {}
        FROM {} WHERE Marges = 'MW00000'
    ) UNPIVOT INCLUDE NULLS (cell FOR parameter IN ({}))
""".format(", ".join(f'"{key}" AS {name}' for key, name in measures.items()), CSV, ", ".join(measures.values()))

LEVEL = "CASE kind WHEN 'NL' THEN 'nl' WHEN 'GM' THEN 'gemeente' WHEN 'WK' THEN 'wijk' WHEN 'BU' THEN 'buurt' ELSE error('region') END"
# The columns of schema.md, section figures, in its order.
FIGURES = f"""
    parameter, '{source["collection"]}' AS collection, period, CAST(period AS VARCHAR) AS period_label, {LEVEL} AS level,
    region, CAST({source["region-year"]} AS INTEGER) AS region_year, 'crude' AS statistic, dimension, category,
    CASE WHEN cell NOT IN ('', '.') THEN CAST(cell AS DOUBLE) / 100 END AS value,
    CAST(NULL AS DOUBLE) AS se, CAST(NULL AS DOUBLE) AS lower, CAST(NULL AS DOUBLE) AS upper,
    CAST(NULL AS DOUBLE) AS confidence, CAST(NULL AS VARCHAR) AS interval_method, CAST(NULL AS BIGINT) AS n,
    CAST(NULL AS VARCHAR) AS n_class, CAST(NULL AS DOUBLE) AS n_effective, CAST(NULL AS DOUBLE) AS deff,
    CAST(NULL AS BIGINT) AS df, CAST(NULL AS DOUBLE) AS population, 'share' AS unit, 'published' AS method, '' AS variant,
    CASE WHEN cell IS NULL OR cell = '' THEN 'not_measured' WHEN cell = '.' THEN 'suppressed' ELSE 'ok' END AS status,
    CASE WHEN cell IS NULL OR cell = '' THEN 'source_lacks' WHEN cell = '.' THEN 'source_withheld' END AS reason,
    CAST(NULL AS VARCHAR) AS reliability, CAST(NULL AS DOUBLE) AS own_share, false AS provisional,
    '{source["id"]}' AS source, parameter || '@1' AS definition
"""


def files(connection, folder):
    connection.execute(f"CREATE TEMP TABLE cells AS {CELLS}")
    parts = connection.execute("SELECT DISTINCT period, kind FROM cells").fetchall()
    for period, kind in parts:
        rows = f"SELECT * FROM cells WHERE period = {period} AND kind = '{kind}' ORDER BY parameter, region, dimension, category"
        connection.execute(f"COPY (SELECT {FIGURES} FROM ({rows})) TO '{folder}/{period}-{kind}.parquet' {PARQUET}")


def one(connection, folder):
    rows = f"SELECT * FROM ({CELLS}) ORDER BY parameter, period, {LEVEL}, region, dimension, category"
    connection.execute(f"COPY (SELECT {FIGURES} FROM ({rows})) TO '{folder}/figures.parquet' {PARQUET}")


def wide(connection, folder):
    text = ["Leeftijd", "Marges", "WijkenEnBuurten", "Perioden", "Gemeentenaam_1", "SoortRegio_2", "Codering_3"]
    columns = ["CAST(ID AS BIGINT) AS ID"]
    columns += [f'trim("{name}") AS "{name}"' for name in text]
    columns += [f"CAST(nullif(trim(\"{key}\"), '.') AS DOUBLE) AS \"{key}\"" for key in measures]
    connection.execute(f"COPY (SELECT {', '.join(columns)} FROM {CSV}) TO '{folder}/wide.parquet' {PARQUET}")


def took(work):
    folder = out / work.__name__
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    begun = time.perf_counter()
    with duckdb.connect(config={"threads": threads}) as connection:
        work(connection, folder)
    return time.perf_counter() - begun


times = {work: min(took(work) for _ in range(runs)) for work in (files, one, wide)}
print(min(times[files], times[one]))
print(times[wide])
print("one file" if times[one] < times[files] else "one file per period and level", file=sys.stderr)
