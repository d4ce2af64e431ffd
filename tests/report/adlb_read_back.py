"""Reads adlb.xpt with pandas and with pyreadstat, and compares every value with adlb.csv beside it.

    python3 tests/report/adlb_read_back.py RESULTS

needs pandas and pyreadstat (pip install pandas pyreadstat). Ends with code 1 and says where, when a value differs. Values of a
transport file have 56 bits of fraction, so that every double of adlb.csv comes back as it is. One number is not: pandas reads
the zero of the format, eight zero bytes, as 5.4e-79, the smallest number that has an exponent of zero.
"""

import csv
import math
import pathlib
import sys

import pandas
import pyreadstat

PANDAS_ZERO = 16.0**-65


def same(found, written):
    """Whether a field that was read is the text in adlb.csv. Missing: NaN, None or empty."""
    if written == "":
        return found is None or found == "" or (isinstance(found, float) and math.isnan(found))
    if isinstance(found, bytes):
        found = found.decode("ascii")
    if isinstance(found, str):
        return found == written
    return found == float(written) or (float(written) == 0.0 and found == PANDAS_ZERO)


def main(results):
    folder = pathlib.Path(results)
    with open(folder / "adlb.csv", newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    tables = {
        "pandas": pandas.read_sas(folder / "adlb.xpt", format="xport", encoding="ascii"),
        "pyreadstat": pyreadstat.read_xport(str(folder / "adlb.xpt"))[0],
    }
    wrong = []
    for reader, table in tables.items():
        if len(table) != len(rows):
            wrong.append(f"{reader}: {len(table)} rows, adlb.csv has {len(rows)}")
        for number, (row, written) in enumerate(zip(table.to_dict("records"), rows), start=1):
            for name, found in row.items():
                if name not in written:
                    wrong.append(f"{reader}: adlb.csv has no column {name}")
                elif not same(found, written[name]):
                    wrong.append(f"{reader}: row {number}, {name}: {found!r}, adlb.csv has {written[name]!r}")
    for line in wrong[:20]:
        print(line)
    print(f"{len(rows)} rows, {len(tables['pandas'].columns)} variables, {len(wrong)} differences")
    return 1 if wrong or not rows else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
