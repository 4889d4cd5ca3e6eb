"""Logs ONNX models as MLflow does: python write_models.py <MLflow server> <folder>.

Into the folder: `network` and `second`, model folders with weights in files of their own; `wrong`, one whose signature is not
that of its file; `run.json`; and `expected.json`, what onnxruntime answers for every plot. On the server: a run with the files
of `network`, and the models `network` (alias champion) and `additive`.
"""

import json
import sys
from pathlib import Path

import mlflow
import numpy as np
import onnx
import onnxruntime
import pandas as pd
from mlflow.models import infer_signature
from onnx import TensorProto, helper, numpy_helper

uri, out = sys.argv[1], Path(sys.argv[2])
FEATURES = ["rain", "heat", "soil", "ph", "slope", "light"]
FACTORS = [37, 41, 43, 47, 53, 59]
rows = np.array([[i * factor % 101 / 10 for factor in FACTORS] for i in range(40)], dtype=np.float32)


def network(seed: int) -> onnx.ModelProto:
    """Two dense layers: one matrix in, one number out."""
    random = np.random.default_rng(seed)
    sizes = [len(FEATURES), 64, 64, 1]
    weights, nodes, before = [], [], "features"
    for layer, (m, n) in enumerate(zip(sizes, sizes[1:])):
        last = layer == len(sizes) - 2
        weights.append(numpy_helper.from_array(random.normal(0, 0.2, (m, n)).astype(np.float32), f"w{layer}"))
        weights.append(numpy_helper.from_array(random.normal(0, 0.2, n).astype(np.float32), f"b{layer}"))
        nodes.append(helper.make_node("Gemm", [before, f"w{layer}", f"b{layer}"], ["growth" if last else f"g{layer}"]))
        if not last:
            nodes.append(helper.make_node("Relu", [f"g{layer}"], [f"h{layer}"]))
        before = f"h{layer}"
    return model(nodes, [("features", [None, len(FEATURES)])], weights)


def additive() -> onnx.ModelProto:
    """One input for each feature, added up with weights."""
    weights = [numpy_helper.from_array(np.array([[index + 1]], np.float32), f"w{index}") for index in range(6)]
    nodes = [helper.make_node("MatMul", [name, f"w{index}"], [f"p{index}"]) for index, name in enumerate(FEATURES)]
    nodes.append(helper.make_node("Sum", [f"p{index}" for index in range(6)], ["growth"]))
    return model(nodes, [(name, [None, 1]) for name in FEATURES], weights)


def model(nodes, inputs, weights) -> onnx.ModelProto:
    graph = helper.make_graph(
        nodes,
        "graph",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs],
        [helper.make_tensor_value_info("growth", TensorProto.FLOAT, [None, 1])],
        weights,
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    onnx.checker.check_model(made)
    return made


def answers(made: onnx.ModelProto, feeds) -> np.ndarray:
    return onnxruntime.InferenceSession(made.SerializeToString()).run(None, feeds)[0]


def golden(path: Path, answered: np.ndarray) -> None:
    inputs = [[float(value) for value in row] for row in rows[:8]]
    tolerance = {"absolute": 1e-6, "relative": 1e-6}
    outputs = {"growth": [[float(value) for value in row] for row in answered[:8]]}
    path.write_text(json.dumps({"inputs": inputs, "outputs": outputs, "tolerance": tolerance}))


table = pd.DataFrame(rows, columns=FEATURES)
wide, second, added = network(7), network(8), additive()
of_wide, of_second = answers(wide, {"features": rows}), answers(second, {"features": rows})
columns = {name: rows[:, index : index + 1] for index, name in enumerate(FEATURES)}
of_added = answers(added, columns)
of_columns = infer_signature(table, pd.DataFrame({"growth": of_wide[:, 0]}))
of_tensors = infer_signature(columns, {"growth": of_added})

mlflow.set_tracking_uri(uri)
out.mkdir(parents=True, exist_ok=True)
mlflow.onnx.save_model(wide, str(out / "network"), signature=of_columns, save_as_external_data=True)
mlflow.onnx.save_model(network(8), str(out / "second"), signature=of_columns, save_as_external_data=True)
for folder, answered in [("network", of_wide), ("second", of_second)]:
    assert (out / folder / "model.onnx").stat().st_size < 4096, "the weights are not beside the model"
    golden(out / folder / "golden.json", answered)
golden(out / "additive.json", of_added)

# The same graph with another signature, which must not be imported.
wrong = infer_signature(table[FEATURES[::-1]], pd.DataFrame({"growth": of_wide[:, 0]}))
mlflow.onnx.save_model(network(7), str(out / "wrong"), signature=wrong, save_as_external_data=False)
golden(out / "wrong" / "golden.json", of_wide)

with mlflow.start_run() as run:
    mlflow.log_metrics({"rmse": 0.25, "r2": 0.5})
    mlflow.log_metric("rmse", 0.125)
    mlflow.log_params({"layers": 3, "seed": "7"})
    mlflow.log_artifacts(str(out / "network"), "exported")
    logged = mlflow.onnx.log_model(network(7), name="network", signature=of_columns, registered_model_name="network")
    mlflow.onnx.log_model(added, name="additive", signature=of_tensors, registered_model_name="additive")
client = mlflow.MlflowClient()
client.set_registered_model_alias("network", "champion", "1")
client.set_model_version_tag("network", "1", "reviewed", "yes")
client.update_model_version("network", "1", "Growth of a plot.")

expected = {"network": of_wide, "second": of_second, "additive": of_added}
(out / "expected.json").write_text(json.dumps({name: values[:, 0].tolist() for name, values in expected.items()}))
(out / "run.json").write_text(json.dumps({"run": run.info.run_id, "logged": logged.model_id}))
