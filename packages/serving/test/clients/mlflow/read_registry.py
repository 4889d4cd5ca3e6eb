"""MLflow's own client, unmodified, reads models from Martlet: python read_registry.py <server> <expected.json>."""

import hashlib
import json
import os
import sys
from pathlib import Path

import mlflow
import numpy as np
import onnx
import onnxruntime
import pandas as pd
import requests
from mlflow.exceptions import MlflowException, RestException
from mlflow.protos.databricks_pb2 import ErrorCode

url, expected = sys.argv[1].rstrip("/"), json.loads(Path(sys.argv[2]).read_text())
FEATURES = ["rain", "heat", "soil", "ph", "slope", "light"]
rows = np.array([[i * f % 101 / 10 for f in [37, 41, 43, 47, 53, 59]] for i in range(40)], dtype=np.float32)
os.environ["MLFLOW_TRACKING_TOKEN"] = "key of reader"
os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "2"
mlflow.set_tracking_uri(url)
mlflow.set_registry_uri(url)
client = mlflow.MlflowClient()
checks = 0


def equal(got, wanted, what=""):
    global checks
    checks += 1
    assert got == wanted, f"{what}: got {got!r}, wanted {wanted!r}"


def raises(code, said, call):
    global checks
    checks += 1
    try:
        call()
    except (RestException, MlflowException) as error:
        assert error.error_code == code and said in str(error), f"{error.error_code}: {error}"
    else:
        raise AssertionError(f"{said!r} was not raised")


def close(got, wanted, what):
    global checks
    checks += 1
    np.testing.assert_allclose(np.asarray(got, dtype=float).reshape(-1), wanted, rtol=1e-6, atol=1e-6, err_msg=what)


# Lists and searches.
equal([model.name for model in client.search_registered_models()], ["additive", "network"])
equal([model.name for model in client.search_registered_models("name LIKE 'net%'")], ["network"])
equal([model.name for model in client.search_registered_models(order_by=["name DESC"])], ["network", "additive"])
first = client.search_registered_models(max_results=1)
equal([model.name for model in first], ["additive"])
equal([model.name for model in client.search_registered_models(max_results=1, page_token=first.token)], ["network"])
versions = client.search_model_versions("name='network'")
equal([(version.name, str(version.version)) for version in versions], [("network", "2"), ("network", "1")])
equal([str(v.version) for v in client.search_model_versions("name='network' AND tags.reviewed = 'yes'")], ["1"])
equal([str(v.version) for v in client.search_model_versions("version_number > 1")], ["2"])

# One model, one version, its aliases.
model = client.get_registered_model("network")
equal(model.aliases, {"champion": "1", "next": "2"})
equal([str(version.version) for version in model.latest_versions], ["2"])
version = client.get_model_version_by_alias("network", "champion")
equal((str(version.version), version.status, version.current_stage), ("1", "READY", "None"))
equal((version.description, version.tags["reviewed"], version.tags["param.layers"]), ("Growth of a plot.", "yes", "3"))
equal((version.tags["martlet.metric.rmse"], version.tags["martlet.metric.r2"]), ("0.125", "0.5"))
equal(client.get_model_version("network", "1").run_id, version.run_id)
equal([str(v.version) for v in client.search_model_versions(f"run_id = '{version.run_id}' AND name = 'network'")], ["1"])
equal([str(version.version) for version in client.get_latest_versions("network")], ["2"])
raises("INVALID_PARAMETER_VALUE", "There are no stages here", lambda: client.get_latest_versions("network", ["Production"]))

# Downloads: the files have the hash that the registry says, and answer as the model that was logged.
for reference in ["models:/network@champion", "models:/network/2", "models:/additive@champion"]:
    name = reference.split("/")[1].split("@")[0]
    wanted = expected["second" if reference == "models:/network/2" else name]
    folder = Path(mlflow.artifacts.download_artifacts(reference))
    equal(sorted(file.name for file in folder.iterdir() if file.name != "registered_model_meta"),
          ["MLmodel", "model.onnx", "requirements.txt"], reference)
    number = reference.split("/")[2] if reference.count("/") == 2 else client.get_model_version_by_alias(name, "champion").version
    digest = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    equal(digest, client.get_model_version(name, str(number)).tags["martlet.sha256"], reference)
    loaded = mlflow.onnx.load_model(reference)
    onnx.checker.check_model(loaded)
    feeds = {"features": rows} if name == "network" else {f: rows[:, i : i + 1] for i, f in enumerate(FEATURES)}
    close(onnxruntime.InferenceSession(loaded.SerializeToString()).run(None, feeds)[0], wanted, reference)
    scored = mlflow.pyfunc.load_model(reference).predict(rows if name == "network" else feeds)
    close(scored["growth"] if isinstance(scored, (dict, pd.DataFrame)) else scored, wanted, f"{reference} by pyfunc")

# The same answers by features that are looked up on the server.
headers = {"Authorization": "Bearer key of reader"}
for name in ["network", "additive"]:
    body = {"keys": [{"plot_id": i} for i in range(40)]}
    answer = requests.post(f"{url}/v1/models/{name}/predict", json=body, headers=headers, timeout=60)
    answer.raise_for_status()
    close([row["outputs"]["growth"] for row in answer.json()["rows"]], expected[name], f"{name} over HTTP")

# What is not there, and what is refused.
raises("RESOURCE_DOES_NOT_EXIST", "There is no model", lambda: client.get_registered_model("nothing"))
raises("RESOURCE_DOES_NOT_EXIST", "has no version 9", lambda: client.get_model_version("network", "9"))
raises("RESOURCE_DOES_NOT_EXIST", "There is no alias", lambda: client.get_model_version_by_alias("network", "nobody"))
raises("INVALID_PARAMETER_VALUE", "cannot ask for", lambda: client.search_model_versions("stage = 'x'"))
READ_ONLY = "read-only over MLflow"
for write in [
    lambda: client.create_registered_model("new"),
    lambda: client.create_model_version("network", "file:///x"),
    lambda: client.set_registered_model_alias("network", "champion", "2"),
    lambda: client.delete_registered_model_alias("network", "champion"),
    lambda: client.set_registered_model_tag("network", "a", "b"),
    lambda: client.set_model_version_tag("network", "1", "a", "b"),
    lambda: client.delete_model_version_tag("network", "1", "a"),
    lambda: client.update_registered_model("network", "text"),
    lambda: client.update_model_version("network", "1", "text"),
    lambda: client.rename_registered_model("network", "other"),
    lambda: client.delete_model_version("network", "1"),
    lambda: client.delete_registered_model("network"),
]:
    raises("PERMISSION_DENIED", READ_ONLY, write)

# Another key sees none of them.
os.environ["MLFLOW_TRACKING_TOKEN"] = "key of narrow"
equal(len(client.search_registered_models()), 0)
equal(len(client.search_model_versions("name='network'")), 0)
raises("PERMISSION_DENIED", "may not use", lambda: client.get_registered_model("network"))
os.environ["MLFLOW_TRACKING_TOKEN"] = "nobody"
raises("UNAUTHENTICATED", "not known", lambda: client.search_registered_models())
assert ErrorCode.Value("RESOURCE_DOES_NOT_EXIST")
print(f"mlflow {mlflow.__version__}: {checks} checks of Martlet as its model registry passed")
