#!/usr/bin/env python3
"""`platewise quantify` beside the scripts that a laboratory would write instead, on the same simulated plates, in one run.

    python3 tests/bench/beside/beside.py target/release/platewise 100 1000

Every program works on the same workbooks (a grid of responses for each of two wavelengths) and layouts. Ours writes all its tables, the page, the workbook and
the figures of plates, and once more the tables alone; the scripts read, fit and write one table: `plates.py` (openpyxl, SciPy) and `plates.R` (readxl,
minpack.lm; left out where R is not installed). Each runs three times in turn, on one thread; the least processor time counts. The concentrations are compared
too, so that the same work is known to be done.
"""

import csv
import os
import pathlib
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
RUNS = 3


def protocol(plates, large_study):
    text = subprocess.run([sys.executable, large_study, str(plates)], check=True, capture_output=True, text=True).stdout
    text = re.sub(r'export = "exports/(P\d+)\.\w+"', r'export = "exports/\1.xlsx"', text)
    head, *entries = text.split("[[plate]]")
    same = lambda entry: re.sub(r'layout_form = ".*"', 'layout_form = "long"', re.sub(r'format = ".*"', 'format = "grid-workbook"', entry))
    return "[[plate]]".join([head, *map(same, entries)])


def processor_seconds(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Ours ends with 1 where a plate is rejected.
    if code not in ((0, 1) if "quantify" in command else (0,)):
        sys.exit(f"{command[1]} ended with {code}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def concentrations(file):
    with open(file, newline="", encoding="utf-8") as rows:
        values = {}
        for row in csv.DictReader(rows):
            if row.get("status", "quantified") == "quantified" and row["concentration"]:
                values[row["plate"], row["sample"]] = float(row["concentration"])
        return values


def main():
    program, counts = pathlib.Path(sys.argv[1]).resolve(), [int(count) for count in sys.argv[2:]]
    large_study = HERE.parent / "large_study.py"
    print("processor time a plate in ms; how many times ours")
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / "protocol.toml").write_text(protocol(count, large_study), encoding="utf-8")
            study = folder / "study"
            subprocess.run([program, "simulate", folder / "protocol.toml", "--seed", "1", "--out", study], check=True, stdout=subprocess.DEVNULL)
            plates = len(list((study / "exports").iterdir()))
            out = {name: folder / f"{name}.csv" for name in ("python", "r")}
            commands = {
                "platewise": [program, "quantify", study, "--out", folder / "results", "--threads", "1"],
                "tables only": [program, "quantify", study, "--tables-only", "--out", folder / "tables", "--threads", "1"],
                "python": [sys.executable, HERE / "plates.py", study, out["python"]],
                "r": ["Rscript", HERE / "plates.R", study, out["r"]],
            }
            if shutil.which("Rscript") is None:
                print("R is not installed, and left out")
                del commands["r"]
            least = dict.fromkeys(commands, float("inf"))
            for _ in range(RUNS):
                for name, command in commands.items():
                    least[name] = min(least[name], processor_seconds(command))
            ours = concentrations(folder / "results" / "concentrations.csv")
            for name, seconds in least.items():
                line = f"{plates:6} plates  {name:11} {1000 * seconds / plates:8.2f}  {seconds / least['platewise']:6.2f}"
                if name in out:
                    theirs = concentrations(out[name])
                    both = sorted(ours.keys() & theirs.keys())
                    apart = [abs(theirs[key] / ours[key] - 1) for key in both]
                    close = sum(value < 1e-3 for value in apart)
                    line += f"   {len(both)} concentrations, {close} of them within 0.1 %, the median apart by {statistics.median(apart):.0e}"
                print(line, flush=True)


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    main()
