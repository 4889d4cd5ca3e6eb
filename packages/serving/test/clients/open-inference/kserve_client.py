"""Asks a server with KServe's InferenceRESTClient, unchanged: python kserve_client.py <host:port>"""

import asyncio
import sys

import httpx
import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig
from kserve.protocol.infer_type import RequestedOutput

BASE = f"http://{sys.argv[1]}"
FEATURES = np.array([[1, 2, 3], [4, 5, np.nan]], dtype=np.float32)


def request(name, array, datatype, binary, **more):
    given = InferInput(name, list(array.shape), datatype)
    given.set_data_from_numpy(array, binary_data=binary)
    return InferRequest(model_name="usage_model", infer_inputs=[given], **more)


async def main():
    client = InferenceRESTClient(RESTConfig(protocol="v2", retries=0))
    assert await client.is_server_live(BASE) is True
    assert await client.is_server_ready(BASE) is True
    assert await client.is_model_ready(BASE, "usage_model") is True
    assert await client.is_model_ready(BASE, "nope") is False

    for binary_in in (True, False):
        for binary_out in (True, False):
            outputs = [RequestedOutput("prediction", parameters={"binary_data": binary_out})]
            given = request("features", FEATURES, "FP32", binary_in, request_outputs=outputs, request_id="k1")
            answer = await client.infer(BASE, given, model_name="usage_model")
            assert answer.id == "k1" and answer.model_name == "usage_model"
            assert np.array_equal(answer.outputs[0].as_numpy(), [[14], [17]]), answer.outputs[0].as_numpy()

    for binary_in in (True, False):
        keys = request("customer_id", np.array(["a", "b"], dtype=object), "BYTES", binary_in)
        answer = await client.infer(BASE, keys, model_name="usage_model")
        assert np.array_equal(answer.outputs[0].as_numpy().flatten(), [34, 45.5]), answer.outputs[0].as_numpy()
        assert answer.parameters["missing_features"].startswith("customer_usage__peak_7d"), answer.parameters

    try:
        await client.infer(BASE, request("features", FEATURES[:, :2].copy(), "FP32", True), model_name="usage_model")
    except httpx.HTTPStatusError as error:
        assert "inputs[0].shape is [2, 2]" in str(error), error
    else:
        raise AssertionError("two columns of three were accepted")
    await client.close()


asyncio.run(main())
print("kserve: all as expected")
