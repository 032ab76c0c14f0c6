"""Sends requests with KServe's Python SDK. Usage: kserve_sdk.py HOST:PORT"""

import asyncio
import sys

import grpc
from kserve import InferenceGRPCClient, InferInput, InferRequest

import people
from held_out import LABELS, PIXELS, check_probabilities


def request(binary, model="digits-relu"):
    pixels = InferInput("pixels", list(PIXELS.shape), "FP32")
    pixels.set_data_from_numpy(PIXELS, binary_data=binary)
    return InferRequest(model, [pixels], request_id="held-out")


async def main():
    async with InferenceGRPCClient(sys.argv[1]) as client:
        assert await client.is_server_live() and await client.is_server_ready()
        assert await client.is_model_ready("digits-relu")

        for binary in [True, False]:
            answer = await client.infer(request(binary))
            probabilities = next(
                output.as_numpy() for output in answer.outputs if output.name == "probabilities"
            )
            check_probabilities(probabilities)
            right = (probabilities.argmax(axis=1) == LABELS).mean()
            print("raw" if binary else "typed", answer.id, probabilities.shape, f"{right:.1%} right")

        answer = await client.infer(InferRequest(people.MODEL, people.tensors(InferInput)))
        outputs = {output.name: output.as_numpy() for output in answer.outputs}
        people.check(outputs["label"], outputs["probabilities"])

        try:
            await client.infer(request(binary=True, model="no-such-model"))
            raise AssertionError("not refused")
        except grpc.RpcError as error:
            print(error.code(), error.details())
            assert error.code() == grpc.StatusCode.NOT_FOUND


asyncio.run(main())
