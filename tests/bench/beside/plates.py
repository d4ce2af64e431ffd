"""What a laboratory would write in Python: every plate read with openpyxl, its curve fitted with SciPy, one table of concentrations.

    python3 plates.py STUDY OUT.csv

A 4PL with variances of the fitted means (squared), three rounds; duplicates as the mean of their concentrations. No limits, no intervals,
no checks, no page: the least that ends in the same numbers.
"""

import csv
import pathlib
import sys

import numpy as np
import openpyxl
from scipy.optimize import curve_fit


def curve(x, a, d, c, b):
    with np.errstate(divide="ignore", over="ignore"):
        return np.where(x == 0, a, d + (a - d) / (1 + (x / c) ** b))


def responses(file):
    sheet = openpyxl.load_workbook(file, read_only=True, data_only=True).active
    grids, wells = {}, None
    for row in sheet.iter_rows(values_only=True):
        if row[0] in (450, 570):
            wells = grids.setdefault(row[0], {})
        elif wells is not None and isinstance(row[0], str) and len(row[0]) == 1:
            wells.update({f"{row[0]}{i:02d}": value for i, value in enumerate(row[1:13], 1)})
    measured = lambda well: all(isinstance(grid[well], (int, float)) for grid in grids.values())
    return {well: value - grids[570][well] for well, value in grids[450].items() if measured(well)}


def fit(x, y):
    start = [y[x == 0].mean() if (x == 0).any() else y.min(), 1.1 * y.max(), np.median(x[x > 0]), 1.0]
    mean = np.maximum(y, 1e-3)
    for _ in range(3):
        start, _ = curve_fit(curve, x, y, p0=start, sigma=mean, bounds=([-1, 0, 1e-3, 0.1], [5, 50, 1e6, 10]))
        mean = np.maximum(curve(x, *start), 1e-3)
    return start


def main():
    study, out = pathlib.Path(sys.argv[1]), sys.argv[2]
    with open(out, "w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["plate", "sample", "concentration"])
        for layout in sorted((study / "layouts").glob("*.csv")):
            response = responses(study / "exports" / f"{layout.stem}.xlsx")
            with open(layout, newline="", encoding="utf-8") as wells:
                rows = list(csv.DictReader(wells))
            rows = [row for row in rows if row["well"] in response]  # not those that the reader gives as OVER
            standards = [row for row in rows if row["role"] == "standard"]
            x = np.array([float(row["concentration"]) for row in standards])
            a, d, c, b = fit(x, np.array([response[row["well"]] for row in standards]))
            samples = {}
            for row in (row for row in rows if row["role"] == "sample"):
                y = response[row["well"]]
                ratio = (a - d) / (y - d) - 1
                if ratio > 0:
                    samples.setdefault(row["sample"], []).append(float(row["dilution"]) * c * ratio ** (1 / b))
            table.writerows([layout.stem, sample, np.mean(values)] for sample, values in samples.items())


if __name__ == "__main__":
    main()
