"""The drill: which alert fires, and after how long, when the requests to a network go wrong.

    drill.py PROGRAMS

Runs a real server with digits-sigmoid and a baseline of its training pictures, Prometheus with the shipped
rules, and Alertmanager with the shipped configuration. Clients send healthy digits, torn digits, digits 16
times too bright, and healthy digits again. The drill asks Alertmanager which alerts fire, and prints a table.

The rules run 60 times as fast: "for: 5m" is 5 s, and a rate over 10 minutes is one over 10 s. Prometheus
scrapes and evaluates once a second.
"""

import json
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

import digits

ROOT = pathlib.Path(__file__).resolve().parents[2]
RULES = ROOT / "deploy/helm/mlpserve/rules"
MODEL = "digits-sigmoid"
WINDOW_ROWS = 1000
HEALTHY_WINDOWS = 12  # windows without an alert, before the traffic goes wrong
SETTLE_SECONDS = 10  # after the expected alerts, for others that may still fire
PATIENCE_SECONDS = 120


class Failure(Exception):
    pass


class Processes:
    """The started processes, each with a log. stop_all ends them."""

    def __init__(self, folder):
        self.folder, self.running = folder, {}

    def start(self, name, command):
        log = open(self.folder / f"{name}.log", "w")
        self.running[name] = subprocess.Popen([str(part) for part in command], stdout=log, stderr=log)

    def logged(self, name, expression):
        """Waits until an expression matches the log of a process, and returns the match."""
        path, end = self.folder / f"{name}.log", time.monotonic() + PATIENCE_SECONDS
        while not (found := re.search(expression, path.read_text())):
            if self.running[name].poll() is not None or time.monotonic() > end:
                raise Failure(f"{name} does not start:\n{path.read_text()[-2000:]}")
            time.sleep(0.1)
        return found

    def stop(self, name, how=signal.SIGTERM):
        process = self.running.pop(name)
        process.send_signal(how)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop_all(self):
        for name in reversed(list(self.running)):
            self.stop(name)


def get(url):
    with urllib.request.urlopen(url, timeout=60) as response:
        return json.load(response)


def faster(rules):
    """The rules with minutes instead of hours and seconds instead of minutes."""
    unit = {"h": "m", "m": "s"}
    return re.sub(
        r"([\[:]|for: |offset )(\d+)([hm])\b", lambda found: found[1] + found[2] + unit[found[3]], rules
    )


def name_of(labels):
    return " ".join([labels["alertname"], *(labels[key] for key in ("layer", "tail", "class") if key in labels)])


class Drill:
    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder
        self.processes = Processes(folder)
        self.phase, self.since = "", 0.0
        self.rows_per_second = 0
        self.fired, self.gone = {}, {}  # by name of alert: the phase, and the seconds since its start
        self.insight = set(re.findall(r"- alert: (\w+)", (RULES / "insight.yaml").read_text()))

    def start(self):
        repository = self.folder / "repository"
        model = repository / MODEL / "1/model.onnx"
        shutil.copytree(ROOT / "deploy/models/repository" / MODEL, repository / MODEL)
        digits.write_traffic(ROOT / "deploy/models", self.folder)
        subprocess.run(
            [self.programs / "mlp-client", "calibrate", model, "--input", ROOT / "deploy/models/training/pixels.npy"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        # fmt: off
        self.processes.start("server", [
            self.programs / "mlp-server", "--model-repository", repository, "--saturation-window", WINDOW_ROWS,
            "--grpc-address", "127.0.0.1:0", "--http-address", "127.0.0.1:0"])
        # fmt: on
        port = {
            kind: self.processes.logged("server", rf"{kind} on 127\.0\.0\.1:0, port (\d+)")[1]
            for kind in ("gRPC", "HTTP")
        }
        self.server = f"127.0.0.1:{port['gRPC']}"

        # fmt: off
        self.processes.start("alertmanager", [
            "prometheus-alertmanager", f"--config.file={ROOT}/deploy/alertmanager/alertmanager.yml",
            "--cluster.listen-address=", f"--storage.path={self.folder}/alertmanager",
            "--web.listen-address=127.0.0.1:0"])
        # fmt: on
        listening = r'"Listening on" address=(127\.0\.0\.1:\d+)'
        self.alertmanager = "http://" + self.processes.logged("alertmanager", listening)[1]

        (self.folder / "rules").mkdir()
        for file in RULES.glob("*.yaml"):
            (self.folder / "rules" / file.name).write_text(faster(file.read_text()))
        target = {"targets": [f"127.0.0.1:{port['HTTP']}"]}
        configuration = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": ["rules/*.yaml"],
            "alerting": {
                "alertmanagers": [{"static_configs": [{"targets": [self.alertmanager.removeprefix("http://")]}]}]
            },
            "scrape_configs": [{"job_name": "mlp-server", "static_configs": [target]}],
        }
        # JSON is YAML.
        (self.folder / "prometheus.json").write_text(json.dumps(configuration))
        # fmt: off
        self.processes.start("prometheus", [
            "prometheus", f"--config.file={self.folder}/prometheus.json", f"--storage.tsdb.path={self.folder}/data",
            "--web.listen-address=127.0.0.1:0"])
        # fmt: on
        self.prometheus = "http://" + self.processes.logged("prometheus", listening)[1]
        self.processes.logged("prometheus", "Server is ready")
        # Prometheus needs a few seconds to scrape its targets. During that time the alert for a
        # missing server fires.
        self.phase, self.since = "start", time.monotonic()
        self.wait("the server is not scraped", lambda firing: self.value("up") == 1 and not firing)
        self.fired, self.gone = {}, {}

    def ask(self, name, pictures):
        """Makes a client send these rows from now on, in 300 requests of 64 rows per second.

        The server watches the inputs of one in 29 batches of 64 rows, so 660 rows per second.
        MlpInputsOutOfRange needs 1,000 rows within its ten seconds, so a machine that answers a sixth of
        the requests is fast enough. Of requests with one row, the server watches one in 39: the machine
        would have to answer 3,900 per second.
        """
        if "clients" in self.processes.running:
            self.processes.stop("clients", signal.SIGINT)
        # fmt: off
        self.processes.start("clients", [
            self.programs / "mlp-client", "bench", MODEL, "--address", self.server, "--duration", 3600,
            "--rate", 300, "--rows", 64, "--input", self.folder / f"{pictures}.npy"])
        # fmt: on
        self.phase, self.since = name, time.monotonic()

    def look(self):
        """Returns the alerts that fire. Records which ones are new and which ones have stopped."""
        alerts = get(f"{self.alertmanager}/api/v2/alerts?active=true&silenced=true&inhibited=true")
        firing = {name_of(alert["labels"]) for alert in alerts}
        now = time.monotonic() - self.since
        for alert in sorted(firing - self.fired.keys()):
            self.fired[alert] = (self.phase, now)
        for alert in firing & self.gone.keys():
            del self.gone[alert]
        for alert in self.fired.keys() - firing - self.gone.keys():
            self.gone[alert] = (self.phase, now)
        return firing

    def of_insight(self, alerts):
        """The alerts about networks. At sixty times the speed, others may fire because this machine is busy."""
        return {alert for alert in alerts if alert.split()[0] in self.insight}

    def wait(self, what, reached):
        end = time.monotonic() + PATIENCE_SECONDS
        while not reached(self.look()):
            if time.monotonic() > end:
                raise Failure(f"{self.phase}: {what} after {PATIENCE_SECONDS} s; firing: {self.look()}")
            time.sleep(0.2)

    def expect(self, *alerts, silent=()):
        self.wait(f"not all of {alerts} fire", lambda firing: firing.issuperset(alerts))
        end = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < end:
            self.look()
            time.sleep(0.2)
        for alert in silent:
            if alert in self.fired:
                raise Failure(f"{self.phase}: {alert} fires")

    def value(self, query):
        """The largest value in Prometheus' answer; 0 if it has none."""
        answer = get(f"{self.prometheus}/api/v1/query?" + urllib.parse.urlencode({"query": query}))
        return max((float(series["value"][1]) for series in answer["data"]["result"]), default=0)

    def run(self):
        self.ask("healthy", "healthy")
        windows = 'changes(mlp_drift_window_end_timestamp_seconds{layer="hidden_1"}[10m])'
        self.wait(f"fewer than {HEALTHY_WINDOWS} windows", lambda _: self.value(windows) >= HEALTHY_WINDOWS)
        self.rows_per_second = self.value("sum(rate(mlp_rows_total[10s]))")
        if early := self.of_insight(self.fired):
            raise Failure(f"these alerts fired while the traffic was healthy: {early}")

        self.ask("torn", "torn")
        self.expect("MlpDrift hidden_1", silent=["MlpDrift inputs", "MlpInputsOutOfRange"])

        self.ask("scale × 16", "scaled")
        self.expect(
            "MlpSaturationChanged hidden_1 lower",
            "MlpSaturationChanged hidden_1 upper",
            "MlpInputsOutOfRange",
            "MlpDrift inputs",
        )

        self.ask("repaired", "healthy")
        self.wait("alerts still fire", lambda firing: not self.of_insight(firing))

    def print_table(self):
        print(f"{'traffic':<12} {'alert':<40} {'fired after':>12}   gone")
        for alert, (phase, seconds) in self.fired.items():
            gone = f"{self.gone[alert][1]:.1f} s after {self.gone[alert][0]}" if alert in self.gone else "-"
            print(f"{phase:<12} {alert:<40} {seconds:10.1f} s   {gone}")
        print(f"At {self.rows_per_second:.0f} rows/s and windows of {WINDOW_ROWS} rows; rules run 60 times as fast.")


def main():
    programs = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        drill = Drill(programs, pathlib.Path(folder))
        try:
            drill.start()
            drill.run()
        except Failure as failure:
            print(f"FAILED: {failure}", file=sys.stderr)
            return 1
        finally:
            drill.print_table()
            drill.processes.stop_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
