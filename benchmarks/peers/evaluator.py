"""Compares the evaluator with onnxruntime, each on one thread, without a server.

Usage: evaluator.py REPOSITORY PROGRAM_FOLDER

onnxruntime runs in this process with its inputs and outputs bound to buffers, so a call copies
nothing. Its times include Python's overhead of about a microsecond per call. The times of both sides
are CPU times of their thread. The sides alternate in each case.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy
import onnxruntime
from networks import WIDTHS

ROUNDS = int(os.environ.get("ROUNDS", "5"))
ROWS = (1, 4, 16, 64, 256)
SECONDS = 0.1

repository, programs = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])


def ours(widths, rows):
    """Seconds of thread CPU time for one batch."""
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        options = ["--networks", "-".join(map(str, widths)), "--activations", "tanh"]
        options += ["--rows", str(rows), "--rounds", "3", "--json", report.name]
        command = [programs / "evaluator_benchmark", *options]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return json.load(report)["cases"][0]["seconds"]


class Session:
    def __init__(self, file):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(
            file, options, providers=["CPUExecutionProvider"]
        )

    def seconds(self, widths, rows):
        """Seconds of thread CPU time for one batch."""
        x = numpy.random.default_rng(1).standard_normal((rows, widths[0]), numpy.float32)
        y = numpy.empty((rows, widths[-1]), numpy.float32)
        binding = self.session.io_binding()
        binding.bind_cpu_input("x", x)
        binding.bind_output("y", "cpu", 0, numpy.float32, y.shape, y.ctypes.data)
        run = self.session.run_with_iobinding
        run(binding)
        calls, start, end = 0, time.thread_time(), 0.0
        while end - start < SECONDS:
            for _ in range(20):
                run(binding)
            calls += 20
            end = time.thread_time()
        return (end - start) / calls


def main():
    print("| network | rows | mlpserve, µs | onnxruntime, µs | times as fast |")
    print("|---|---:|---:|---:|---:|")
    for name, widths in WIDTHS.items():
        session = Session(repository / name / "1" / "model.onnx")
        for rows in ROWS:
            times = [(ours(widths, rows), session.seconds(widths, rows)) for _ in range(ROUNDS)]
            our, theirs = (statistics.median(side) * 1e6 for side in zip(*times))
            ratio = statistics.median(theirs / our for our, theirs in times)
            network = "-".join(map(str, widths))
            print(f"| {network} | {rows} | {our:.1f} | {theirs:.1f} | {ratio:.2f} |", flush=True)


main()
