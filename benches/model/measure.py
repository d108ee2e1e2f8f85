"""From CSV to release with a model: python3 benches/model/measure.py <program> <make_sample> <folder> [ggd|country|buurten ...]

Makes the data of the pipelines beside this file in the folder where they are not there yet, runs each with one thread and with two, without a cache, and
prints seconds per stage from the events of the run, CPU seconds of user and system, and the largest resident size. Both runs must give the same release.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
COLUMNS = {"ggd": ["--columns", "75"], "country": [], "buurten": []}


def measured(command):
    """Exit code, seconds of the clock, CPU seconds, MB of a process."""
    begun = os.times().elapsed
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = os.times().elapsed - begun
    return os.waitstatus_to_exitcode(status), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main(program, make_sample, folder, *sizes):
    folder = pathlib.Path(folder)
    for size in sizes or COLUMNS:
        data = folder / size
        if not data.is_dir():
            subprocess.run([make_sample, "--out", data, "--size", size, *COLUMNS[size]], check=True)
        releases = set()
        for threads in (1, 2):
            out, events = folder / f"out-{size}-{threads}", folder / f"{size}-{threads}.jsonl"
            shutil.rmtree(out, ignore_errors=True)
            events.unlink(missing_ok=True)
            command = [program, "run", HERE / f"{size}.toml", "--data", data, "--out", out, "--no-cache"]
            command += ["--threads", str(threads), "--events", events]
            code, wall, cpu, memory = measured(command)
            if code != 0:
                sys.exit(f"{size} with {threads} threads ended with {code}")
            release = json.loads((out / "current.json").read_text())["path"]
            sums = (out / release / "SHA256SUMS").read_text().splitlines()
            # The manifest knows the time.
            releases.add("".join(line for line in sums if "manifest.json" not in line))
            stages = {}
            for line in events.read_text().splitlines():
                event = json.loads(line)
                if "stage" in event and "seconds" in event:
                    stages[event["stage"]] = event["seconds"]
            parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in stages.items())
            print(f"{size}, {threads} threads: {wall:.1f} s, {cpu:.1f} CPU seconds, {memory:.0f} MB ({parts})", flush=True)
        if len(releases) > 1:
            sys.exit(f"{size}: one thread and two give different releases")


main(*sys.argv[1:])
