"""Asks a server with MLServer's batch client (`mlserver infer`), unchanged: python mlserver_client.py <host:port>"""

import asyncio
import json
import os
import pathlib
import sys
import tempfile

from mlserver.batch_processing import process_batch
from mlserver.types import InferenceRequest, InferenceResponse, MetadataModelResponse, MetadataServerResponse, RepositoryIndexResponse
from urllib.request import Request, urlopen

ADDRESS = sys.argv[1]
REQUESTS = [
    {"inputs": [{"name": "features", "shape": [1, 3], "datatype": "FP32", "data": [1.0, 2.0, 3.0]}]},
    {"inputs": [{"name": "features", "shape": [2, 3], "datatype": "FP32", "data": [[4, 5, 6], [7, 8, 9]]}]},
    {"inputs": [{"name": "customer_id", "shape": [2], "datatype": "BYTES", "data": ["a", "a"]}]},
    {"inputs": [{"name": "features", "shape": [1, 2], "datatype": "FP32", "data": [1.0, 2.0]}]},
]
EXPECTED = [[14], [32, 50], [34, 34]]


def run(folder, binary):
    source, target = folder / "in.json", folder / f"out-{binary}.json"
    source.write_text("\n".join(json.dumps(InferenceRequest(**request).model_dump(exclude_none=True)) for request in REQUESTS))
    asyncio.run(
        process_batch(
            model_name="usage_model",
            url=ADDRESS,
            workers=2,
            retries=1,
            batch_size=1,
            input_data_path=str(source),
            output_data_path=str(target),
            binary_data=binary,
            transport="rest",
            request_headers=["x-request-id: mlserver"],
            timeout=10,
            batch_interval=0,
            batch_jitter=0,
            use_ssl=False,
            insecure=False,
            verbose=False,
            extra_verbose=False,
        )
    )
    answers = {}
    for line in target.read_text().splitlines():
        answer = json.loads(line)
        answers[answer["parameters"]["batch_index"] if "error" in answer else answer["parameters"]["batch_index"]] = answer
    for index, expected in enumerate(EXPECTED):
        assert answers[index]["outputs"][0]["data"] == expected, answers[index]
    assert "inputs[0].shape is [1, 2]" in answers[3]["error"]["msg"], answers[3]


def ask(path, body=None):
    request = Request(f"http://{ADDRESS}{path}", data=body, headers={"content-type": "application/json"})
    with urlopen(request) as answer:
        return json.loads(answer.read())


with tempfile.TemporaryDirectory() as folder:
    for binary in (False, True):
        run(pathlib.Path(folder), binary)

# MLServer's own types read the answers.
MetadataServerResponse(**ask("/v2"))
described = MetadataModelResponse(**ask("/v2/models/echo"))
assert [tensor.datatype for tensor in described.inputs] == ["INT64", "BOOL", "BYTES", "FP64"], described
index = RepositoryIndexResponse(root=ask("/v2/repository/index", b""))
assert {one.name for one in index.root} == {"usage_model", "tariffs", "echo"}
answer = InferenceResponse(**ask("/v2/models/usage_model/infer", json.dumps(REQUESTS[2]).encode()))
assert answer.model_version == "1" and answer.parameters.feature_service == "usage_only", answer
print("mlserver: all as expected")
# Its client leaves threads behind.
sys.stdout.flush()
os._exit(0)
