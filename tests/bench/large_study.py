#!/usr/bin/env python3
"""The protocol of a large simulated study, for `platewise simulate`: so many plates of four formats in turn.

    python3 tests/bench/large_study.py 1000 > large.toml
    platewise simulate large.toml --seed 1 --out large
    platewise quantify large --out results

There are 17 participants for a plate, each with two samples. Dropouts leave some plates at the end without samples: the study then
has fewer plates than were asked for. Everything else is as in fixtures/simulation/protocol.toml.
"""

import datetime
import pathlib
import re
import sys

FORMATS = [
    ("softmax-text", "txt", "grids"),
    ("gen5-text", "txt", "grids"),
    ("gen5-workbook", "xlsx", "grids"),
    ("grid-workbook", "xlsx", "long"),
]
PARTICIPANTS = 17  # of a plate: 34 samples in duplicate beside standards and controls
PLATES_OF_A_LOT = 200


def plate(number: int) -> str:
    form, ending, layout = FORMATS[(number - 1) % len(FORMATS)]
    read_at = datetime.datetime(2020, 1, 6, 8, 0) + datetime.timedelta(minutes=90 * (number - 1))
    return f"""[[plate]]
id = "P{number:05d}"
export = "exports/P{number:05d}.{ending}"
format = "{form}"
layout = "layouts/P{number:05d}.csv"
layout_form = "{layout}"
kit_lot = "SIM-LOT-{1 + (number - 1) // PLATES_OF_A_LOT}"
read_at = "{read_at:%Y-%m-%d %H:%M}"
"""


def main() -> None:
    plates = int(sys.argv[1])
    usual = pathlib.Path(__file__).parents[2] / "fixtures" / "simulation" / "protocol.toml"
    head = usual.read_text(encoding="utf-8").split("[[plate]]")[0]
    participants = plates * PARTICIPANTS
    head = head.replace("participants = 59", f"participants = {participants // 2}")
    head = head.replace("participants = 55", f"participants = {participants - participants // 2}")
    head = re.sub(r"named = .*\n", "", head)
    print(head, *(plate(number) for number in range(1, plates + 1)), sep="\n")


if __name__ == "__main__":
    main()
