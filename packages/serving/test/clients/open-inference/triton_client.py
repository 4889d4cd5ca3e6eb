"""Asks a server with NVIDIA's tritonclient, unchanged: python triton_client.py <host:port>"""

import asyncio
import math
import sys

import numpy as np
import tritonclient.http as http
import tritonclient.http.aio as aio
from tritonclient.utils import InferenceServerException, np_to_triton_dtype

client = http.InferenceServerClient(sys.argv[1], concurrency=2)
FEATURES = np.array([[1, 2, 3], [4, 5, 6]], dtype=np.float32)


def tensor(name, array, binary=True):
    given = http.InferInput(name, list(array.shape), np_to_triton_dtype(array.dtype))
    given.set_data_from_numpy(array, binary_data=binary)
    return given


def refused(status, text, call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except InferenceServerException as error:
        # Another status carries the text alone.
        assert text in error.message(), error.message()
        assert error.status() == str(status), error.status()
    else:
        raise AssertionError(f"{call} was answered")


# health and descriptions
assert client.is_server_live() and client.is_server_ready()
assert client.is_model_ready("usage_model") and client.is_model_ready("usage_model", "2") and client.is_model_ready("usage_model", "next")
assert not client.is_model_ready("usage_model", "9") and not client.is_model_ready("nope")
server = client.get_server_metadata()
assert server["name"] == "martlet" and "binary_tensor_data" in server["extensions"], server
metadata = client.get_model_metadata("usage_model")
assert metadata["inputs"] == [{"name": "features", "datatype": "FP32", "shape": [-1, 3]}], metadata
assert metadata["feature_lookup"]["inputs"] == [{"name": "customer_id", "datatype": "BYTES", "shape": [-1]}]
config = client.get_model_config("usage_model", "next")
assert config["max_batch_size"] == 1000 and config["input"][0]["dims"] == [3], config

# tensors: JSON and binary, both ways
for binary_in in (True, False):
    for outputs in (None, [http.InferRequestedOutput("prediction", binary_data=True)], [http.InferRequestedOutput("prediction", binary_data=False)]):
        result = client.infer("usage_model", [tensor("features", FEATURES, binary_in)], outputs=outputs, request_id="r1")
        assert np.array_equal(result.as_numpy("prediction"), [[14], [32]]), result.get_response()
        assert result.get_response()["id"] == "r1"
missing = client.infer("usage_model", [tensor("features", np.array([[1, 2, math.nan]], dtype=np.float32), False)])
assert missing.as_numpy("prediction").item() == 8
infinite = client.infer(
    "usage_model",
    [tensor("features", np.array([[1, math.inf, 3]], dtype=np.float32), False)],
    outputs=[http.InferRequestedOutput("prediction", binary_data=False)],
)
assert math.isnan(infinite.as_numpy("prediction").item())

# every kind of value that these models take
whole = np.array([2**53 + 1, -(2**63), 2**63 - 1], dtype=np.int64)
flag = np.array([True, False, True])
word = np.array(["größer", "", 'a "b"'], dtype=object)
real = np.array([0.1, -1e300, math.nan], dtype=np.float64)
for binary_in in (True, False):
    for binary_out in (True, False):
        names = ["real_out", "whole_out", "word_out", "flag_out"]
        result = client.infer(
            "echo",
            [tensor(name, array, binary_in) for name, array in (("whole", whole), ("flag", flag), ("word", word), ("real", real))],
            outputs=[http.InferRequestedOutput(name, binary_data=binary_out) for name in names],
        )
        assert [output["name"] for output in result.get_response()["outputs"]] == names
        assert np.array_equal(result.as_numpy("whole_out"), whole), result.as_numpy("whole_out")
        assert np.array_equal(result.as_numpy("flag_out"), flag)
        assert np.array_equal(result.as_numpy("real_out"), real, equal_nan=True)
        texts = [text.decode() if isinstance(text, bytes) else text for text in result.as_numpy("word_out")]
        assert texts == list(word), texts

# versions, and aliases in their place
for version, served, answer in (("", "1", 14), ("2", "2", 114), ("next", "2", 114), ("champion", "1", 14)):
    result = client.infer("usage_model", [tensor("features", FEATURES[:1])], model_version=version)
    assert result.get_response()["model_version"] == served
    assert result.as_numpy("prediction").item() == answer

# classification
for binary_out in (True, False):
    asked = [http.InferRequestedOutput("output_probability", binary_data=binary_out, class_count=2)]
    classes = client.infer("tariffs", [tensor("features", FEATURES)], outputs=asked).as_numpy("output_probability")
    assert classes.shape == (2, 2), classes
    texts = [text.decode() if isinstance(text, bytes) else text for text in classes.flatten()]
    assert [text.split(":")[1:] for text in texts[:2]] == [["0", "high"], ["2", "mid"]], texts
    assert float(texts[0].split(":")[0]) > float(texts[1].split(":")[0])

# entity keys: features are joined on the server
for binary_in in (True, False):
    keys = np.array(["a", "nobody"], dtype=object)
    result = client.infer("usage_model", [tensor("customer_id", keys, binary_in)])
    predicted = result.as_numpy("prediction").flatten()
    assert predicted[0] == 1.5 + 2 * 10.25 + 3 * 4 and math.isnan(predicted[1]), predicted
    parameters = result.get_response()["parameters"]
    assert parameters["feature_service"] == "usage_only" and parameters["rows_with_missing_features"] == 1, parameters
boxes = client.infer("echo", [tensor("box_id", np.array([[2**53 + 1]], dtype=np.int64))])
assert boxes.as_numpy("whole_out").item() == 2**53 + 1

# compressed requests, and a wish for compressed answers
for algorithm in ("gzip", "deflate"):
    result = client.infer(
        "usage_model",
        [tensor("features", FEATURES)],
        request_compression_algorithm=algorithm,
        response_compression_algorithm=algorithm,
    )
    assert np.array_equal(result.as_numpy("prediction"), [[14], [32]])

# a body without JSON
body, length = http.InferenceServerClient.generate_request_body([tensor("features", FEATURES)])
assert length is not None
result = client.infer("usage_model", [tensor("features", FEATURES)], timeout=5_000_000, priority=1)
assert result.as_numpy("prediction").shape == (2, 1)

# statistics and the repository
statistics = client.get_inference_statistics("usage_model", "2")["model_stats"][0]
assert statistics["inference_count"] >= 2 and len(statistics["inference_stats"]) == 8, statistics
assert {one["name"] for one in client.get_inference_statistics()["model_stats"]} == {"usage_model", "tariffs", "echo"}
index = client.get_model_repository_index()
assert [(one["name"], one["version"], one["state"]) for one in index][-1] == ("usage_model", "2", "READY"), index
client.load_model("tariffs")
refused(501, "as long as an alias names it", client.unload_model, "tariffs")
refused(501, "parameters.config is not supported", client.load_model, "tariffs", config="{}")

# refusals
refused(404, 'There is no model "usage_modl". Did you mean usage_model?', client.infer, "usage_modl", [tensor("features", FEATURES)])
refused(404, "has no version 9", client.infer, "usage_model", [tensor("features", FEATURES)], model_version="9")
refused(400, "inputs[0].shape is [2, 2]", client.infer, "usage_model", [tensor("features", FEATURES[:, :2].copy())])
refused(400, "inputs[0].datatype is FP64", client.infer, "usage_model", [tensor("features", FEATURES.astype(np.float64))])
refused(400, 'outputs[0].name is "nothing"', client.infer, "usage_model", [tensor("features", FEATURES)], outputs=[http.InferRequestedOutput("nothing")])
refused(404, "nothing at this path", client.get_log_settings)
refused(404, "nothing at this path", client.get_system_shared_memory_status)


async def asynchronous():
    async with aio.InferenceServerClient(sys.argv[1]) as other:
        given = aio.InferInput("features", [2, 3], "FP32")
        given.set_data_from_numpy(FEATURES)
        answers = await asyncio.gather(*(other.infer("usage_model", [given]) for _ in range(20)))
        assert all(np.array_equal(answer.as_numpy("prediction"), [[14], [32]]) for answer in answers)


asyncio.run(asynchronous())
print("tritonclient: all as expected")
