"""A fitted model as an ONNX file with the names of its features and one output of a column."""
import json

import numpy as np
import onnx
from onnx import TensorProto, helper


def to_onnx(kind: str, model, features: list[str], categories: dict[str, list[str]], output: str) -> onnx.ModelProto:
    exported = convert(model, len(features))
    graph = exported.graph
    # Of a classifier, the second column of the probabilities; labels and the map of ZipMap are left out.
    if kind == "binary":
        last = [node for node in graph.node if node.op_type == "ZipMap"]
        answer = last[0].input[0] if last else graph.output[-1].name
        for node in last:
            graph.node.remove(node)
        graph.initializer.append(helper.make_tensor("second_column", TensorProto.INT64, [1], [1]))
        graph.node.append(helper.make_node("Gather", [answer, "second_column"], [output], axis=1))
    else:
        graph.node.append(helper.make_node("Identity", [graph.output[0].name], [output]))
    del graph.output[:]
    graph.output.append(helper.make_tensor_value_info(output, TensorProto.FLOAT, [None, 1]))
    if categories:
        add_columns(graph, features, categories)
    # Exporters write trees in version 1 of their operators, in which LabelEncoder is another one; trees are the same in both.
    versions = {each.domain: each.version for each in exported.opset_import} | {"ai.onnx.ml": 3}
    versions.setdefault("", 17)
    del exported.opset_import[:]
    exported.opset_import.extend(helper.make_opsetid(domain, version) for domain, version in versions.items())
    names = exported.metadata_props.add()
    names.key, names.value = "martlet.features", json.dumps(features)
    onnx.checker.check_model(exported)
    return exported


def convert(model, width: int) -> onnx.ModelProto:
    if type(model).__module__.startswith("lightgbm"):
        from onnxmltools import convert_lightgbm
        from onnxmltools.convert.common.data_types import FloatTensorType

        return convert_lightgbm(model, initial_types=[("features", FloatTensorType([None, width]))])
    from skl2onnx import to_onnx as convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType

    # A node that is not there cannot have another output: ZipMap is left out from the start.
    options = {id(model): {"zipmap": False}} if hasattr(model, "predict_proba") else None
    return convert_sklearn(model, initial_types=[("features", FloatTensorType([None, width]))], options=options)


def add_columns(graph: onnx.GraphProto, features: list[str], categories: dict[str, list[str]]) -> None:
    """One input per feature in place of the matrix, because a matrix cannot hold text: a text becomes its place in the list."""
    del graph.input[:]
    nodes, columns = [], []
    for name in features:
        of_text = name in categories
        kind = TensorProto.STRING if of_text else TensorProto.FLOAT
        graph.input.append(helper.make_tensor_value_info(name, kind, [None, 1]))
        columns.append(f"{name} place" if of_text else name)
        if of_text:
            texts = categories[name]
            places = [float(place) for place in range(len(texts))]
            encode = helper.make_node(
                "LabelEncoder", [name], [columns[-1]], domain="ai.onnx.ml", keys_strings=texts, values_floats=places,
                default_float=float(np.nan),
            )  # fmt: skip
            nodes.append(encode)
    nodes.append(helper.make_node("Concat", columns, ["features"], axis=1))
    rest = list(graph.node)
    del graph.node[:]
    graph.node.extend([*nodes, *rest])
