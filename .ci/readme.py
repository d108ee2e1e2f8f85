"""Runs what the README shows: SQL and Python on a release, and the TOML of the short pipeline.

    python .ci/readme.py ROOT OUT PROGRAM

ROOT is the repository, OUT a folder named `out` with the release of the sample data, PROGRAM the built wijkpeil. Every query must give
rows, and every number of the tables under a query must be the one that comes out. R blocks are counted, not run: R is not installable
from PyPI.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb

# Numbers in the sentences of the README, and the query that gives them. Rounded as the sentence rounds.
FIGURES = "read_parquet(getvariable('release') || '/figures/**/*.parquet')"
SAID = {
    "women of 18 to 39: 14.4 %": f"SELECT round(100 * value, 1) = 14.4 FROM {FIGURES} WHERE parameter = 'anx_dep_risk_high'"
    " AND level = 'ggd' AND category = '2*18-39'",
    "of the 1,440 totals at level wijk, 463 are shown, 558 have fewer than 50 answers, and 16 more are below": "SELECT count(*) = 1440"
    f" AND count_if(status = 'ok') = 463 AND count_if(reason = 'min_n') = 558 + 16 FROM {FIGURES}"
    " WHERE dimension = 'total' AND level = 'wijk'",
    "highest 62.3 % in Eikenbroek": f"SELECT round(100 * max(value), 1) = 62.3 AND arg_max(region, value) = 'GM9008' FROM {FIGURES}"
    " WHERE parameter = 'lonely' AND dimension = 'total' AND level = 'gemeente'",
    "18.5 low, 16.6 middle, 15.0 high": f"SELECT list(round(value, 1) ORDER BY value DESC) = [18.5, 16.6, 15.0] FROM {FIGURES}"
    " WHERE parameter = 'anx_dep_risk_score' AND dimension = 'education' AND level = 'ggd'",
    "5 in gemeente 9001, 2 in 9003": "SELECT count_if(region LIKE 'WK9001%') = 5 AND count_if(region LIKE 'WK9003%') = 2"
    f" FROM {FIGURES} WHERE parameter = 'lonely' AND dimension = 'total' AND level = 'wijk' AND status = 'ok'",
    "14400 figures: 600 not_measured, 3926 ok, 9874 suppressed": "SELECT count_if(status = 'not_measured') = 600"
    f" AND count_if(status = 'ok') = 3926 AND count_if(status = 'suppressed') = 9874 FROM {FIGURES}",
    "11444 comparisons: 7139 ok, 4305 suppressed": "SELECT count_if(status = 'ok') = 7139 AND count_if(status = 'suppressed') = 4305"
    f" FROM {FIGURES.replace('figures', 'comparisons')}",
}


def blocks(text):
    """(language, content, text up to the next block) of every fenced block that names a language."""
    parts = re.split(r"^```(\w*)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return [(parts[at], parts[at + 1], parts[at + 2]) for at in range(1, len(parts), 3)]


def shown_table(text):
    """Cells of a markdown table that follows a block directly, without its head; none is an empty list."""
    lines = []
    for line in text.lstrip("\n").splitlines():
        if not line.startswith("|"):
            break
        lines.append([cell.strip() for cell in line.strip("|").split("|")])
    return lines[2:]


def run_sql(queries):
    """One connection for all blocks: the first one sets a variable that the others use."""
    connection = duckdb.connect()
    for query, after in queries:
        if query.startswith("SET"):
            connection.execute(query)
            continue
        rows = connection.execute(query).fetchall()
        assert rows, f"no rows from:\n{query}"
        found = [[str(cell) for cell in row] for row in rows]
        shown = shown_table(after)
        assert not shown or shown == found, f"the README shows {shown}\nand the query gives {found}"
    return connection


def check_sentences(text, connection):
    for sentence, query in SAID.items():
        assert sentence in text, f"the README no longer says: {sentence}"
        assert connection.execute(query).fetchone()[0], f"no longer true: {sentence}"


def run_python(code):
    """Every print of a table must have rows; each block stands alone."""
    printed = []
    exec(compile(code, "README.md", "exec"), {"print": printed.append})
    assert printed and all(len(table) > 0 for table in printed), f"no rows from:\n{code}"


def run_pipeline(root, program, text, scratch):
    """The short pipeline, beside links to the definitions and the data that it names."""
    (scratch / "pipelines").mkdir()
    for name in ("instruments", "parameters"):
        (scratch / "pipelines" / name).symlink_to(root / "pipelines" / name)
    (scratch / "sample-data").symlink_to(root / "sample-data")
    (scratch / "pipelines" / "small.toml").write_text(text, encoding="utf-8")
    command = [program, "run", "pipelines/small.toml", "--out", "small"]
    subprocess.run(command, cwd=scratch, check=True, stdin=subprocess.DEVNULL)


def main(root, out, program):
    assert out.name == "out", "the README says `out`"
    readme = (root / "README.md").read_text(encoding="utf-8")
    found = blocks(readme)
    by_language = {}
    for language, content, after in found:
        by_language.setdefault(language, []).append((content, after))
    os.chdir(out.parent)
    check_sentences(readme, run_sql(by_language["sql"]))
    for code, _ in by_language["python"]:
        run_python(code)
    with tempfile.TemporaryDirectory() as scratch:
        # The instrument and the parameter of the worked example are run by `cargo test`.
        for text in (text for text, _ in by_language["toml"] if text.startswith("version = 1\n")):
            run_pipeline(root, program, text, Path(scratch))
    print({language: len(content) for language, content in by_language.items() if language})


if __name__ == "__main__":
    main(*(Path(argument).resolve() for argument in sys.argv[1:4]))
