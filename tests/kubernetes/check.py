"""Checks rendered manifests: each object strictly by its schema, and the objects against one another.

    check.py [--version KUBERNETES] [--definitions FOLDER]... [--kinds "KIND KIND"] FILE...

The schemas of Kubernetes' own kinds come with kubernetes-validate; all others come from the
CustomResourceDefinitions in the folders. An object without a schema is an error, unless
--without-schema names its API group. Needs the library folder of kubernetes-validate on PYTHONPATH.
"""

import argparse
import pathlib
import sys

import jsonschema
import kubernetes_validate
import yaml


class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Reads "=" as text: in YAML 1.1 it has a separate type, which PyYAML cannot construct."""


Loader.add_constructor("tag:yaml.org,2002:value", lambda loader, node: loader.construct_scalar(node))


def documents(file):
    return [document for document in yaml.load_all(pathlib.Path(file).read_text(), Loader) if document is not None]


def strict(schema):
    """Makes a schema refuse fields that it does not define, like the API server's strict validation."""
    if isinstance(schema, dict):
        if (
            "properties" in schema
            and "additionalProperties" not in schema
            and not schema.get("x-kubernetes-preserve-unknown-fields")
        ):
            schema["additionalProperties"] = False
        # Go's regular expressions allow flags after ^, Python's only before it.
        if isinstance(schema.get("pattern"), str) and schema["pattern"].startswith("^(?i)"):
            schema["pattern"] = "(?i)^" + schema["pattern"].removeprefix("^(?i)")
        for value in schema.values():
            strict(value)
    elif isinstance(schema, list):
        for value in schema:
            strict(value)


def schemas_of_definitions(folders, kinds):
    """Schemas by API version and kind. Files are called GROUP_PLURAL.yaml; only those of `kinds` are read."""
    schemas = {}
    for folder in folders:
        for file in sorted(pathlib.Path(folder).glob("*.yaml")):
            if not any(file.stem.endswith(f"_{kind.lower()}s") for kind in kinds):
                continue
            for definition in documents(file):
                spec = definition["spec"]
                for version in spec["versions"]:
                    schema = version["schema"]["openAPIV3Schema"]
                    strict(schema)
                    schema["properties"]["metadata"] = {"type": "object"}
                    api_version = f"{spec['group']}/{version['name']}"
                    schemas[api_version, spec["names"]["kind"]] = schema
    return schemas


class Manifests:
    """The objects of one rendering, and the errors found in them."""

    def __init__(self, objects):
        self.objects = objects
        self.errors = []

    def of_kind(self, *kinds):
        return [o for o in self.objects if o["kind"] in kinds]

    def expect(self, right, of, what):
        if not right:
            self.errors.append(f"{of['kind']} {of['metadata']['name']}: {what}")


def check_schemas(manifests, version, definitions, without_schema):
    schemas = schemas_of_definitions(definitions, {o["kind"] for o in manifests.objects})
    for o in manifests.objects:
        own = schemas.get((o["apiVersion"], o["kind"]))
        group = o["apiVersion"].rpartition("/")[0]
        try:
            if own is not None:
                jsonschema.validate(o, own)
            elif group in without_schema:
                print(f"{o['kind']}: checked without a schema", file=sys.stderr)
            else:
                kubernetes_validate.validate(o, version, strict=True)
        except (jsonschema.ValidationError, kubernetes_validate.ValidationError) as error:
            where = "/".join(str(part) for part in error.path)
            manifests.expect(False, o, f"{where}: {error.message}")
        except kubernetes_validate.SchemaNotFoundError:
            manifests.expect(False, o, f"no schema for {o['apiVersion']} exists")


def environment(container):
    return {entry["name"]: entry["value"] for entry in container["env"]}


def check_restricted(manifests, of, pod, containers):
    """Checks for the Pod Security Standard "restricted" and a read-only root file system."""
    for container in containers:
        security = {**pod.get("securityContext", {}), **container.get("securityContext", {})}
        name = container["name"]
        for field, expected in {
            "runAsNonRoot": True,
            "seccompProfile": {"type": "RuntimeDefault"},
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }.items():
            manifests.expect(
                security.get(field) == expected, of, f"{name}: {field} is {security.get(field)}; expected {expected}"
            )
        manifests.expect(security.get("runAsUser") == 65532, of, f"{name}: runAsUser is not the image's user, 65532")
        for amounts in ("requests", "limits"):
            for resource in ("cpu", "memory"):
                manifests.expect(
                    resource in container.get("resources", {}).get(amounts, {}), of, f"{name}: no {resource} in {amounts}"
                )


def http_scheme(variables):
    return "https" if variables.get("MLP_HTTP_TLS") == "true" else "http"


def check_scraping(manifests, of, variables):
    """Checks that Prometheus uses the scheme of the HTTP port, and can verify the server."""
    scheme = http_scheme(variables)
    annotations = of["spec"]["template"]["metadata"].get("annotations", {})
    if "prometheus.io/scrape" in annotations:
        asked = annotations.get("prometheus.io/scheme", "http")
        manifests.expect(asked == scheme, of, f"the annotations say {asked}, but the port speaks {scheme}")
    for monitor in manifests.of_kind("PodMonitor", "ServiceMonitor"):
        spec = monitor["spec"]
        for endpoint in spec.get("podMetricsEndpoints", []) + spec.get("endpoints", []):
            asked = endpoint.get("scheme", "http")
            manifests.expect(asked == scheme, monitor, f"it scrapes by {asked}, but the port speaks {scheme}")
            knows = "tlsConfig" in endpoint and not endpoint["tlsConfig"].get("insecureSkipVerify")
            manifests.expect(knows == (scheme == "https"), monitor, f"its tlsConfig does not suit {scheme}")
    for service in manifests.of_kind("Service"):
        for port in service["spec"]["ports"]:
            told = port["appProtocol"]
            manifests.expect(port["name"] == "grpc" or told == scheme, service, f"{port['name']} is {told}, not {scheme}")


def check_server(manifests, of, container):
    resources = container["resources"]
    manifests.expect(resources["requests"] == resources["limits"], of, "requests differ from limits")
    manifests.expect(str(resources["limits"]["cpu"]).isdigit(), of, "the limit of CPUs is not a whole number")
    variables = environment(container)
    scheme = http_scheme(variables)
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = container[probe].get("httpGet")
        spoken = (asked or {}).get("scheme", "HTTP").lower()
        manifests.expect(asked is None or spoken == scheme, of, f"{probe} speaks {spoken}, but the port {scheme}")
    for port, variable in (("grpc", "MLP_GRPC_ADDRESS"), ("http", "MLP_HTTP_ADDRESS")):
        number = int(variables[variable].rpartition(":")[2])
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            handler = container[probe].get("grpc" if port == "grpc" else "httpGet")
            manifests.expect(handler is None or handler["port"] == number, of, f"{probe} does not use port {number}")
            plaintext = handler is not None and port == "grpc"
            manifests.expect(not (plaintext and "MLP_TLS_CERT" in variables), of, f"{probe} does not speak TLS")
        for entry in container["ports"]:
            is_it = entry["name"] == port or (port == "grpc" and entry["name"] == "h2c")
            manifests.expect(not is_it or entry["containerPort"] == number, of, f"port {entry['name']} is not {number}")


def check_pod_spec(manifests, of, pod):
    manifests.expect(pod.get("automountServiceAccountToken") is False, of, "a token is mounted")
    # A Service whose name begins with mlp would set variables that begin with MLP_, like the server's options.
    manifests.expect(pod.get("enableServiceLinks") is False, of, "variables of Services are set")
    containers = pod.get("initContainers", []) + pod["containers"]
    check_restricted(manifests, of, pod, containers)
    volumes = {volume["name"] for volume in pod.get("volumes", [])}
    used = {mount["name"] for container in containers for mount in container.get("volumeMounts", [])}
    manifests.expect(volumes == used, of, f"the volumes are {volumes}, but {used} are mounted")
    check_secrets(manifests, of, pod)


def check_secrets(manifests, of, pod):
    """Checks keys and tokens: readable only by root and the pod's group, in volumes that follow their Secrets."""
    secrets = {volume["name"]: volume["secret"] for volume in pod.get("volumes", []) if "secret" in volume}
    group = pod["securityContext"].get("fsGroup")
    manifests.expect(group == (65532 if secrets else None), of, f"its fsGroup is {group}")
    for name, secret in secrets.items():
        mode = secret.get("defaultMode", 0o644)
        manifests.expect(mode == 0o440, of, f"the files of {name} have the mode {mode:o}; expected 440")
        modes = [item for item in secret["items"] if "mode" in item]
        manifests.expect(not modes, of, f"files of {name} have modes of their own: {modes}")
        # Without its tokens, a pod would be open to all.
        manifests.expect(not secret.get("optional"), of, f"it would start without the Secret of {name}")
    for container in pod.get("initContainers", []) + pod["containers"]:
        files = set()
        for mount in container.get("volumeMounts", []):
            if mount["name"] in secrets:
                whole = "subPath" not in mount and "subPathExpr" not in mount
                manifests.expect(whole, of, f"{mount['name']} would not follow its Secret")
                manifests.expect(mount.get("readOnly"), of, f"{mount['name']} can be written")
                files |= {f"{mount['mountPath']}/{item['path']}" for item in secrets[mount["name"]]["items"]}
        # Other processes and error reports can read the environment.
        referring = [entry["name"] for entry in container.get("env", []) if "secretKeyRef" in entry.get("valueFrom", {})]
        manifests.expect(not referring, of, f"{container['name']} has Secrets in its environment: {referring}")
        options = [entry["value"] for entry in container.get("env", []) if "value" in entry]
        options += [option.rpartition("=")[2] for option in container.get("command", [])]
        named = {option for option in options if option.startswith("/secrets/")}
        manifests.expect(named == files, of, f"options of {container['name']} name {named}, but it has {files}")


def check_certificate(manifests, of):
    """Checks that a server's certificate has the names of its Services, and gets a new key at each renewal."""
    spec = of["spec"]
    key = spec["privateKey"]["rotationPolicy"]
    manifests.expect(key == "Always", of, f"its key has the rotationPolicy {key}")
    manifests.expect(not spec.get("isCA"), of, "it is a certificate authority")
    usages = spec["usages"]
    manifests.expect(usages == ["digital signature", "server auth"], of, f"its usages are {usages}")
    for service in manifests.of_kind("Service"):
        name = f"{service['metadata']['name']}.{service['metadata']['namespace']}.svc"
        asked = any(port["name"] == "grpc" for port in service["spec"]["ports"])
        manifests.expect(not asked or name in spec["dnsNames"], of, f"its dnsNames lack {name}")
    for deployment in manifests.of_kind("Deployment"):
        volumes = deployment["spec"]["template"]["spec"]["volumes"]
        mounted = [v["secret"]["secretName"] for v in volumes if v["name"] == "tls"]
        manifests.expect(mounted == [spec["secretName"]], of, f"the pods mount {mounted}")


def check_policy(manifests, of):
    # A policy with both directions has let traffic pass.
    manifests.expect(len(of["spec"]["policyTypes"]) == 1, of, "it has both directions")
    # A rule without peers admits everybody; a rule without ports opens every port.
    for rule in of["spec"].get("ingress", []):
        peers, ports = rule.get("from"), rule.get("ports")
        manifests.expect(peers and all(peers), of, f"a rule lets in the peers {peers}")
        named = ports and all(port.get("port") for port in ports)
        manifests.expect(named, of, f"a rule opens the ports {ports}")


def selects(selector, labels):
    return all(labels.get(key) == value for key, value in selector.items())


def check_deployment(manifests, of):
    pod = of["spec"]["template"]["spec"]
    check_pod_spec(manifests, of, pod)
    server = pod["containers"][0]
    check_server(manifests, of, server)

    variables = environment(server)
    check_scraping(manifests, of, variables)
    takes = int(variables["MLP_SHUTDOWN_DELAY_MS"]) / 1000 + int(variables["MLP_DRAIN_SECONDS"])
    grace = pod["terminationGracePeriodSeconds"]
    manifests.expect(grace >= takes + 1, of, f"the kubelet kills it after {grace} s, but its stop may take {takes} s")
    hung = server["livenessProbe"].get("terminationGracePeriodSeconds", grace)
    manifests.expect(hung < grace, of, f"a hung server is killed after {hung} s; expected less than {grace} s")
    # An old pod ends only once a new one serves.
    update = of["spec"]["strategy"]["rollingUpdate"]
    manifests.expect(update == {"maxUnavailable": 0, "maxSurge": 1}, of, f"updates are {update}")

    name = of["metadata"]["name"]
    scaled = [h["spec"]["scaleTargetRef"]["name"] for h in manifests.of_kind("HorizontalPodAutoscaler")]
    manifests.expect(scaled in ([], [name]), of, f"the autoscaler scales {scaled}")
    manifests.expect(("replicas" in of["spec"]) == (not scaled), of, "replicas and an autoscaler are set, or neither")

    account = pod["serviceAccountName"]
    accounts = [a["metadata"]["name"] for a in manifests.of_kind("ServiceAccount")]
    manifests.expect(account == "default" or account in accounts, of, f"the ServiceAccount {account} does not exist")

    labels = of["spec"]["template"]["metadata"]["labels"]
    ports = {port["name"] for port in server["ports"]}
    selectors = [(of, of["spec"]["selector"]["matchLabels"])]
    selectors += [(s, s["spec"]["selector"]) for s in manifests.of_kind("Service")]
    selectors += [(p, p["spec"]["selector"]["matchLabels"]) for p in manifests.of_kind("PodDisruptionBudget")]
    selectors += [(p, p["spec"]["podSelector"]["matchLabels"]) for p in manifests.of_kind("NetworkPolicy")]
    selectors += [(m, m["spec"]["selector"]["matchLabels"]) for m in manifests.of_kind("PodMonitor")]
    for spread in pod.get("topologySpreadConstraints", []):
        selectors.append((of, spread["labelSelector"]["matchLabels"]))
    tests = manifests.of_kind("Pod")
    for selecting, selector in selectors:
        manifests.expect(selects(selector, labels), selecting, f"{selector} does not select the server's pods")
        for test in tests:
            manifests.expect(not selects(selector, test["metadata"]["labels"]), selecting, "it selects the test's pod")

    for service in manifests.of_kind("Service"):
        for port in service["spec"]["ports"]:
            manifests.expect(port["targetPort"] in ports, service, f"the pods have no port {port['targetPort']}")
    for monitor in manifests.of_kind("ServiceMonitor"):
        selector = monitor["spec"]["selector"]["matchLabels"]
        found = [s for s in manifests.of_kind("Service") if selects(selector, s["metadata"]["labels"])]
        manifests.expect(len(found) == 1, monitor, f"it selects {len(found)} Services; expected one")


def check_together(manifests):
    for o in manifests.objects:
        manifests.expect(len(o["metadata"]["name"]) <= 63, o, "its name is too long")
    for deployment in manifests.of_kind("Deployment"):
        check_deployment(manifests, deployment)
    for pod in manifests.of_kind("Pod"):
        check_pod_spec(manifests, pod, pod["spec"])
    for runtime in manifests.of_kind("ClusterServingRuntime"):
        container = runtime["spec"]["containers"][0]
        check_restricted(manifests, runtime, {}, [container])
        check_server(manifests, runtime, container)
        # KServe requires these names.
        manifests.expect(container["name"] == "kserve-container", runtime, "its container has another name")
        manifests.expect([p["name"] for p in container["ports"]] == ["h2c"], runtime, "its port is not called h2c")
    for policy in manifests.of_kind("NetworkPolicy"):
        check_policy(manifests, policy)
    for certificate in manifests.of_kind("Certificate"):
        check_certificate(manifests, certificate)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", default="1.31.0")
    parser.add_argument("--definitions", action="append", default=[])
    parser.add_argument("--without-schema", action="append", default=[])
    parser.add_argument("--kinds")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()

    objects = []
    for file in options.files:
        objects += documents(file)
    manifests = Manifests(objects)
    if options.kinds is not None:
        # `helm install` does not install the objects of `helm test`.
        installed = [o for o in objects if "helm.sh/hook" not in o["metadata"].get("annotations", {})]
        kinds = " ".join(sorted(o["kind"] for o in installed))
        if kinds != options.kinds:
            manifests.errors.append(f"the kinds are {kinds}; expected {options.kinds}")
    check_schemas(manifests, options.version, options.definitions, options.without_schema)
    check_together(manifests)
    for error in manifests.errors:
        print(error, file=sys.stderr)
    return 1 if manifests.errors or not objects else 0


if __name__ == "__main__":
    sys.exit(main())
