"""Sends requests with tritonclient.http. Usage: tritonclient_http.py HOST:PORT"""

import sys

import numpy
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput

from held_out import LABELS, PIXELS, check_probabilities
from refusal import refusal


def rows(pixels=PIXELS, binary=True):
    tensor = InferInput("pixels", pixels.shape, "FP32")
    tensor.set_data_from_numpy(pixels, binary_data=binary)
    return [tensor]


def counts(model):
    statistics = client.get_inference_statistics(model)["model_stats"][0]
    requests = statistics["inference_stats"]
    return numpy.array(
        [
            statistics["inference_count"],
            requests["success"]["count"],
            requests["fail"]["count"],
        ]
    )


client = InferenceServerClient(sys.argv[1], concurrency=4)
assert client.is_server_live() and client.is_server_ready()
assert client.is_model_ready("digits-relu") and client.is_model_ready("digits-relu", "1")
assert not client.is_model_ready("no-such-model")

server = client.get_server_metadata()
print(server["name"], server["version"], *server["extensions"])
metadata = client.get_model_metadata("digits-relu")
for tensor in [*metadata["inputs"], *metadata["outputs"]]:
    print(tensor["name"], tensor["datatype"], tensor["shape"])
config = client.get_model_config("digits-relu")
print(config["name"], config["platform"], "at most", config["max_batch_size"], "rows")
assert config["input"][0]["dims"] == [64]
index = client.get_model_repository_index()
print("index:", *(f"{model['name']}/{model['version']} {model['state']}" for model in index))
assert all(model["state"] == "READY" for model in index)

counted = {model: counts(model) for model in ["digits-relu", "digits-levels"]}

# Values in binary and in JSON, both ways: the answers must agree to the last bit.
first = None
for binary_input in [True, False]:
    for binary_output in [True, False]:
        wanted = [InferRequestedOutput("probabilities", binary_data=binary_output)]
        answer = client.infer(
            "digits-relu",
            rows(binary=binary_input),
            outputs=wanted,
            request_id="held-out",
            priority=1,
            timeout=10_000_000,
        )
        assert answer.get_response()["id"] == "held-out"
        probabilities = answer.as_numpy("probabilities")
        check_probabilities(probabilities)
        first = probabilities if first is None else first
        numpy.testing.assert_array_equal(probabilities, first)
right = (first.argmax(axis=1) == LABELS).mean()
print(first.shape, first.argmax(axis=1)[:8], f"{right:.1%} right")

# All outputs, several requests at a time.
pending = [client.async_infer("digits-relu", rows(PIXELS[i : i + 1])) for i in range(40)]
for i, request in enumerate(pending):
    answer = request.get_result()
    check_probabilities(answer.as_numpy("probabilities"), first=i)
    assert answer.as_numpy("logits").shape == (1, 10)

# Classification with and without labels, in both forms.
for model in ["digits-relu", "digits-levels"]:
    for binary in [True, False]:
        best = [InferRequestedOutput("probabilities", binary_data=binary, class_count=2)]
        classes = client.infer(model, rows(), outputs=best).as_numpy("probabilities")
        print(model, classes.shape, classes[0])
        for row, (greatest, *_) in enumerate(classes):
            text = greatest.decode() if isinstance(greatest, bytes) else greatest
            value, digit, *label = text.split(":")
            assert int(digit) == first[row].argmax()
            assert numpy.isclose(float(value), first[row].max(), rtol=1e-5)
            assert label == ([f"digit {digit}"] if model == "digits-levels" else [])

# This model lets requests wait for others, for longer than the client allows.
error = refusal(client.infer, "digits-levels", rows(PIXELS[:1]), timeout=1)
print("timeout=1:", error)
assert error.status() == "504"
error = refusal(client.infer, "digits-relu", rows(), model_version="7")
print("model_version=7:", error)
assert error.status() == "404"
error = refusal(client.infer, "digits-relu", rows(PIXELS[:, :63].copy()))
print("63 values:", error)
assert error.status() == "400"
error = refusal(client.load_model, "no-such-model")
print("load:", error)
assert error.status() == "404"
error = refusal(client.infer, "digits-relu", rows(), request_compression_algorithm="gzip")
print("gzip:", error)
assert error.status() == "415"
# The client accepts compressed answers, but gets them uncompressed.
answer = client.infer("digits-relu", rows(), response_compression_algorithm="gzip")
check_probabilities(answer.as_numpy("probabilities"))

# The log's settings. This server lets clients change them.
settings = client.get_log_settings()
print("log:", settings)
assert settings["log_format"] == "text" and settings["log_verbose_level"] == 0
changed = client.update_log_settings({"log_verbose_level": 2, "log_warning": False})
assert changed == {**settings, "log_verbose_level": 2, "log_warning": False}, changed
assert client.update_log_settings({"log_verbose_level": 0, "log_warning": True}) == settings
error = refusal(client.update_log_settings, {"log_format": "xml"})
print("log_format:", error)
assert error.status() == "400"

# What the request's own rows do inside the network.
answer = client.infer("digits-relu", rows(), parameters={"insight": True}).get_response()
print("insight:", answer["parameters"])
assert 0 < answer["parameters"]["insight_hidden_1_lower"] < 1
assert answer["parameters"]["insight_missing"] == 0

# The server counted as many requests as were answered above. Of the refused ones, it counts those
# with an existing version and call.
for model, answered, answered_rows, refused in [
    ("digits-relu", 4 + 40 + 2 + 1 + 1, 8 * len(PIXELS) + 40, 2),
    ("digits-levels", 2, 2 * len(PIXELS), 1),
]:
    row_count, successes, failures = counts(model) - counted[model]
    print(model, row_count, "rows,", successes, "requests,", failures, "refused")
    assert row_count == answered_rows
    assert (successes, failures) == (answered, refused)
