"""Trains LightGBM on the rows of a training set and writes what `martlet models register` takes.

    python train_lightgbm.py training.csv next_day_kwh out customer_usage__kwh_1d customer_usage__kwh_7d
"""
import csv
import json
import sys
from pathlib import Path

import lightgbm
import numpy as np
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

rows_file, label, out, *features = sys.argv[1:]
out = Path(out)
out.mkdir(parents=True, exist_ok=True)

with open(rows_file, newline="") as file:
    rows = [row for row in csv.DictReader(file) if row[label] != ""]  # an empty cell is null: its window is still open
number = lambda text: float(text) if text != "" else float("nan")
x = np.array([[number(row[name]) for name in features] for row in rows], dtype=np.float32)
y = np.array([float(row[label]) for row in rows])

# Rows are in the order of the spine, here of time: the last fifth judges what was learnt from the rest.
cut = len(rows) * 4 // 5
model = lightgbm.LGBMRegressor(n_estimators=60, num_leaves=15, min_child_samples=10, random_state=7, n_jobs=1, verbose=-1)
model.fit(x[:cut], y[:cut])
error = np.abs(model.predict(x[cut:]) - y[cut:])

onnx_model = convert_lightgbm(model, initial_types=[("features", FloatTensorType([None, len(features)]))])
# The names of the features in the order of the matrix: the registry binds columns by them and refuses a file that lacks one.
entry = onnx_model.metadata_props.add()
entry.key, entry.value = "martlet.features", json.dumps(features)
(out / "model.onnx").write_bytes(onnx_model.SerializeToString())

# Golden rows are answered again at registration and wherever the model is loaded. NaN is no JSON: write null.
sample = x[cut:][:: max(1, (len(rows) - cut) // 20)]
inputs = [[None if np.isnan(value) else float(value) for value in row] for row in sample]
outputs = {onnx_model.graph.output[0].name: [float(value) for value in model.predict(sample)]}
tolerance = {"absolute": 1e-4, "relative": 1e-4}
(out / "golden.json").write_text(json.dumps({"inputs": inputs, "outputs": outputs, "tolerance": tolerance}))
(out / "metrics.json").write_text(json.dumps({"mae": float(error.mean())}))
print(f"trained on {cut} rows, MAE {error.mean():.4f} on {len(rows) - cut} later ones")
