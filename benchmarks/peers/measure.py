"""Measures each server and prints the medians. Usage: measure.py WORK_FOLDER PROGRAM_FOLDER

All servers run at the same time and are measured in turn, so that other load on the machine affects all
of them equally.
"""

import json
import os
import pathlib
import signal
import statistics
import subprocess
import sys
import time

from networks import WIDTHS

ROUNDS = int(os.environ.get("ROUNDS", "5"))
SECONDS = float(os.environ.get("SECONDS_OF_A_LOAD", "3"))
IN_FLIGHT = (1, 64)
START_SECONDS = 120

work, programs = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
here = pathlib.Path(__file__).resolve().parent
repository = work / "repository"


def write_mlserver_models():
    folder = work / "mlserver-models"
    for name, widths in WIDTHS.items():
        settings = {
            "name": name,
            "implementation": "mlserver_runtime.OnnxModel",
            "parameters": {"uri": str(repository / name / "1" / "model.onnx"), "version": "1"},
            "inputs": [{"name": "x", "datatype": "FP32", "shape": [-1, widths[0]]}],
            "outputs": [{"name": "y", "datatype": "FP32", "shape": [-1, widths[-1]]}],
        }
        (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / name / "model-settings.json").write_text(json.dumps(settings))
    return folder


def sides():
    """Name, command and gRPC port of each server. The ports are below the kernel's ephemeral range."""
    models = write_mlserver_models()
    settings = {"host": "127.0.0.1", "http_port": 23011, "grpc_port": 23012, "metrics_port": 23013}
    (models / "settings.json").write_text(json.dumps(settings))
    server = [programs / "mlp-server", "--model-repository", repository]
    server += ["--grpc-address", "127.0.0.1:23001", "--http-address", "127.0.0.1:23002"]
    aio = [work / "grpc_aio/bin/python", here / "grpc_aio_server.py", "23021", repository]
    return [
        ("mlpserve", server, 23001),
        ("grpc.aio, onnxruntime", aio, 23021),
        ("MLServer, onnxruntime", [work / "mlserver/bin/mlserver", "start", models], 23012),
    ]


def client(port, *arguments):
    command = [programs / "mlp-client", "--address", f"127.0.0.1:{port}", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def bench(port, model, in_flight, report):
    # Without warm-up, so that all CPU time belongs to the measured requests.
    options = ("--concurrency", in_flight, "--duration", SECONDS, "--warmup", 0, "--json", report)
    done = client(port, "bench", model, *options)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    (case,) = json.loads(report.read_text())["cases"]
    if case["errors"]:
        raise RuntimeError(f"port {port}: {case['first_error']}")
    return case


def processes_of(group):
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            yield entry, fields


def cpu_seconds(group):
    ticks = sum(int(fields[11]) + int(fields[12]) for _, fields in processes_of(group))
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_mebibytes(group):
    """The group's memory. Pages that processes share count in part for each (Pss)."""
    total = 0
    for entry, _ in processes_of(group):
        for line in (entry / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return total / 1024


class Side:
    def __init__(self, name, command, port):
        self.name, self.port = name, port
        self.figures = {}
        begin = time.monotonic()
        with open(work / f"{name.split(',')[0]}.log", "w") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command], stdout=log, stderr=log, start_new_session=True
            )
        while client(port, "bench", "small", "--requests", 1, "--warmup", 0).returncode != 0:
            if time.monotonic() - begin > START_SECONDS or self.process.poll() is not None:
                raise RuntimeError(f"{name} does not answer; its log is in {work}")
            time.sleep(0.02)
        self.start_seconds = time.monotonic() - begin
        self.resident = resident_mebibytes(self.process.pid)

    def measure(self, model, in_flight, counts):
        before = cpu_seconds(self.process.pid)
        case = bench(self.port, model, in_flight, work / "report.json")
        cpu = cpu_seconds(self.process.pid) - before
        if not counts:
            return
        latency = case["latency_microseconds"]
        self.figures.setdefault((model, in_flight), []).append(
            (case["requests_per_second"], latency["p50"], latency["p99"], 1e6 * cpu / case["sent"])
        )

    def medians(self, case):
        return [statistics.median(column) for column in zip(*self.figures[case])]

    def stop(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)


def print_table(all_sides):
    model_name = "unknown CPU"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model_name = line.split(":", 1)[1].strip()
    print(f"{model_name}, {os.cpu_count()} CPUs, medians of {ROUNDS} rounds of {SECONDS:g} s\n")
    print("| network | in flight | server | requests/s | p50, µs | p99, µs | CPU per request, µs |")
    print("|---|--:|---|--:|--:|--:|--:|")
    for model, widths in WIDTHS.items():
        network = "-".join(str(width) for width in widths)
        for in_flight in IN_FLIGHT:
            for side in all_sides:
                rate, p50, p99, cpu = side.medians((model, in_flight))
                print(
                    f"| {network} | {in_flight} | {side.name} | {rate:,.0f} | {p50:,.0f} "
                    f"| {p99:,.0f} | {cpu:,.0f} |"
                )
    print("\n| server | start, s | resident, MiB |\n|---|--:|--:|")
    for side in all_sides:
        print(f"| {side.name} | {side.start_seconds:.2f} | {side.resident:.0f} |")


def main():
    started = []
    try:
        for side in sides():
            started.append(Side(*side))
        for number in range(ROUNDS + 1):  # the first round warms up
            for model in WIDTHS:
                for in_flight in IN_FLIGHT:
                    for side in started:
                        side.measure(model, in_flight, number > 0)
        print_table(started)
    finally:
        for side in started:
            side.stop()


main()
