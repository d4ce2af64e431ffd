"""Runs rules of CDISC's open rules with CDISC's engine (CORE) on the datasets of a results folder, and lists what they find.

    pip install cdisc-rules-engine
    python3 tests/bench/core_rules.py RULES RESULTS

RULES holds rules as YAML, as CDISC publishes them; the package has none. RESULTS is what `run` wrote: adsl.xpt, adlb.xpt and define.xml.
"""

import logging
import pathlib
import sys
import warnings

import yaml

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

from cdisc_rules_engine.config import config  # noqa: E402
from cdisc_rules_engine.models.rule import Rule  # noqa: E402
from cdisc_rules_engine.rules_engine import RulesEngine  # noqa: E402


def main(rules, results):
    paths = [str(pathlib.Path(results) / name) for name in ("adsl.xpt", "adlb.xpt")]
    counts = {}
    for path in sorted(pathlib.Path(rules).rglob("*.yml")):
        written = yaml.safe_load(path.read_text())
        rule = Rule.from_cdisc_metadata(written)
        engine = RulesEngine(
            config_obj=config,
            standard="adamig",
            standard_version="1-3",
            dataset_paths=paths,
            define_xml_path=str(pathlib.Path(results) / "define.xml"),
        )
        # The engine (0.17.1) tells the structure of a dataset by its columns, which its own reader does not hand over.
        for dataset in engine.data_service.get_datasets():
            dataset.data = engine.data_service.get_dataset(dataset_name=dataset.name)
        found = engine.validate_single_rule(rule)
        for dataset, outcomes in found.items():
            for outcome in outcomes:
                status, errors = outcome.get("executionStatus"), outcome.get("errors", [])
                counts[status] = counts.get(status, 0) + 1
                print(f"{written['Core']['Id']:24} {written['Core']['Status']:9} {dataset:5} {status:16} {len(errors):4} {outcome.get('message') or ''}")
                for error in errors[:3]:
                    print(f"    {error}")
    print(counts)


if __name__ == "__main__":
    main(*sys.argv[1:])
