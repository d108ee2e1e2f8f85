"""The night of a national-scale file: python3 .ci/night.py <program> <make_sample> <repository> <rows>

Makes the file of the bench, cuts it into five sources of five GGD regions each, and measures on it: a full run, a night in which nothing changed, and
a night in which one of the five sources changed, whose release must be that of a full run, byte for byte.
"""

import csv
import hashlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

PARTS = 5


def split(folder):
    """One file per five GGD regions; the regions of each. Rows of no known gemeente are left out: no part could say that they are its own."""
    with open(folder / "regions-2022.csv", newline="", encoding="utf-8") as file:
        regions = list(csv.DictReader(file, delimiter=";"))
    ggds = sorted(row["code"] for row in regions if row["level"] == "ggd")
    part_of_ggd = {code: at * PARTS // len(ggds) for at, code in enumerate(ggds)}
    part_of = {row["code"][2:].lstrip("0"): part_of_ggd[row["parent"]] for row in regions if row["level"] == "gemeente"}
    with open(folder / "gmvo-2022.csv", encoding="utf-8") as file:
        header = file.readline()
        column = header.rstrip("\n").split(";").index("Gemeentecode")
        files = [open(folder / f"part-{part}.csv", "w", encoding="utf-8") for part in range(PARTS)]
        for out in files:
            out.write(header)
        for line in file:
            part = part_of.get(line.split(";", column + 1)[column].lstrip("0"))
            if part is not None:
                files[part].write(line)
    for out in files:
        out.close()
    return [[code for code in ggds if part_of_ggd[code] == part] for part in range(PARTS)]


def pipeline(repository, folder, covers):
    text = (repository / "benches/national/pipeline.toml").read_text()
    text = text.replace("../../pipelines/", "pipelines/").replace('file = "regions-2022.csv"', 'file = "regions-2022.csv"\ncovered-together = ["NL00"]')
    head, source = text.split("[[source]]", 1)
    sources = []
    for part, own in enumerate(covers):
        codes = ", ".join(f'"{code}"' for code in own)
        text = source.replace('id = "national-2022"', f'id = "part-{part}"').replace('"gmvo-2022.csv"', f'"part-{part}.csv"')
        sources.append("[[source]]" + text.replace('covers = ["NL00"]', f"covers = [{codes}]"))
    shutil.copytree(repository / "pipelines", folder / "pipelines")
    shutil.copy(repository / "benches/national/filler.toml", folder / "filler.toml")
    path = folder / "night.toml"
    path.write_text(head + "".join(sources))
    return path


def run(program, path, out, *more):
    begun = time.monotonic()
    done = subprocess.run([program, "run", path, "--out", out, *more], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - begun, done.stderr, pathlib.Path(done.stdout.strip())


def hashes(release):
    files = sorted(path for path in release.rglob("*.*") if path.is_file() and path.name not in ("manifest.json", "SHA256SUMS"))
    return {str(path.relative_to(release)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def main():
    program, make_sample, repository, rows = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), sys.argv[4]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        subprocess.run([make_sample, "--out", folder, "--size", "national", "--columns", "120", "--seed", "1", "--rows", rows], check=True)
        path = pipeline(repository, folder, split(folder))
        # Files count as left alone after two seconds.
        time.sleep(3)
        first, _, _ = run(program, path, folder / "out")
        unchanged, said, _ = run(program, path, folder / "out")
        assert "unchanged" in said, said
        changed = folder / "part-2.csv"
        text = changed.read_text(encoding="utf-8")
        changed.write_text(text[: text.rstrip("\n").rfind("\n") + 1], encoding="utf-8")
        one, said, release = run(program, path, folder / "out")
        assert "4 sources from their moments" in said, said
        full, _, other = run(program, path, folder / "full", "--no-cache")
        assert hashes(release) == hashes(other), "the release with one source changed is not that of a full run"
        print(f"{rows} rows in {PARTS} sources: first run {first:.2f} s with the moments kept, full run {full:.2f} s without")
        print(f"nothing changed: {unchanged:.2f} s; one of {PARTS} sources changed: {one:.2f} s, {one / full:.2f} of a full run, the same bytes")
        print(said)
        assert unchanged < 1.0, f"a night in which nothing changed took {unchanged:.2f} s"
        assert one < full, "a source that did not change was read again"


if __name__ == "__main__":
    main()
