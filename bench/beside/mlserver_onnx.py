"""A model of MLServer that runs a file of ONNX with one thread, as Martlet does."""
import numpy
import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse
from mlserver.utils import get_model_uri


class OnnxModel(MLModel):
    async def load(self) -> bool:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(await get_model_uri(self._settings), options)
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        given = payload.inputs[0]
        features = NumpyCodec.decode_input(given).astype(numpy.float32).reshape(given.shape)
        (prediction,) = self.session.run(["prediction"], {"features": features})
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("prediction", prediction)])
