#!/usr/bin/env python3
"""Writes the schema of `server.options` in the chart's values.schema.json from the options of mlp-server.

deploy/helm/options_schema.py build/release/bin/mlp-server           writes it
deploy/helm/options_schema.py --check build/release/bin/mlp-server   exits with 1 if anything would change
"""

import difflib
import json
import pathlib
import subprocess
import sys

SCHEMA = pathlib.Path(__file__).parent / "mlpserve" / "values.schema.json"

# Options that `server.options` does not have, and why.
LEFT_OUT = {
    "other values of the chart set them": {
        "model-repository", "grpc-address", "http-address", "rest-address", "model-control",
        "poll-seconds", "drain-seconds", "shutdown-delay-ms", "grace-period-seconds",
        "max-connection-age-seconds", "log-format", "tls-cert", "tls-key", "tls-client-ca",
        "tls-client-auth", "tls-crl", "http-tls", "http-tls-cert", "http-tls-key", "tokens-file",
        "http-needs-observe"},
    "a pod has no such file or socket": {"config", "model", "unix-socket-mode", "admin-socket-mode"},
    "it is for a single run by hand": {"validate"},
    "tokens in plaintext are only for loopback": {"allow-plaintext-tokens"},
    "a call reaches only one of several pods, whose files are read-only": {"allow-rpc-model-files"},
}

# Options for which the chart accepts fewer values than the server.
NARROWER = {
    # No socket, because a pod has no folder for it. No name, because it could be another machine's.
    "admin-address": {
        "type": "string",
        "pattern": r"^(127\.[0-9]+\.[0-9]+\.[0-9]+|localhost|\[::1\]):[1-9][0-9]{0,4}$"},
}


def schema_of(option):
    if option["name"] in NARROWER:
        return NARROWER[option["name"]]
    kind = option["type"]
    if kind == "name":
        return {"enum": option["names"]}
    if kind == "flag":
        return {"type": "boolean"}
    if kind == "number":
        # Helm reads 0.05 as a string in --set, and as a number in a file.
        return {"type": ["number", "string"], "exclusiveMinimum": option["exclusive_minimum"],
                "exclusiveMaximum": option["exclusive_maximum"], "pattern": r"^[0-9]*\.?[0-9]+$"}
    if kind == "integer":
        whole = {"type": "integer", "minimum": option["minimum"], "maximum": option["maximum"]}
        return {"anyOf": [{"const": 0}, whole]} if option["or_zero"] else whole
    return {"type": "string"}  # texts, and lists with commas


def block_of(options, indent):
    """The lines of `server.options`, with one for each option."""
    rows = [f'{indent}    {json.dumps(option["name"])}: {json.dumps(schema_of(option))}'
            for option in options]
    return "\n".join([f'{indent}"options": {{', f'{indent}  "type": "object",',
                      f'{indent}  "additionalProperties": false,', f'{indent}  "properties": {{',
                      ",\n".join(rows), f"{indent}  }}", f"{indent}}}"]).split("\n")


def main(arguments):
    check = arguments[:1] == ["--check"]
    programs = arguments[check:]
    if len(programs) != 1 or programs[0].startswith("-"):
        sys.exit("Usage: deploy/helm/options_schema.py [--check] PROGRAM")
    # Without environment variables, which could change the output.
    listed = subprocess.run([programs[0], "--list-options"], env={}, check=True,
                            stdout=subprocess.PIPE).stdout
    options = json.loads(listed)
    left_out = set().union(*LEFT_OUT.values())
    unknown = left_out - {option["name"] for option in options}
    if unknown:
        sys.exit(f"{sys.argv[0]}: these are not options of the server: {', '.join(sorted(unknown))}")

    old = SCHEMA.read_text().split("\n")
    begin = next(i for i, line in enumerate(old) if line.strip() == '"options": {')
    indent = old[begin][:-len('"options": {')]
    end = next(i for i in range(begin, len(old)) if old[i] == indent + "}")
    block = block_of([o for o in options if o["name"] not in left_out], indent)
    new = old[:begin] + block + old[end + 1:]
    json.loads("\n".join(new))
    if not check:
        SCHEMA.write_text("\n".join(new))
    elif new != old:
        sys.stderr.writelines(f"{line}\n" for line in difflib.unified_diff(
            old, new, str(SCHEMA), "from the options", lineterm=""))
        sys.exit(f"{SCHEMA} does not match the options; run deploy/helm/options_schema.py")


main(sys.argv[1:])
