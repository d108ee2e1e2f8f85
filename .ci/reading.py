"""Readers while releases are published: python3 .ci/reading.py <program> <repository> <runs>

Four readers resolve current.json once, query the release with DuckDB, and begin again, while so many runs publish. Two rely on the time that
`[retention]` gives them, two on a lease in out/readers. No query may fail, and no reader may see two releases in one reading.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import time

import duckdb


def read_once(release):
    """Everything a dashboard asks of a release; its title, which must be the same at the beginning and at the end."""
    manifest = json.loads((release / "manifest.json").read_text())
    connection = duckdb.connect()

    def number(query):
        return connection.sql(query).fetchall()[0][0]

    title = f"SELECT DISTINCT title FROM read_parquet('{release}/sources.parquet')"
    first = connection.sql(title).fetchall()
    figures = number(f"SELECT count(*) FROM read_parquet('{release}/figures/**/*.parquet')")
    listed = sum(file["rows"] for file in manifest["files"] if file["path"].startswith("figures/"))
    wide = number(f"SELECT count(*) FROM read_parquet('{release}/dashboard/*.parquet', union_by_name = true)")
    names = number(
        f"SELECT count(*) FROM read_parquet('{release}/figures/**/*.parquet') f "
        f"JOIN read_parquet('{release}/regions.parquet') r ON r.code = f.region AND r.region_year = f.region_year"
    )
    assert figures == listed == names and figures > 0 and wide > 0, (figures, listed, names, wide)
    assert connection.sql(title).fetchall() == first and len(first) == 1
    return first[0][0]


class Reader(threading.Thread):
    def __init__(self, out, number, lease):
        super().__init__()
        self.out, self.number, self.lease = out, number, lease
        self.over, self.readings, self.seen, self.fault = False, 0, set(), None

    def current(self):
        return json.loads((self.out / "current.json").read_text())

    def run(self):
        try:
            while not self.over:
                current = self.current()
                if self.lease:
                    # Look it up, hold it, see that it is still there: from then on nobody pulls it.
                    lease = self.out / "readers" / f"reader-{self.number}"
                    text = json.dumps({"release": current["release"], "until": int(time.time()) + 60})
                    lease.with_name(f".{lease.name}").write_text(text)
                    os.replace(lease.with_name(f".{lease.name}"), lease)
                    if self.current() != current:
                        continue
                title = read_once(self.out / current["path"])
                self.seen.add((current["release"], title))
                self.readings += 1
        except Exception as fault:  # noqa: BLE001: whatever goes wrong for a reader is what is looked for
            self.fault = fault


def hunt(program, repository, runs, lease):
    with tempfile.TemporaryDirectory() as folder:
        place = pathlib.Path(folder)
        shutil.copytree(repository / "tests/data/good", place / "good")
        pipeline = place / "good/pipeline.toml"
        keep = "keep = 1\nminimum-age-hours = 0\n" if lease else "keep = 1\nminimum-age-hours = 1\n"
        text = pipeline.read_text() + f"\n[retention]\n{keep}"
        out = place / "out"
        (out / "readers").mkdir(parents=True)

        def publish(night):
            pipeline.write_text(text.replace('title = "Verzonnen monitor"', f'title = "Night {night}"'))
            done = subprocess.run([program, "run", pipeline, "--out", out, "--threads", "1"], capture_output=True, text=True)
            assert done.returncode == 0, done.stderr

        publish(0)
        readers = [Reader(out, number, lease) for number in range(2)]
        for reader in readers:
            reader.start()
        for night in range(1, runs + 1):
            publish(night)
        for reader in readers:
            reader.over = True
        for reader in readers:
            reader.join()
        for reader in readers:
            if reader.fault:
                raise SystemExit(f"a reader failed: {type(reader.fault).__name__}: {reader.fault}")
            # One title per release: nobody saw a mixture.
            assert len({release for release, _ in reader.seen}) == len(reader.seen), reader.seen
        left = len(list((out / "releases").iterdir()))
        print(
            f"{'leases' if lease else 'declared time'}: {runs} runs, {sum(reader.readings for reader in readers)} readings of "
            f"{len(set().union(*(reader.seen for reader in readers)))} releases, no fault; {left} releases are left"
        )
        assert left < runs if lease else left == runs + 1


if __name__ == "__main__":
    program, repository, runs = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    for lease in (False, True):
        hunt(program, repository, runs, lease)
