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


def nannyml_alerts(reference: pd.DataFrame, current: pd.DataFrame) -> bool:
    """Ten chunks of the reference give the thresholds; of 2 000 rows any chunk of 200 alerts."""
    import nannyml

    numeric = pd.api.types.is_numeric_dtype(reference["value"])
    calculators = [
        nannyml.UnivariateDriftCalculator(column_names=["value"], chunk_size=200),
        nannyml.MissingValuesCalculator(column_names=["value"], chunk_size=200),
    ]
    if not numeric:
        calculators.append(nannyml.UnseenValuesCalculator(column_names=["value"], chunk_size=200))
    for calculator in calculators:
        calculator.fit(reference)
        result = calculator.calculate(current).filter(period="analysis").to_df()
        alerts = [column for column in result.columns if column[-1] == "alert"]
        if bool(result[alerts].fillna(False).to_numpy().astype(bool).any()):
            return True
    return False


def evidently_alerts(reference: pd.DataFrame, current: pd.DataFrame) -> bool:
    from evidently import DataDefinition, Dataset, Report
    from evidently.metrics import MissingValueCount, ValueDrift

    kind = "numerical_columns" if pd.api.types.is_numeric_dtype(reference["value"]) else "categorical_columns"
    definition = DataDefinition(**{kind: ["value"]})
    before, now = (Dataset.from_pandas(side, data_definition=definition) for side in (reference, current))
    report = Report([ValueDrift(column="value"), MissingValueCount(column="value")], include_tests=True)
    tests = report.run(now, before).dict()["tests"]
    return any(test["status"] == "FAIL" for test in tests)


def main() -> None:
    tool, folder = sys.argv[1], Path(sys.argv[2])
    reports = int(sys.argv[3]) if len(sys.argv) > 3 else 200
    finds: Callable[[pd.DataFrame, pd.DataFrame], bool] = {
        "nannyml": nannyml_alerts,
        "evidently": evidently_alerts,
    }[tool]
    print(f"{tool} {importlib.metadata.version(tool)}, {reports} reports", flush=True)
    for change in CHANGES:
        shares = []
        for size in (200, 2000):
            rows = pd.read_csv(folder / f"{change} {size}.csv")
            found = 0
            for _, report in rows[rows["report"] < reports].groupby("report"):
                sides = [report.loc[report["side"] == side, ["value"]].reset_index(drop=True) for side in (0, 1)]
                found += finds(*sides)
            shares.append(f"{100 * found / reports:.1f}")
        print(f"| {change} | {' | '.join(shares)} |", flush=True)


main()
