"""The obvious first attempt in Python: grpc.aio around ONNX Runtime.

Usage: grpc_aio_server.py PORT REPOSITORY
"""

import asyncio
import sys

import grpc
from onnx_models import OnnxModels, server_metadata
from open_inference import open_inference_pb2_grpc as services


class Servicer(services.GRPCInferenceServiceServicer):
    def __init__(self, models):
        self.models = models

    async def ServerMetadata(self, request, context):
        return server_metadata("grpc.aio with onnxruntime")

    async def ModelMetadata(self, request, context):
        return self.models.metadata(request)

    async def ModelInfer(self, request, context):
        return self.models.infer(request)


async def main():
    server = grpc.aio.server()
    models = OnnxModels(sys.argv[2])
    services.add_GRPCInferenceServiceServicer_to_server(Servicer(models), server)
    server.add_insecure_port(f"127.0.0.1:{sys.argv[1]}")
    await server.start()
    await server.wait_for_termination()


asyncio.run(main())
