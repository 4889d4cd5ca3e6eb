"""Trains a model of models.json on a training set, and writes what `martlet models register` takes.

    python train.py maintenance_risk rows.parquet out

Prints one line of JSON: the figures of the model and of its baseline on the rows of the test part.
"""
import json
import pickle
import sys
from pathlib import Path

import numpy as np
import onnxruntime

from export import to_onnx
from fit import LIBRARY, fit, predict
from judge import calibration, group_means, scores_of
from rows import Rows, categories_of, matrix_of, read_rows

TOLERANCE = {"absolute": 1e-5, "relative": 1e-5}


def main(name: str, rows_file: str, out_folder: str) -> None:
    spec = json.loads((Path(__file__).parent / "models.json").read_text())[name]
    kind, out = spec["kind"], Path(out_folder)
    out.mkdir(parents=True, exist_ok=True)
    rows = read_rows(Path(rows_file))
    target = rows.numbers(spec["label"])
    part = lambda wanted: np.flatnonzero((rows.split == wanted) & ~np.isnan(target))
    train, validation, test = part("train"), part("validation"), part("test")

    categories = categories_of(rows, target, train)
    x = matrix_of(rows, categories)
    model = fit(kind, x[train], target[train], x[validation], target[validation])
    predicted = predict(kind, model, x)
    learnt = np.concatenate([train, validation])
    baseline = group_means(target, learnt, [groups_of(rows, parts) for parts in spec["baseline"]["groups"]])

    onnx_model = to_onnx(kind, model, rows.features, categories, spec["output"])
    (out / "model.onnx").write_bytes(onnx_model.SerializeToString())
    golden = test[:: max(1, len(test) // 20)][:20]
    inputs = [[cell(rows, x, categories, name, row) for name in rows.features] for row in golden]
    write(out / "golden.json", {
        "inputs": inputs, "outputs": {spec["output"]: [float(predicted[row]) for row in golden]}, "tolerance": TOLERANCE,
    })  # fmt: skip
    ours = scores_of(kind, target[test], predicted[test])
    theirs = scores_of(kind, target[test], baseline[test])
    counts = {"rows_train": len(train), "rows_validation": len(validation), "rows_test": len(test)}
    write(out / "metrics.json", {**ours, **{f"baseline_{key}": value for key, value in theirs.items()}, **counts})
    write(out / "inputs.json", {name: {"nullAs": ""} for name in categories})
    write(out / "calibration.json", calibration(target[test], predicted[test]))
    # For compare_http.py: the library's own model, not the exported one.
    with open(out / "model.pickle", "wb") as file:
        pickle.dump({"spec": spec, "features": rows.features, "categories": categories, "model": model}, file)
    difference = np.abs(in_onnx(onnx_model, x, categories, rows, test) - predicted[test]).max()
    print(json.dumps(no_nan({
        "model": name, "library": LIBRARY, "rows": counts, "onnx_difference": float(difference),
        "scores": [{"metric": key, "model": ours[key], "baseline": theirs[key]} for key in ours],
    })))  # fmt: skip


def groups_of(rows: Rows, parts: list[dict]) -> list[tuple | None]:
    """The group of each row: texts as they are, numbers by their width; None where a number is missing."""
    columns = []
    for part in parts:
        if "width" in part:
            columns.append(np.floor(rows.numbers(part["column"]) / part["width"]))
        else:
            columns.append(rows.texts(part["column"]))
    missing = lambda value: isinstance(value, float) and np.isnan(value)
    return [None if any(map(missing, group)) else group for group in zip(*columns)]


def cell(rows: Rows, x: np.ndarray, categories: dict[str, list[str]], name: str, row: int):
    """A value as a golden row has it: NaN is no JSON."""
    value = float(x[row, rows.features.index(name)])
    if np.isnan(value):
        return None
    return categories[name][int(value)] if name in categories else value


def in_onnx(model, x: np.ndarray, categories: dict[str, list[str]], rows: Rows, some: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString())
    if not categories:
        return session.run(None, {"features": x[some]})[0][:, 0]
    column = lambda at, name: rows.texts(name)[some, None] if name in categories else x[some, at, None]
    return session.run(None, {name: column(at, name) for at, name in enumerate(rows.features)})[0][:, 0]


def write(file: Path, value: object) -> None:
    file.write_text(json.dumps(no_nan(value), allow_nan=False))


def no_nan(value):
    """A figure that is none, such as the AUC of rows that are all alike, is null."""
    if isinstance(value, dict):
        return {key: no_nan(each) for key, each in value.items()}
    if isinstance(value, list):
        return [no_nan(each) for each in value]
    return None if isinstance(value, float) and np.isnan(value) else value


if __name__ == "__main__":
    main(*sys.argv[1:])
