"""The night of a national-scale file: python3 .ci/night.py <program> <make_sample> <repository> <rows>

Makes files like the one of the bench and hands them over as five sources, in two ways: five monitors of the whole country, one per year, and one
monitor in five files of five GGD regions each. Measures on both: a full run, a night in which nothing changed, and nights in which one of the five
sources changed, by a row and wholly, whose releases must be those of full runs, byte for byte.
"""

import csv
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

PARTS = 5
YEARS = [2018, 2019, 2020, 2021, 2022]
# Five years have five times the figures of one: ten parameters are as many as fit into a check.
FEW = ["resilience_low", *(f"filler_{number:03}" for number in range(3, 12))]


def make(make_sample, folder, rows, parts):
    """The file of the bench, dealt out row by row to so many files with so many rows each: all of them know the same regions."""
    arguments = ["--size", "national", "--columns", "120", "--seed", "1", "--rows", str(rows * parts)]
    subprocess.run([make_sample, "--out", folder, *arguments], check=True, stdout=subprocess.DEVNULL)
    whole = folder / "gmvo-2022.csv"
    names = [folder / f"dealt-{part}.csv" for part in range(parts)]
    with open(whole, encoding="utf-8") as lines:
        header = lines.readline()
        files = [open(name, "w", encoding="utf-8") for name in names]
        for out in files:
            out.write(header)
        for number, line in enumerate(lines):
            files[number % parts].write(line)
    for out in files:
        out.close()
    whole.unlink()
    return names


def split(folder, file, to):
    """One file per five GGD regions; the regions of each. Rows of no known gemeente are left out: no part could say that they are its own."""
    with open(folder / "regions-2022.csv", newline="", encoding="utf-8") as regions:
        regions = list(csv.DictReader(regions, delimiter=";"))
    ggds = sorted(row["code"] for row in regions if row["level"] == "ggd")
    part_of_ggd = {code: at * PARTS // len(ggds) for at, code in enumerate(ggds)}
    part_of = {row["code"][2:].lstrip("0"): part_of_ggd[row["parent"]] for row in regions if row["level"] == "gemeente"}
    with open(file, encoding="utf-8") as whole:
        header = whole.readline()
        column = header.rstrip("\n").split(";").index("Gemeentecode")
        files = [open(to / f"part-{part}.csv", "w", encoding="utf-8") for part in range(PARTS)]
        for out in files:
            out.write(header)
        for line in whole:
            part = part_of.get(line.split(";", column + 1)[column].lstrip("0"))
            if part is not None:
                files[part].write(line)
    for out in files:
        out.close()
    return [[code for code in ggds if part_of_ggd[code] == part] for part in range(PARTS)]


def pipeline(repository, folder, change, head_change=lambda head: head):
    """The pipeline of the bench with one source per part; `change` makes the source of a part."""
    text = (repository / "benches/national/pipeline.toml").read_text()
    head, source = text.replace("../../pipelines/", "pipelines/").split("[[source]]", 1)
    sources = []
    for part in range(PARTS):
        own = source.replace('id = "national-2022"', f'id = "part-{part}"').replace('"gmvo-2022.csv"', f'"part-{part}.csv"')
        sources.append("[[source]]" + change(part, own))
    shutil.copytree(repository / "pipelines", folder / "pipelines")
    shutil.copy(repository / "benches/national/filler.toml", folder / "filler.toml")
    path = folder / "night.toml"
    path.write_text(head_change(head) + "".join(sources))
    return path


def by_year(make_sample, repository, folder, rows):
    """Five monitors of the whole country, each with its respondents."""
    *files, spare = make(make_sample, folder, rows // PARTS, PARTS + 1)
    for part, file in enumerate(files):
        file.rename(folder / f"part-{part}.csv")

    def change(part, source):
        source = re.sub(r"(?m)^period = 2022$", f"period = {YEARS[part]}", source)
        return re.sub(r'(?m)^fieldwork = "2022"$', f'fieldwork = "{YEARS[part]}"', source)

    def few(head):
        before, rest = head.split("[estimate]", 1)
        names = ", ".join(f'"{name}"' for name in FEW)
        rest = re.sub(r"parameters = \[[^\]]*\]", f"parameters = [{names}]", rest, count=1)
        # Overrides name parameters that are left out.
        rest = re.sub(r'\[\[design\.override\]\]\n(?:[a-z-]+ = .*\n)+', "", rest)
        return before + "[estimate]" + rest

    def another(part):
        spare.rename(folder / f"part-{part}.csv")

    return pipeline(repository, folder, change, few), another


def by_region(make_sample, repository, folder, rows):
    """One monitor, each part with the respondents of five GGD regions."""
    file, spare = make(make_sample, folder, rows, 2)
    covers = split(folder, file, folder)

    def change(part, source):
        codes = ", ".join(f'"{code}"' for code in covers[part])
        return source.replace('covers = ["NL00"]', f"covers = [{codes}]")

    def together(head):
        return head.replace('file = "regions-2022.csv"', 'file = "regions-2022.csv"\ncovered-together = ["NL00"]')

    def another(part):
        again = folder / "again"
        again.mkdir()
        split(folder, spare, again)
        (again / f"part-{part}.csv").rename(folder / f"part-{part}.csv")

    return pipeline(repository, folder, change, together), another


def run(program, path, out, *more):
    begun = time.monotonic()
    done = subprocess.run([program, "run", path, "--out", out, *more], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return time.monotonic() - begun, done.stderr, pathlib.Path(done.stdout.strip())


def hashes(release):
    files = sorted(path for path in release.rglob("*.*") if path.is_file() and path.name not in ("manifest.json", "SHA256SUMS"))
    return {str(path.relative_to(release)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def night(program, make_sample, repository, rows, prepare, name, part_of_full):
    with tempfile.TemporaryDirectory() as place:
        folder = pathlib.Path(place)
        path, another = prepare(make_sample, repository, folder, rows)
        # Files count as left alone after two seconds.
        time.sleep(3)
        first, said, _ = run(program, path, folder / "out")
        print(f"== {name}: {rows} rows in {PARTS} sources; first run {first:.2f} s, which keeps what the next night needs\n{said}", flush=True)
        unchanged, said, _ = run(program, path, folder / "out")
        assert "unchanged" in said, said
        changed = folder / "part-2.csv"
        parts = {}
        for what in ("by a row", "wholly"):
            if what == "by a row":
                text = changed.read_text(encoding="utf-8")
                changed.write_text(text[: text.rstrip("\n").rfind("\n") + 1], encoding="utf-8")
            else:
                another(2)
            one, said, release = run(program, path, folder / "out")
            assert "4 sources from their moments" in said, said
            full, _, other = run(program, path, folder / f"full {what}", "--no-cache")
            assert hashes(release) == hashes(other), "the release with one source changed is not that of a full run"
            parts[what] = one / full
            print(f"one source changed {what}: {one:.2f} s, {one / full:.2f} of a full run ({full:.2f} s), the same bytes\n{said}", flush=True)
        size = sum(file.stat().st_size for file in (folder / "out.cache").iterdir()) / 1e6
        print(f"nothing changed: {unchanged:.2f} s; the cache has {size:.0f} MB", flush=True)
        assert unchanged < 1.0, f"a night in which nothing changed took {unchanged:.2f} s"
        for what, part in parts.items():
            assert part < part_of_full, f"{name}, one source changed {what}: {part:.2f} of a full run, not below {part_of_full}"


def main():
    program, make_sample, repository, rows = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]), int(sys.argv[4])
    night(program, make_sample, repository, rows, by_year, "five years", 1 / 3)
    # The whole country is one system of sums: what changes in one region may change what must be withheld in any other.
    night(program, make_sample, repository, rows, by_region, "five regions", 1.0)


if __name__ == "__main__":
    main()
