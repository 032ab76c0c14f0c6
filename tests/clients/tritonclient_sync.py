"""Sends requests with tritonclient.grpc. Usage: tritonclient_sync.py HOST:PORT"""

import sys
from queue import Queue

import numpy
from tritonclient.grpc import InferenceServerClient, InferInput, InferRequestedOutput

import people
from held_out import LABELS, PIXELS, check_probabilities
from refusal import refusal


def rows(pixels=PIXELS):
    tensor = InferInput("pixels", pixels.shape, "FP32")
    tensor.set_data_from_numpy(pixels)
    return [tensor]


def counts(model):
    statistics = client.get_inference_statistics(model).model_stats[0]
    return numpy.array(
        [
            statistics.inference_count,
            statistics.inference_stats.success.count,
            statistics.inference_stats.fail.count,
        ]
    )


client = InferenceServerClient(sys.argv[1])
assert client.is_server_live() and client.is_server_ready()
assert client.is_model_ready("digits-relu")

server = client.get_server_metadata()
print(server.name, server.version, *server.extensions)
metadata = client.get_model_metadata("digits-relu")
for tensor in [*metadata.inputs, *metadata.outputs]:
    print(tensor.name, tensor.datatype, list(tensor.shape))

config = client.get_model_config("digits-relu").config
print(config.name, config.platform, "at most", config.max_batch_size, "rows")
assert list(config.input[0].dims) == [64]
index = client.get_model_repository_index()
print("index:", *(f"{model.name}/{model.version} {model.state}" for model in index.models))
assert all(model.state == "READY" for model in index.models)

counted = {model: counts(model) for model in ["digits-relu", "digits-levels"]}

# Inference: directly, and with a callback.
answer = client.infer("digits-relu", rows(), request_id="held-out", priority=1, timeout=10_000_000)
assert answer.get_response().id == "held-out"
probabilities = answer.as_numpy("probabilities")
check_probabilities(probabilities)
right = (probabilities.argmax(axis=1) == LABELS).mean()
print(probabilities.shape, probabilities.argmax(axis=1)[:8], f"{right:.1%} right")

answers = Queue()
client.async_infer("digits-relu", rows(), lambda result, error: answers.put((result, error)))
result, error = answers.get(timeout=60)
assert error is None, error
check_probabilities(result.as_numpy("probabilities"))

# Classification with and without labels.
for model in ["digits-relu", "digits-levels"]:
    best = [InferRequestedOutput("probabilities", class_count=2)]
    classes = client.infer(model, rows(), outputs=best).as_numpy("probabilities")
    print(model, classes.shape, classes[0])
    for row, (first, *_) in enumerate(classes):
        value, digit, *label = first.decode().split(":")
        assert int(digit) == probabilities[row].argmax()
        assert numpy.isclose(float(value), probabilities[row].max(), rtol=1e-5)
        assert label == ([f"digit {digit}"] if model == "digits-levels" else [])

# Priority levels and timeouts. This model's queueing delay is longer than the timeout of the last
# request.
for priority in [0, 1, 2]:
    check_probabilities(
        client.infer("digits-levels", rows(), priority=priority).as_numpy("probabilities")
    )
error = refusal(client.infer, "digits-levels", rows(PIXELS[:1]), timeout=1)
print("timeout=1:", error)
assert error.status() == "StatusCode.DEADLINE_EXCEEDED"

error = refusal(client.infer, "digits-relu", rows(), model_version="7")
print("model_version=7:", error)
assert error.status() == "StatusCode.NOT_FOUND"

# Strings and integers of a scikit-learn pipeline.
datatypes = {tensor.name: tensor.datatype for tensor in client.get_model_metadata("people").inputs}
assert datatypes == people.DATATYPES, datatypes
answer = client.infer(people.MODEL, people.tensors(InferInput))
people.check(answer.as_numpy("label"), answer.as_numpy("probabilities"))
error = refusal(client.infer, people.MODEL, people.tensors(InferInput, people.UNKNOWN))
print("unknown:", error)
assert error.status() == "StatusCode.INVALID_ARGUMENT" and people.REFUSAL in error.message()

# The log's settings. This server lets clients change them.
settings = client.get_log_settings(as_json=True)["settings"]
print("log:", settings)
assert settings["log_format"]["string_param"] == "text"
changed = client.update_log_settings({"log_verbose_level": 1, "log_info": False}, as_json=True)
assert changed["settings"]["log_verbose_level"]["uint32_param"] == 1, changed
assert not changed["settings"]["log_info"].get("bool_param", False), changed
client.update_log_settings({"log_verbose_level": 0, "log_info": True})
error = refusal(client.update_log_settings, {"log_file": "/tmp/log"})
print("log_file:", error)
assert error.status() == "StatusCode.INVALID_ARGUMENT"

# What the request's own rows do inside the network.
parameters = client.infer(
    "digits-relu", rows(), parameters={"insight": True}
).get_response().parameters
print("insight:", *(f"{name}={parameters[name].double_param:.3f}" for name in sorted(parameters)))
assert 0 < parameters["insight_hidden_1_lower"].double_param < 1
assert parameters["insight_missing"].int64_param == 0

# The server must have counted the requests above. A refused request for a missing version has no
# counts.
for model, answered, refused in [("digits-relu", 4, 0), ("digits-levels", 4, 1)]:
    rows_answered, successes, failures = counts(model) - counted[model]
    print(model, rows_answered, "rows,", successes, "requests,", failures, "refused")
    assert rows_answered == answered * len(PIXELS)
    assert (successes, failures) == (answered, refused)
