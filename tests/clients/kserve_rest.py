"""Sends requests with KServe's Python SDK over HTTP. Usage: kserve_rest.py HOST:PORT"""

import asyncio
import sys

import httpx
from kserve import InferenceRESTClient, InferInput, InferRequest, RESTConfig

from held_out import LABELS, PIXELS, check_probabilities


def request(binary):
    pixels = InferInput("pixels", list(PIXELS.shape), "FP32")
    pixels.set_data_from_numpy(PIXELS, binary_data=binary)
    return InferRequest("digits-relu", [pixels], request_id="held-out")


async def main():
    url = f"http://{sys.argv[1]}"
    client = InferenceRESTClient(RESTConfig(protocol="v2"))
    try:
        assert await client.is_server_live(url) and await client.is_server_ready(url)
        assert await client.is_model_ready(url, "digits-relu")

        for binary in [True, False]:
            answer = await client.infer(url, request(binary), model_name="digits-relu")
            probabilities = next(
                output.as_numpy() for output in answer.outputs if output.name == "probabilities"
            )
            check_probabilities(probabilities)
            assert answer.id == "held-out"
            right = (probabilities.argmax(axis=1) == LABELS).mean()
            print("raw" if binary else "JSON", answer.id, probabilities.shape, f"{right:.1%} right")

        try:
            await client.infer(url, request(binary=True), model_name="no-such-model")
            raise AssertionError("not refused")
        except httpx.HTTPStatusError as error:
            print(error)
            assert error.response.status_code == 404
    finally:
        await client.close()


asyncio.run(main())
