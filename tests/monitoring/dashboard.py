"""The queries of Grafana's dashboard: checks them against docs/reference/metrics.md, and sends them to a Prometheus.

    dashboard.py check DASHBOARD METRICS_DOCUMENT
    dashboard.py ask DASHBOARD http://127.0.0.1:PORT [QUERY...]

`ask` waits until each query of the dashboard and of the arguments returns a series. If a query returns
nothing while all is well (it ends in "> 0"), `ask` sends only the part before that.
"""

import json
import pathlib
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

PATIENCE_SECONDS = 90
# Stands in for Grafana's variables. Scrapes are one second apart.
VARIABLES = dict.fromkeys(["namespace", "instance", "model", "version", "layer"], ".*") | {"__rate_interval": "5s"}


def unreplaced(dashboard):
    """Titles and expressions of panels and annotations, as written."""
    found = []
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            found.append((panel["title"], target["expr"]))
    for annotation in dashboard["annotations"]["list"]:
        found.append((f"annotation {annotation['name']}", annotation["expr"]))
    return found


def queries(dashboard):
    """Titles and expressions, including those of variables, with Grafana's variables replaced."""
    found = unreplaced(dashboard)
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            inner = re.fullmatch(r"label_values\((.*), \w+\)", variable["query"]["query"])
            found.append((f"variable {variable['name']}", inner[1]))
    return [(title, replaced(expression)) for title, expression in found]


def replaced(expression):
    return re.sub(r"\$(\w+)", lambda name: VARIABLES[name[1]], expression)


def metrics_of(expression):
    named = "|".join(re.findall(r'__name__=~"([^"]*)"', expression))
    expression = re.sub(r'"[^"]*"', "", expression)
    return set(re.findall(r"\b(?:mlp|process)_\w+|\bup\b|\bALERTS\b", f"{named} {expression}"))


def check(dashboard, document):
    known = set(re.findall(r"^\| `(\w+)`", document, re.MULTILINE)) | {"up", "ALERTS"}
    errors = []
    for title, expression in queries(dashboard):
        metrics = metrics_of(expression)
        if not metrics:
            errors.append(f"{title}: no metric in {expression}")
        for metric in metrics:
            if metric not in known and re.sub("_(bucket|sum|count)$", "", metric) not in known:
                errors.append(f"{title}: {metric} is not in docs/reference/metrics.md")
    for title, expression in unreplaced(dashboard):
        if "$namespace" not in expression:
            errors.append(f"{title}: it does not use the variable namespace")
    # On import, Grafana asks the user for everything in `__inputs`; a sidecar cannot answer.
    if "__inputs" in dashboard or dashboard["schemaVersion"] < 36:
        errors.append("the dashboard has __inputs, or a schema older than 36")
    for unused in VARIABLES.keys() - set(re.findall(r"\$(\w+)", json.dumps(dashboard["panels"]))):
        errors.append(f"no panel uses the variable {unused}")
    ids = [panel["id"] for panel in dashboard["panels"]]
    if len(ids) != len(set(ids)):
        errors.append("two panels have the same id")
    for panel in dashboard["panels"]:
        if panel["type"] != "row" and panel["datasource"]["uid"] != "${datasource}":
            errors.append(f"{panel['title']}: its data source is not the dashboard's variable")
        if panel["type"] not in ("row", "stat", "timeseries", "heatmap"):
            errors.append(f"{panel['title']}: current Grafana has no panel of type {panel['type']}")
    return errors


def answer(address, expression):
    """The number of series, or Prometheus' message if it refuses the query."""
    url = f"{address}/api/v1/query?" + urllib.parse.urlencode({"query": expression})
    try:
        with urllib.request.urlopen(url, timeout=60) as response:
            return len(json.load(response)["data"]["result"])
    except urllib.error.HTTPError as error:
        return json.load(error)["error"]


def ask(dashboard, address, more):
    # Queries for alerts are left out: no alert needs to fire during this check.
    waiting = [(t, re.sub(r" > 0$", "", e)) for t, e in queries(dashboard) if "ALERTS" not in metrics_of(e)]
    waiting += [("argument", expression) for expression in more]
    asked = len(waiting)
    end = time.monotonic() + PATIENCE_SECONDS
    while waiting and time.monotonic() < end:
        left = []
        for title, expression in waiting:
            result = answer(address, expression)
            if isinstance(result, str):
                return [f"{title}: {expression}: {result}"]
            if result == 0:
                left.append((title, expression))
        waiting = left
        if waiting:
            time.sleep(0.5)
    print(f"{asked - len(waiting)} of {asked} queries have an answer")
    return [f"{title}: no series for {expression}" for title, expression in waiting]


def main():
    command, file, *arguments = sys.argv[1:]
    dashboard = json.loads(pathlib.Path(file).read_text())
    if command == "check":
        errors = check(dashboard, pathlib.Path(arguments[0]).read_text())
    else:
        errors = ask(dashboard, arguments[0], arguments[1:])
    for error in errors:
        print(error, file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
