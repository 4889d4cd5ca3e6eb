"""Trains the models people bring, exports them as their libraries do, and writes them with Python's own answers.

    python make_zoo.py <folder>      (needs scripts/second-opinion-zoo.txt)

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
from onnx import TensorProto, helper
from onnxmltools import convert_lightgbm, convert_xgboost
from onnxmltools.convert.common.data_types import FloatTensorType as OtherFloats
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, Int64TensorType, StringTensorType
from sklearn import (
    calibration, cluster, compose, decomposition, discriminant_analysis, ensemble, impute, linear_model, multioutput, naive_bayes,
    neighbors, neural_network, pipeline, preprocessing, svm, tree,
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
    answer = plain(answer)
    return [row[0] if isinstance(row, list) and len(row) == 1 else row for row in answer]


def add(name, model, columns, rows, library, nulls={}, matrix=None):
    """`columns`: type by name; `rows`: array of them; `library`: answers by output; `matrix`: element type of the one input."""
    if matrix is not None:
        entry = model.metadata_props.add()
        entry.key, entry.value = "martlet.features", json.dumps([f"{name}__{column}" for column in columns])
    data = model.SerializeToString()
    (folder / f"{name}.onnx").write_bytes(data)
    try:
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        feeds = {}
        if matrix is not None:
            feeds[session.get_inputs()[0].name] = np.array(rows, dtype=matrix)
        else:
            types = {"text": str, "bigint": np.int64, "double": np.float32, "float64": np.float64}
            for index, (column, kind) in enumerate(columns.items()):
                values = [nulls.get(column, np.nan) if row[index] is None else row[index] for row in rows]
                feeds[column] = np.array(values, dtype=types[kind]).reshape(-1, 1)
        names = [output.name for output in session.get_outputs()]
        answers = {output: rows_of(values) for output, values in zip(names, session.run(None, feeds))}
    except Exception as error:
        # exporters write float64 where the operator takes or gives float32: ZipMap, and trees
        assert "double" in name and ("ZipMap" in str(error) or "does not match expected type" in str(error)), (name, str(error))
        answers = None
    library = {output: rows_of(values) for output, values in library.items()}
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
            "outputs": {output: values[:GOLDEN] for output, values in library.items()},
            "tolerance": {"absolute": 1e-6, "relative": 1e-5},
        },
        "labels": labels,
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
    if len(more) == 1:
        library[more[0]] = model.predict_proba(x[:SERVED])
    elif more:
        library |= {output: model.predict_proba(x[:SERVED])[:, index] for index, output in enumerate(more)}
    add(name, onnx_model, COLUMNS, x[:SERVED], library, matrix=element)


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
both = multioutput.MultiOutputClassifier(linear_model.LogisticRegression()).fit(X, np.c_[binary, three])

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
    if len(outputs) == 2:
        library[outputs[1]] = model.predict_proba(taken)
    add(name, onnx_model, types, served, library, nulls)


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

# A table in two wide inputs, and one of whole numbers: neither columns nor the one matrix of floats
wide = pipeline.make_pipeline(compose.ColumnTransformer([lenient, kept]), linear_model.LogisticRegression()).fit(table, leaves)
wide_model = convert_sklearn(wide, initial_types=[("texts", StringTensorType([None, 2])), ("numbers", FloatTensorType([None, 2]))])
whole = linear_model.LinearRegression().fit(np.c_[orders, orders % 3], spent)
whole_model = convert_sklearn(whole, initial_types=[("counts", Int64TensorType([None, 2]))])


def refused(name, model, types, rows):
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
    zoo.append({
        "name": name,
        "fields": [{"name": column, "type": kind, "nullable": False} for column, kind in types.items()],
        "mapping": None,
        "rows": plain(rows),
        "golden": {"inputs": plain(rows[:1]), "outputs": {model.graph.output[0].name: [0]}, "tolerance": {"absolute": 0, "relative": 0}},
        "labels": {},
        "library": {},
        "onnxruntime": None,
    })


refused("multi_output_classifier", export(both, np.float32), COLUMNS, X[:SERVED])
refused("wide_inputs", wide_model, MIXED, some)
refused("whole_number_matrix", whole_model, {"a": "bigint", "b": "bigint"}, [[int(count), int(count % 3)] for count in orders[:SERVED]])


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
    if len(outputs) == 2:
        library[outputs[1]] = model.predict_proba(fed)
    add(name, onnx_model, COLUMNS, x[:SERVED], library, matrix=np.float32)


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


boosted("xgboost_binary", extreme(xgboost.XGBClassifier), convert_xgboost, binary)
boosted("xgboost_multiclass", extreme(xgboost.XGBClassifier), convert_xgboost, three)
boosted("xgboost_binary_nan", extreme(xgboost.XGBClassifier), convert_xgboost, binary, gaps)
boosted("xgboost_regressor", extreme(xgboost.XGBRegressor), convert_xgboost, real)
boosted("xgboost_regressor_nan", extreme(xgboost.XGBRegressor), convert_xgboost, real, gaps)
boosted("xgboost_poisson", extreme(xgboost.XGBRegressor, objective="count:poisson"), convert_xgboost, np.round(positive))

(folder / "zoo.json").write_text(json.dumps(zoo, allow_nan=False))
print(f"{len(zoo)} models in {folder}: skl2onnx, onnxmltools; onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}")
