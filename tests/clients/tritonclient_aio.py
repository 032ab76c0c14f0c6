"""Sends requests with tritonclient.grpc.aio. Usage: tritonclient_aio.py HOST:PORT"""

import asyncio
import sys

from tritonclient.grpc import InferInput
from tritonclient.grpc.aio import InferenceServerClient

import people
from held_out import PIXELS, check_probabilities


def rows(first, count):
    tensor = InferInput("pixels", [count, 64], "FP32")
    tensor.set_data_from_numpy(PIXELS[first : first + count])
    return [tensor]


async def main():
    async with InferenceServerClient(sys.argv[1]) as client:
        assert await client.is_model_ready("digits-relu")

        # One request for each row, all at the same time.
        answers = await asyncio.gather(
            *(client.infer("digits-relu", rows(row, 1)) for row in range(len(PIXELS)))
        )
        for row, answer in enumerate(answers):
            check_probabilities(answer.as_numpy("probabilities"), first=row)
        print(len(answers), "requests at the same time")

        answer = await client.infer(people.MODEL, people.tensors(InferInput))
        people.check(answer.as_numpy("label"), answer.as_numpy("probabilities"))

        async def requests():
            for row in range(0, len(PIXELS), 36):
                yield {
                    "model_name": "digits-relu",
                    "inputs": rows(row, 36),
                    "request_id": str(row),
                }

        streamed = 0
        async for answer, error in client.stream_infer(requests()):
            assert error is None, error
            assert answer.get_response().id == str(streamed)
            check_probabilities(answer.as_numpy("probabilities"), first=streamed)
            streamed += 36
        assert streamed == len(PIXELS)
        print(streamed // 36, "requests of 36 rows in a stream")


asyncio.run(main())
