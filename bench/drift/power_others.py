"""How often NannyML and Evidently, as they come, find the changes of power.ts in the same rows.

    node --conditions=@martlet/source bench/drift/power.ts 200 1 FOLDER
    python bench/drift/power_others.py nannyml|evidently FOLDER [REPORTS]

Each needs an environment of its own: requirements-nannyml.txt, requirements-evidently.txt.
"""

import importlib.metadata
import logging
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pandas as pd

warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)

CHANGES = [
    "nothing",
    "shift of 0.1 σ",
    "shift of 0.2 σ",
    "shift of 0.5 σ",
    "variance × 1.5",
    "5 % of a new category",
    "5 % nulls",
]


def nannyml_alerts(reference: pd.DataFrame, current: pd.DataFrame) -> set[str]:
    """Ten chunks of the reference give the thresholds; of 2 000 rows any chunk of 200 alerts."""
    import nannyml

    names = list(reference.columns)
    calculators = [
        nannyml.UnivariateDriftCalculator(column_names=names, chunk_size=200),
        nannyml.MissingValuesCalculator(column_names=names, chunk_size=200),
    ]
    if not pd.api.types.is_numeric_dtype(reference[names[0]]):
        calculators.append(nannyml.UnseenValuesCalculator(column_names=names, chunk_size=200))
    found = set()
    for calculator in calculators:
        calculator.fit(reference)
        result = calculator.calculate(current).filter(period="analysis").to_df()
        for column in result.columns:
            if column[-1] == "alert" and result[column].fillna(False).astype(bool).any():
                found.add(column[0])
    return found


def evidently_alerts(reference: pd.DataFrame, current: pd.DataFrame) -> set[str]:
    from evidently import DataDefinition, Dataset, Report
    from evidently.metrics import MissingValueCount, ValueDrift

    names = list(reference.columns)
    numeric = pd.api.types.is_numeric_dtype(reference[names[0]])
    definition = DataDefinition(**{"numerical_columns" if numeric else "categorical_columns": names})
    before, now = (Dataset.from_pandas(side, data_definition=definition) for side in (reference, current))
    metrics = [metric(column=name) for name in names for metric in (ValueDrift, MissingValueCount)]
    tests = Report(metrics, include_tests=True).run(now, before).dict()["tests"]
    return {test["metric_config"]["params"]["column"] for test in tests if test["status"] == "FAIL"}


def main() -> None:
    tool, folder = sys.argv[1], Path(sys.argv[2])
    reports = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    finds: Callable[[pd.DataFrame, pd.DataFrame], set[str]] = {
        "nannyml": nannyml_alerts,
        "evidently": evidently_alerts,
    }[tool]
    print(f"{tool} {importlib.metadata.version(tool)}, {reports} reports", flush=True)
    for change in CHANGES:
        shares = []
        for size in (200, 2000):
            rows = pd.read_csv(folder / f"{change} {size}.csv")
            rows = rows[rows["report"] < reports]
            # A column of its own for each report: columns are judged one by one, and many at once are quicker.
            sides = []
            for side in (0, 1):
                own = rows[rows["side"] == side]
                place = own.groupby("report").cumcount()
                wide = own.assign(place=place).pivot(index="place", columns="report", values="value")
                sides.append(wide.rename(columns="r{}".format).rename_axis(index=None, columns=None))
            shares.append(f"{100 * len(finds(*sides)) / reports:.1f}")
        print(f"| {change} | {' | '.join(shares)} |", flush=True)


main()
