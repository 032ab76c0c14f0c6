"""Sends requests over a stream with tritonclient.grpc. Usage: tritonclient_stream.py HOST:PORT"""

import sys
from queue import Queue

from tritonclient.grpc import InferenceServerClient, InferInput

from held_out import PIXELS, check_probabilities

REQUESTS = 100
WRONG = 40  # this request asks for a version that does not exist

answers = Queue()
client = InferenceServerClient(sys.argv[1])
client.start_stream(callback=lambda result, error: answers.put((result, error)))
for row in range(REQUESTS):
    pixels = InferInput("pixels", [1, 64], "FP32")
    pixels.set_data_from_numpy(PIXELS[row : row + 1])
    version = "7" if row == WRONG else ""
    client.async_stream_infer("digits-relu", [pixels], model_version=version, request_id=str(row))

# The answers arrive in the order of the requests.
answered = 0
for row in range(REQUESTS):
    result, error = answers.get(timeout=60)
    if row == WRONG:
        print("request", row, "of the stream:", error)
        assert result is None and "version '7'" in error.message()
        continue
    assert error is None, error
    assert result.get_response().id == str(row)
    check_probabilities(result.as_numpy("probabilities"), first=row)
    answered += 1
client.stop_stream()
assert answers.empty()
print(answered, "answers, in order")
