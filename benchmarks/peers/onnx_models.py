"""Answers messages of the Open Inference Protocol with ONNX Runtime, one request at a time."""

import pathlib

import numpy
import onnxruntime
from open_inference import open_inference_pb2 as messages


class OnnxModels:
    def __init__(self, repository):
        self.sessions = {
            file.parent.parent.name: onnxruntime.InferenceSession(file)
            for file in pathlib.Path(repository).glob("*/1/model.onnx")
        }

    def metadata(self, request):
        def tensors(values):
            return [{"name": v.name, "datatype": "FP32", "shape": [-1, v.shape[1]]} for v in values]

        session = self.sessions[request.name]
        return messages.ModelMetadataResponse(
            name=request.name,
            versions=["1"],
            inputs=tensors(session.get_inputs()),
            outputs=tensors(session.get_outputs()),
        )

    def infer(self, request):
        values = numpy.frombuffer(request.raw_input_contents[0], numpy.float32)
        rows = values.reshape(request.inputs[0].shape)
        (answer,) = self.sessions[request.model_name].run(None, {"x": rows})
        return messages.ModelInferResponse(
            model_name=request.model_name,
            model_version="1",
            id=request.id,
            outputs=[{"name": "y", "datatype": "FP32", "shape": answer.shape}],
            raw_output_contents=[answer.tobytes()],
        )


def server_metadata(name):
    return messages.ServerMetadataResponse(name=name, version=onnxruntime.__version__)
