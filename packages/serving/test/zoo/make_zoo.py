"""Trains the models people bring, exports them as their libraries do, and writes them with Python's own answers.

    python make_zoo.py <folder>      (needs scripts/second-opinion-zoo.txt)

PyTorch is not installed: its files are those that its exporter wrote for the tests of the onnx package, with PyTorch's own answers.

For each model: <name>.onnx, and in zoo.json its features, rows (null is NaN or a missing text), golden rows from the library, and what
the library and onnxruntime in Python answer to the rows. What run-zoo.ts serves must be the same.
"""

import json
import math
import pathlib
import sys
import warnings

import lightgbm
import numpy as np
import onnx
import onnxruntime
import xgboost
from onnx import TensorProto, helper, numpy_helper, version_converter
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as OtherFloats
from onnxruntime import quantization
from onnxruntime.transformers import float16
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, Int64TensorType, StringTensorType
from sklearn import (
    calibration, cluster, compose, cross_decomposition, decomposition, discriminant_analysis, ensemble, feature_selection,
    gaussian_process, impute, linear_model, multiclass, multioutput, naive_bayes, neighbors, neural_network, pipeline, preprocessing,
    svm, tree,
)

warnings.filterwarnings("ignore")
onnxruntime.set_default_logger_severity(4)
folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(11)
SERVED, GOLDEN = 24, 8
zoo = []


def plain(value):
    """A value for JSON: NaN becomes null."""
    if isinstance(value, dict):
        return [plain(value[key]) for key in sorted(value)]
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and math.isnan(value) else value


def rows_of(answer):
    """One entry a row; a column of width 1 is one value."""
    single = np.ndim(answer) == 2 and np.shape(answer)[1] == 1
    return plain(np.reshape(answer, -1) if single else answer)


def answers_of(output, values, count):
    """What a session answered, as it is served: a sequence is outputs of its own, and rows come first."""
    if isinstance(values, list) and all(isinstance(part, np.ndarray) for part in values):
        return {f"{output}_{index}": rows_of(part) for index, part in enumerate(values)}
    if isinstance(values, list):
        return {output: [row[0] if len(row) == 1 else row for row in plain(values)]}
    if values.ndim == 3 and values.shape[0] != count:
        values = np.moveaxis(values, 1, 0)
    return {output: rows_of(values)}


def add(name, model, columns, rows, library, nulls={}, matrix=None, classes={}, near=1e-5, weights=None):
    """
    `columns`: type by name; `rows`: array of them; `library`: answers by output, None for those of onnxruntime; `matrix`: element
    type of the one input; `classes` of the library, by output; `near`: how near the library the file is; `weights`: their own file.
    """
    if matrix is not None:
        entry = model.metadata_props.add()
        entry.key, entry.value = "martlet.features", json.dumps([f"{name}__{column}" for column in columns])
    data = model.SerializeToString()
    if weights is None:
        (folder / f"{name}.onnx").write_bytes(data)
    else:
        (folder / weights).unlink(missing_ok=True)
        onnx.save_model(
            model, str(folder / f"{name}.onnx"), save_as_external_data=True, location=weights, size_threshold=0, convert_attribute=True
        )
    try:
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        feeds = {}
        if matrix is not None:
            (given,) = session.get_inputs()
            feeds[given.name] = np.array(rows, dtype=matrix)
        else:
            types = {"text": str, "bigint": np.int64, "double": np.float32, "float64": np.float64}
            for index, (column, kind) in enumerate(columns.items()):
                values = [nulls.get(column, np.nan) if row[index] is None else row[index] for row in rows]
                feeds[column] = np.array(values, dtype=types[kind]).reshape(-1, 1)
        names = [output.name for output in session.get_outputs()]
        answers = {}
        for output, values in zip(names, session.run(None, feeds)):
            answers |= answers_of(output, values, len(rows))
    except Exception as error:
        # exporters write float64 where the operator takes or gives float32: ZipMap, and trees
        assert "double" in name and ("ZipMap" in str(error) or "does not match expected type" in str(error)), (name, str(error))
        answers = None
    if library is None:
        # golden rows run by themselves, as where a model is registered
        first = {given: values[:GOLDEN] for given, values in feeds.items()}
        golden = {}
        for output, values in zip(names, session.run(None, first)):
            golden |= answers_of(output, values, GOLDEN)
        library = answers
    else:
        library = {output: rows_of(values) for output, values in library.items()}
        golden = {output: values[:GOLDEN] for output, values in library.items()}
    labels = {}
    for node in model.graph.node:
        if node.op_type == "ZipMap":
            (attribute,) = node.attribute
            labels[node.output[0]] = list(attribute.ints) or [text.decode() for text in attribute.strings]
    inputs = plain(rows)
    zoo.append({
        "name": name,
        "fields": [
            {"name": column, "type": "double" if kind == "float64" else kind, "nullable": any(row[index] is None for row in inputs)}
            for index, (column, kind) in enumerate(columns.items())
        ],
        "mapping": None if matrix is not None else {
            f"{name}__{column}": {"input": column, "nullAs": nulls[column]} if column in nulls else column for column in columns
        },
        "rows": inputs,
        "golden": {
            "inputs": inputs[:GOLDEN],
            "outputs": golden,
            "tolerance": {"absolute": near / 10, "relative": near},
        },
        "labels": labels,
        "classes": {output: plain(values) for output, values in classes.items()},
        "near": near,
        "library": library,
        "onnxruntime": answers,
    })


def near(values):
    """Values that float32 holds: exported thresholds must not come to lie on the other side of them."""
    return np.asarray(values, dtype=np.float32).astype(np.float64)


X = near(rng.normal(size=(240, 4)))
binary = (X[:, 0] + 0.5 * X[:, 1] + rng.normal(scale=0.3, size=240) > 0).astype(int)
three = np.digitize(X[:, 0] - X[:, 2], [-0.7, 0.7])
named = np.array(["small", "medium", "large"])[three]
real = 3 * X[:, 0] - X[:, 1] ** 2 + rng.normal(scale=0.1, size=240)
positive = np.exp(0.3 * X[:, 0]) * 2
gaps = X.copy()
gaps[rng.random(gaps.shape) < 0.15] = np.nan
gaps[0] = [np.nan] * 4
COLUMNS = {f"x{index}": "double" for index in range(4)}


def export(model, element, **options):
    kind = DoubleTensorType if element is np.float64 else FloatTensorType
    given = {"options": {id(model): options}} if options else {}
    return convert_sklearn(model, initial_types=[("features", kind([None, 4]))], **given)


def classifier(name, model, y, x=X, element=np.float32, **options):
    model.fit(x, y)
    onnx_model = export(model, element, **options)
    label, *more = [output.name for output in onnx_model.graph.output]
    library = {label: model.predict(x[:SERVED])}
    classes = {}
    if len(more) == 1 and hasattr(model, "predict_proba"):
        library[more[0]] = model.predict_proba(x[:SERVED])
        classes = {more[0]: model.classes_}
    elif hasattr(model, "predict_proba"):
        library |= {output: model.predict_proba(x[:SERVED])[:, index] for index, output in enumerate(more)}
    elif more:
        # scores without probabilities; of two classes the exporter gives those of both
        scores = model.decision_function(x[:SERVED])
        library[more[0]] = scores if scores.ndim == 2 else np.c_[-scores, scores]
        classes = {more[0]: model.classes_}
    add(name, onnx_model, COLUMNS, x[:SERVED], library, matrix=element, classes=classes)


def regressor(name, model, y, x=X, element=np.float32):
    model.fit(x, y)
    onnx_model = export(model, element)
    add(name, onnx_model, COLUMNS, x[:SERVED], {onnx_model.graph.output[0].name: model.predict(x[:SERVED])}, matrix=element)


def trees(**more):
    return {"n_estimators": 8, "max_depth": 3, "random_state": 0, **more}


classifier("logistic_binary", linear_model.LogisticRegression(), binary)
classifier("logistic_multiclass", linear_model.LogisticRegression(), three)
classifier("logistic_text", linear_model.LogisticRegression(), named)
classifier("logistic_bool", linear_model.LogisticRegression(), binary == 1)
classifier("logistic_no_zipmap", linear_model.LogisticRegression(), named, zipmap=False)
classifier("logistic_columns", linear_model.LogisticRegression(), named, zipmap="columns")
classifier("sgd_log_loss", linear_model.SGDClassifier(loss="log_loss", random_state=0), three)
classifier("tree", tree.DecisionTreeClassifier(max_depth=4, random_state=0), three)
classifier("forest", ensemble.RandomForestClassifier(**trees()), binary)
classifier("forest_text", ensemble.RandomForestClassifier(**trees()), named)
classifier("extra_trees", ensemble.ExtraTreesClassifier(**trees()), three)
classifier("ada_boost", ensemble.AdaBoostClassifier(n_estimators=5, random_state=0), binary)
classifier("gradient_boosting", ensemble.GradientBoostingClassifier(**trees()), binary)
classifier("gradient_boosting_multiclass", ensemble.GradientBoostingClassifier(**trees()), named)
classifier("hist_gradient_boosting_nan", ensemble.HistGradientBoostingClassifier(max_iter=8, max_depth=3), three, gaps)
classifier("svc_probability", svm.SVC(probability=True, random_state=0), three)
classifier("k_neighbors", neighbors.KNeighborsClassifier(3), named)
classifier("gaussian_nb", naive_bayes.GaussianNB(), three)
classifier("mlp", neural_network.MLPClassifier((8,), max_iter=60, random_state=0), named)
classifier("lda", discriminant_analysis.LinearDiscriminantAnalysis(), three)
classifier("calibrated", calibration.CalibratedClassifierCV(linear_model.LogisticRegression(), cv=3), three)
voters = [("logistic", linear_model.LogisticRegression()), ("bayes", naive_bayes.GaussianNB())]
classifier("voting_soft", ensemble.VotingClassifier(voters, voting="soft", flatten_transform=False), named)
classifier("stacking", ensemble.StackingClassifier(voters, linear_model.LogisticRegression(), cv=3), binary)
classifier("bagging", ensemble.BaggingClassifier(tree.DecisionTreeClassifier(max_depth=3), 5, random_state=0), binary)
classifier("scaler_logistic", pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.LogisticRegression()), three)
classifier("imputer_forest_nan", pipeline.make_pipeline(impute.SimpleImputer(), ensemble.RandomForestClassifier(**trees())), binary, gaps)
for short, model in {
    "logistic": linear_model.LogisticRegression(),
    "forest": ensemble.RandomForestClassifier(**trees()),
    "gradient_boosting": ensemble.GradientBoostingClassifier(**trees()),
    "svc": svm.SVC(probability=True, random_state=0),
    "k_neighbors": neighbors.KNeighborsClassifier(3),
    "gaussian_nb": naive_bayes.GaussianNB(),
    "mlp": neural_network.MLPClassifier((8,), max_iter=60, random_state=0),
    "calibrated": calibration.CalibratedClassifierCV(linear_model.LogisticRegression(), cv=3),
}.items():
    classifier(f"double_{short}", model, named, element=np.float64)
classifier("double_no_zipmap", linear_model.LogisticRegression(), three, element=np.float64, zipmap=False)

regressor("linear", linear_model.LinearRegression(), real)
regressor("linear_two_targets", linear_model.LinearRegression(), np.c_[real, positive])
regressor("ridge", linear_model.Ridge(), real)
regressor("poisson", linear_model.PoissonRegressor(), positive)
regressor("forest_regressor", ensemble.RandomForestRegressor(**trees()), real)
regressor("gradient_boosting_regressor", ensemble.GradientBoostingRegressor(**trees()), real)
regressor("hist_gradient_boosting_regressor_nan", ensemble.HistGradientBoostingRegressor(max_iter=8, max_depth=3), real, gaps)
regressor("svr", svm.SVR(), real)
regressor("k_neighbors_regressor", neighbors.KNeighborsRegressor(3), real)
regressor("mlp_regressor", neural_network.MLPRegressor(hidden_layer_sizes=(8,), max_iter=60, random_state=0), real)
regressor("pca_ridge", pipeline.make_pipeline(preprocessing.StandardScaler(), decomposition.PCA(3), linear_model.Ridge()), real)
for short, model in {
    "lasso": linear_model.Lasso(0.01),
    "elastic_net": linear_model.ElasticNet(0.01),
    "bayesian_ridge": linear_model.BayesianRidge(),
    "huber": linear_model.HuberRegressor(),
    "sgd_regressor": linear_model.SGDRegressor(random_state=0),
    "linear_svr": svm.LinearSVR(random_state=0),
    "nu_svr": svm.NuSVR(),
    "tree_regressor": tree.DecisionTreeRegressor(max_depth=4, random_state=0),
    "extra_trees_regressor": ensemble.ExtraTreesRegressor(**trees()),
    "ada_boost_regressor": ensemble.AdaBoostRegressor(n_estimators=5, random_state=0),
    "bagging_regressor": ensemble.BaggingRegressor(tree.DecisionTreeRegressor(max_depth=3), 5, random_state=0),
    "voting_regressor": ensemble.VotingRegressor([("linear", linear_model.LinearRegression()), ("ridge", linear_model.Ridge())]),
    "stacking_regressor": ensemble.StackingRegressor([("ridge", linear_model.Ridge()), ("lasso", linear_model.Lasso(0.01))], cv=3),
    "pls": cross_decomposition.PLSRegression(2),
    "gaussian_process": gaussian_process.GaussianProcessRegressor(gaussian_process.kernels.RBF(), alpha=1.0),
    "min_max_polynomial": pipeline.make_pipeline(
        preprocessing.MinMaxScaler(), preprocessing.PolynomialFeatures(2), linear_model.Ridge()
    ),
    "robust_union": pipeline.make_pipeline(
        pipeline.make_union(preprocessing.RobustScaler(), decomposition.PCA(2)), linear_model.Ridge()
    ),
    "select_best": pipeline.make_pipeline(feature_selection.SelectKBest(feature_selection.f_regression, k=2), linear_model.Ridge()),
    "bins_ridge": pipeline.make_pipeline(preprocessing.KBinsDiscretizer(3, encode="onehot-dense"), linear_model.Ridge()),
    "power_ridge": pipeline.make_pipeline(preprocessing.PowerTransformer(), linear_model.Ridge()),
}.items():
    regressor(short, model, real)
regressor("tweedie", linear_model.TweedieRegressor(power=1.5), positive)
regressor("gamma", linear_model.GammaRegressor(), positive)
pair = np.c_[real, positive]
regressor("multi_output_regressor", multioutput.MultiOutputRegressor(linear_model.Ridge()), pair)
regressor("forest_two_targets", ensemble.RandomForestRegressor(**trees()), pair)
regressor("mlp_two_targets", neural_network.MLPRegressor(hidden_layer_sizes=(8,), max_iter=60, random_state=0), pair)
for short, model, y in [
    ("linear_svc", svm.LinearSVC(random_state=0), three),
    ("ridge_classifier", linear_model.RidgeClassifier(), named),
    ("perceptron", linear_model.Perceptron(random_state=0), three),
    ("qda", discriminant_analysis.QuadraticDiscriminantAnalysis(), three),
    ("bernoulli_nb", naive_bayes.BernoulliNB(), named),
    ("hist_gradient_boosting_text", ensemble.HistGradientBoostingClassifier(max_iter=5, max_depth=3), named),
    ("one_vs_rest", multiclass.OneVsRestClassifier(linear_model.LogisticRegression()), named),
    ("normalizer_tree", pipeline.make_pipeline(preprocessing.Normalizer(), tree.DecisionTreeClassifier(max_depth=3)), three),
    ("max_abs_k_neighbors", pipeline.make_pipeline(preprocessing.MaxAbsScaler(), neighbors.KNeighborsClassifier(3)), named),
]:
    classifier(short, model, y)
classifier("forest_no_zipmap", ensemble.RandomForestClassifier(**trees()), named, zipmap=False)
classifier("tree_no_zipmap", tree.DecisionTreeClassifier(max_depth=4, random_state=0), binary, zipmap=False)
regressor("double_linear", linear_model.LinearRegression(), real, element=np.float64)
regressor("double_scaler_ridge", pipeline.make_pipeline(preprocessing.StandardScaler(), linear_model.Ridge()), real, element=np.float64)
regressor("double_hist_gradient_boosting_nan", ensemble.HistGradientBoostingRegressor(max_iter=8, max_depth=3), real, gaps, np.float64)
regressor("double_forest_regressor", ensemble.RandomForestRegressor(**trees()), real, element=np.float64)
regressor("double_gradient_boosting_regressor", ensemble.GradientBoostingRegressor(**trees()), real, element=np.float64)

def unsupervised(name, model, **answers):
    # the exporter of the isolation forest must be told its operator sets
    onnx_model = convert_sklearn(model, initial_types=[("features", FloatTensorType([None, 4]))], target_opset={"": 17, "ai.onnx.ml": 3})
    add(name, onnx_model, COLUMNS, X[:SERVED], answers, matrix=np.float32)


some_rows = X[:SERVED].astype(np.float32)
clusters = cluster.KMeans(3, n_init=3, random_state=0).fit(X.astype(np.float32))
unsupervised("k_means", clusters, label=clusters.predict(some_rows), scores=clusters.transform(some_rows))
isolation = ensemble.IsolationForest(n_estimators=8, random_state=0).fit(X)
unsupervised("isolation_forest", isolation, label=isolation.predict(X[:SERVED]), scores=isolation.decision_function(X[:SERVED]))

# Several outputs: a sequence of tensors, probabilities [outputs, N, classes], and several labels of a row
labels = (X[:, :3] > 0).astype(int)


def several(name, model, y, **options):
    model.fit(X, y)
    onnx_model = export(model, np.float32, **options)
    label, scores = [output.name for output in onnx_model.graph.output]
    library = {label: model.predict(X[:SERVED])}
    probabilities = model.predict_proba(X[:SERVED])
    classes = {}
    if not isinstance(probabilities, list):
        library[scores] = probabilities
        classes = {scores: np.arange(probabilities.shape[1])}
    elif onnx_model.graph.output[1].type.HasField("sequence_type"):
        library |= {f"{scores}_{index}": part for index, part in enumerate(probabilities)}
        classes = {f"{scores}_{index}": part.classes_ for index, part in enumerate(model.estimators_)}
    else:
        library[scores] = np.stack(probabilities, axis=1)
    add(name, onnx_model, COLUMNS, X[:SERVED], library, matrix=np.float32, classes=classes)


several("multi_output_classifier", multioutput.MultiOutputClassifier(linear_model.LogisticRegression()), np.c_[binary, three])
several("multi_output_text", multioutput.MultiOutputClassifier(linear_model.LogisticRegression()), np.c_[named, named[::-1]])
several("multi_output_forest", multioutput.MultiOutputClassifier(ensemble.RandomForestClassifier(**trees())), np.c_[binary, three])
several("forest_several_labels", ensemble.RandomForestClassifier(**trees()), labels, zipmap=False)
several("tree_several_labels", tree.DecisionTreeClassifier(max_depth=3, random_state=0), labels, zipmap=False)
several("extra_trees_several_labels", ensemble.ExtraTreesClassifier(**trees()), labels, zipmap=False)
several("k_neighbors_several_labels", neighbors.KNeighborsClassifier(3), labels, zipmap=False)
several("mlp_several_labels", neural_network.MLPClassifier((8,), max_iter=60, random_state=0), labels)
several("one_vs_rest_several_labels", multiclass.OneVsRestClassifier(linear_model.LogisticRegression()), labels, zipmap=False)

# One matrix of whole numbers
counts = rng.integers(-100, 100, size=(240, 3))
WHOLE = {f"n{index}": "bigint" for index in range(3)}


def whole(name, model, y, kind=Int64TensorType, element=np.int64):
    model.fit(counts, y)
    onnx_model = convert_sklearn(model, initial_types=[("counts", kind([None, 3]))])
    outputs = [output.name for output in onnx_model.graph.output]
    library = {outputs[0]: model.predict(counts[:SERVED])}
    if len(outputs) == 2:
        library[outputs[1]] = model.predict_proba(counts[:SERVED])
    add(name, onnx_model, WHOLE, counts[:SERVED], library, matrix=element, near=1e-4)


whole("whole_linear", linear_model.LinearRegression(), counts @ [1, 2, 3])
whole("whole_forest", ensemble.RandomForestRegressor(**trees()), counts[:, 0] * 2.5)
whole("whole_logistic", linear_model.LogisticRegression(), (counts.sum(axis=1) > 0).astype(int))
whole("whole_scaled_tree", pipeline.make_pipeline(preprocessing.StandardScaler(), tree.DecisionTreeClassifier(max_depth=4)), three)

# Smaller element types, and weights in files of their own
network = neural_network.MLPRegressor(hidden_layer_sizes=(16,), max_iter=60, random_state=0).fit(X, real)
deep = pipeline.make_pipeline(preprocessing.StandardScaler(), neural_network.MLPClassifier((16, 8), max_iter=60, random_state=0)).fit(X, named)


def small(name, model, element=np.float32, **more):
    add(name, model, COLUMNS, X[:SERVED], None, matrix=element, **more)


small("half_mlp_regressor", float16.convert_float_to_float16(export(network, np.float32)), np.float16)
small("half_inside", float16.convert_float_to_float16(export(network, np.float32), keep_io_types=True))
plain_model, quantized = folder / "plain.onnx", folder / "quantized.onnx"
onnx.save_model(export(network, np.float32), str(plain_model))


class Samples(quantization.CalibrationDataReader):
    def __init__(self):
        self.rows = iter(X.astype(np.float32).reshape(10, -1, 4))

    def get_next(self):
        rows = next(self.rows, None)
        return None if rows is None else {"features": rows}


for weight in [quantization.QuantType.QInt8, quantization.QuantType.QUInt8]:
    quantization.quantize_static(str(plain_model), str(quantized), Samples(), weight_type=weight, activation_type=weight)
    small(f"quantized_{weight.name.lower()}", onnx.load(str(quantized)))
# scales of what is in the batch: answers depend on the other rows
quantization.quantize_dynamic(plain_model, quantized, weight_type=quantization.QuantType.QInt8)
small("quantized_dynamic", onnx.load(str(quantized)))
plain_model.unlink()
quantized.unlink()
add("external_mlp", export(network, np.float32), COLUMNS, X[:SERVED], {"variable": network.predict(X[:SERVED])}, matrix=np.float32,
    weights="external_mlp.bin")
deep_model = export(deep, np.float32)
deep_names = [output.name for output in deep_model.graph.output]
deep_answers = dict(zip(deep_names, [deep.predict(X[:SERVED]), deep.predict_proba(X[:SERVED])]))
add("external_pipeline", deep_model, COLUMNS, X[:SERVED], deep_answers, matrix=np.float32, weights="external_pipeline.weights",
    classes={deep_names[1]: deep.classes_})


def by_hand(name, element, kind, nodes, initializers, matrix, rows, columns=None, **more):
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        nodes, name, [value("x", element, ["N", 3])], [value("y", kind, ["N", *more.pop("shape", [3])])], initializers
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    add(name, model, columns or WHOLE, rows, None, matrix=matrix, **more)


# Quantized features, as a network on a device takes them
scale = [numpy_helper.from_array(np.float32(0.05), "s"), numpy_helper.from_array(np.int8(3), "z8"), numpy_helper.from_array(np.uint8(9), "zu8")]
w = numpy_helper.from_array(rng.normal(size=(3, 2)).astype(np.float32), "w")
for name, element, matrix, zero in [("int8_matrix", TensorProto.INT8, np.int8, "z8"), ("uint8_matrix", TensorProto.UINT8, np.uint8, "zu8")]:
    nodes = [helper.make_node("DequantizeLinear", ["x", "s", zero], ["f"]), helper.make_node("MatMul", ["f", "w"], ["y"])]
    rows = (counts[:SERVED] if matrix is np.int8 else counts[:SERVED] + 120).tolist()
    by_hand(name, element, TensorProto.FLOAT, nodes, [*scale, w], matrix, rows, shape=[2])
for kind, matrix in [("INT16", np.int16), ("UINT16", np.uint16), ("INT32", np.int32), ("UINT32", np.uint32)]:
    nodes = [helper.make_node("Cast", ["x"], ["f"], to=TensorProto.FLOAT), helper.make_node("MatMul", ["f", "w"], ["y"])]
    rows = np.abs(counts[:SERVED]) if kind.startswith("U") else counts[:SERVED]
    by_hand(f"{kind.lower()}_matrix", getattr(TensorProto, kind), TensorProto.FLOAT, nodes, [w], matrix, rows.tolist(), shape=[2])
cube = [helper.make_node("Cast", ["x"], ["f"], to=TensorProto.FLOAT), helper.make_node("MatMul", ["f", "w"], ["m"]),
        helper.make_node("Unsqueeze", ["m", "axis"], ["y"])]
axis = numpy_helper.from_array(np.array([1]), "axis")
by_hand("rank_three", TensorProto.INT64, TensorProto.FLOAT, cube, [w, axis], np.int64, counts[:SERVED].tolist(), shape=[1, 2])

# PyTorch: files and answers of its exporter, as the onnx package has them; most fix the number of rows
exported = pathlib.Path(onnx.__file__).parent / "backend" / "test" / "data"
for short in [
    "converted/test_Embedding", "converted/test_Embedding_sparse", "converted/test_GLU", "converted/test_Linear",
    "converted/test_Linear_no_bias", "converted/test_LogSoftmax", "converted/test_Softmax", "converted/test_Softmin",
    "converted/test_Softplus", "converted/test_PoissonNLLLLoss_no_reduce", "converted/test_softmax_lastdim",
    "converted/test_log_softmax_lastdim", "operator/test_operator_addconstant", "operator/test_operator_clip",
    "operator/test_operator_exp", "operator/test_operator_sqrt", "operator/test_operator_repeat_dim_overflow",
]:
    place = exported / f"pytorch-{short}"
    model = onnx.load(str(place / "model.onnx"))
    try:
        onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    except Exception as error:
        # onnxruntime has no arithmetic of operator set 6
        assert "Could not find an implementation" in str(error), (short, error)
        model = version_converter.convert_version(model, 13)
    x, y = [numpy_helper.to_array(onnx.load_tensor(str(place / "test_data_set_0" / f"{kind}_0.pb"))) for kind in ("input", "output")]
    columns_of = {f"x{index}": "bigint" if x.dtype == np.int64 else "double" for index in range(x.shape[1])}
    name = "torch_" + short.split("test_")[1].removeprefix("operator_").lower()
    add(name, model, columns_of, x, {model.graph.output[0].name: y}, matrix=x.dtype.type)

# Text and numbers, one input a column
tariffs = np.array(["gold", "silver", "bronze"])[rng.integers(0, 3, 240)]
regions = np.array(["north", "south"])[rng.integers(0, 2, 240)]
orders = rng.integers(1, 9, 240)
kwh = near(rng.gamma(2.0, size=240))
table = np.array(list(zip(tariffs, regions, orders, kwh)), dtype=object)
leaves = (orders + kwh + (tariffs == "gold") > 6).astype(int)
spent = orders * kwh + 2.0 * (tariffs == "silver")
MIXED = {"tariff": "text", "region": "text", "orders": "bigint", "kwh": "double"}
KINDS = {"text": StringTensorType, "bigint": Int64TensorType, "double": FloatTensorType, "float64": DoubleTensorType}


def columns(name, steps, last, y, served, types=MIXED, nulls={}):
    model = pipeline.make_pipeline(compose.ColumnTransformer(steps), last).fit(table, y)
    onnx_model = convert_sklearn(model, initial_types=[(column, KINDS[kind]([None, 1])) for column, kind in types.items()])
    taken = [[nulls.get(column, value) if value is None else value for column, value in zip(types, row)] for row in served]
    taken = np.array(taken, dtype=object)
    outputs = [output.name for output in onnx_model.graph.output]
    library = {outputs[0]: model.predict(taken)}
    classes = {}
    if len(outputs) == 2:
        library[outputs[1]] = model.predict_proba(taken)
        classes = {outputs[1]: model.classes_}
    add(name, onnx_model, types, served, library, nulls, classes=classes)


some = table[:SERVED].tolist()
unseen = [*some[:-2], ["platinum", "south", 3, 1.5], [None, "north", 2, 0.5]]
holes = [[tariff, region, count, None if index % 5 == 0 else value] for index, (tariff, region, count, value) in enumerate(some)]
strict = ("text", preprocessing.OneHotEncoder(handle_unknown="error"), [0, 1])
lenient = ("text", preprocessing.OneHotEncoder(handle_unknown="ignore"), [0, 1])
scaled = ("numbers", preprocessing.StandardScaler(), [2, 3])
kept = ("numbers", "passthrough", [2, 3])
filled = ("numbers", pipeline.make_pipeline(impute.SimpleImputer(strategy="median"), preprocessing.StandardScaler()), [3])
ordinal = ("text", preprocessing.OrdinalEncoder(), [0, 1])
FLOAT64 = {**MIXED, "orders": "float64", "kwh": "float64"}
columns("one_hot_error", [strict, scaled], linear_model.LogisticRegression(), leaves, some)
columns("one_hot_ignore", [lenient, scaled], linear_model.LogisticRegression(), leaves, unseen, nulls={"tariff": ""})
columns("one_hot_forest", [lenient, kept], ensemble.RandomForestClassifier(**trees()), tariffs, unseen, nulls={"tariff": "none"})
columns("one_hot_double", [lenient, scaled], linear_model.LogisticRegression(), leaves, some, FLOAT64)
columns("ordinal_regressor", [ordinal, kept], ensemble.GradientBoostingRegressor(**trees()), spent, some)
columns("imputed_columns", [lenient, filled], linear_model.Ridge(), spent, holes)

# A table in two wide inputs: neither columns nor one matrix
wide = pipeline.make_pipeline(compose.ColumnTransformer([lenient, kept]), linear_model.LogisticRegression()).fit(table, leaves)
wide_model = convert_sklearn(wide, initial_types=[("texts", StringTensorType([None, 2])), ("numbers", FloatTensorType([None, 2]))])


def refused(name, model, types, rows):
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
    zoo.append({
        "name": name,
        "fields": [{"name": column, "type": kind, "nullable": False} for column, kind in types.items()],
        "mapping": None,
        "rows": plain(rows),
        "golden": {"inputs": plain(rows[:1]), "outputs": {model.graph.output[0].name: [0]}, "tolerance": {"absolute": 0, "relative": 0}},
        "labels": {},
        "classes": {},
        "near": 0,
        "library": {},
        "onnxruntime": None,
    })


refused("wide_inputs", wide_model, MIXED, some)


# Models that fail (whole numbers) or answer infinity at 0: they divide by a feature
def division(name, kind, element):
    value = helper.make_tensor_value_info
    graph = helper.make_graph(
        [helper.make_node("Div", ["total", "count"], ["share"])], name,
        [value("total", element, ["N", 1]), value("count", element, ["N", 1])], [value("share", element, ["N", 1])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    total, count = rng.integers(-50, 50, SERVED), rng.integers(1, 9, SERVED)
    rows = [[int(a), int(b)] if kind == "bigint" else [float(a), float(b)] for a, b in zip(total, count)]
    share = np.trunc(total / count).astype(int) if kind == "bigint" else total / count
    add(name, model, {"total": kind, "count": kind}, rows, {"share": share})


division("division", "double", TensorProto.FLOAT)
division("whole_division", "bigint", TensorProto.INT64)


def boosted(name, model, convert, y, x=X, **options):
    model.fit(x.astype(np.float32), y)
    onnx_model = convert(model, initial_types=[("features", OtherFloats([None, 4]))], target_opset=15, **options)
    outputs = [output.name for output in onnx_model.graph.output]
    fed = x[:SERVED].astype(np.float32)
    library = {outputs[0]: model.predict(fed)}
    classes = {}
    if len(outputs) == 2:
        library[outputs[1]] = model.predict_proba(fed)
        classes = {outputs[1]: model.classes_}
    add(name, onnx_model, COLUMNS, x[:SERVED], library, matrix=np.float32, classes=classes)


def light(kind, **more):
    return kind(n_estimators=8, max_depth=3, min_child_samples=5, random_state=0, verbose=-1, n_jobs=1, **more)


boosted("lightgbm_binary", light(lightgbm.LGBMClassifier), convert_lightgbm, binary)
boosted("lightgbm_multiclass_nan", light(lightgbm.LGBMClassifier), convert_lightgbm, three, gaps)
boosted("lightgbm_text", light(lightgbm.LGBMClassifier), convert_lightgbm, named)
boosted("lightgbm_no_zipmap", light(lightgbm.LGBMClassifier), convert_lightgbm, binary, zipmap=False)
boosted("lightgbm_regressor", light(lightgbm.LGBMRegressor), convert_lightgbm, real)
boosted("lightgbm_regressor_nan", light(lightgbm.LGBMRegressor), convert_lightgbm, real, gaps)
boosted("lightgbm_poisson", light(lightgbm.LGBMRegressor, objective="poisson"), convert_lightgbm, positive)


def extreme(kind, **more):
    return kind(n_estimators=8, max_depth=3, random_state=0, n_jobs=1, **more)


boosted("lightgbm_multiclass_no_zipmap", light(lightgbm.LGBMClassifier), convert_lightgbm, named, zipmap=False)
boosted("lightgbm_quantile", light(lightgbm.LGBMRegressor, objective="quantile", alpha=0.9), convert_lightgbm, real)
boosted("lightgbm_random_forest", light(lightgbm.LGBMRegressor, boosting_type="rf", subsample=0.8, subsample_freq=1), convert_lightgbm, real)
boosted("xgboost_forest", extreme(xgboost.XGBRFRegressor), convert_xgboost, real)
boosted("xgboost_multiclass_nan", extreme(xgboost.XGBClassifier), convert_xgboost, three, gaps)
boosted("xgboost_binary", extreme(xgboost.XGBClassifier), convert_xgboost, binary)
boosted("xgboost_multiclass", extreme(xgboost.XGBClassifier), convert_xgboost, three)
boosted("xgboost_binary_nan", extreme(xgboost.XGBClassifier), convert_xgboost, binary, gaps)
boosted("xgboost_regressor", extreme(xgboost.XGBRegressor), convert_xgboost, real)
boosted("xgboost_regressor_nan", extreme(xgboost.XGBRegressor), convert_xgboost, real, gaps)
boosted("xgboost_poisson", extreme(xgboost.XGBRegressor, objective="count:poisson"), convert_xgboost, np.round(positive))

(folder / "zoo.json").write_text(json.dumps(zoo, allow_nan=False))
print(f"{len(zoo)} models in {folder}: skl2onnx, onnxmltools; onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}")
