"""ONNX Runtime as a custom runtime of MLServer, written as its documentation shows."""

import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse


class OnnxModel(MLModel):
    async def load(self):
        self.session = onnxruntime.InferenceSession(self.settings.parameters.uri)
        return True

    async def predict(self, payload):
        rows = NumpyCodec.decode_input(payload.inputs[0])
        (answer,) = self.session.run(None, {"x": rows})
        return InferenceResponse(
            model_name=self.name, outputs=[NumpyCodec.encode_output("y", answer)]
        )
