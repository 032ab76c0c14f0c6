{{- /* The base of all objects' names. */ -}}
{{- define "mlpserve.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride }}
{{- else if contains .Chart.Name .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-%s" .Release.Name .Chart.Name | trunc 50 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{- /* Labels that select the pods of this release's server. A Deployment's selector cannot change, so
       these must not. */ -}}
{{- define "mlpserve.selectorLabels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: server
{{- end -}}

{{- define "mlpserve.labels" -}}
{{ include "mlpserve.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end -}}

{{- define "mlpserve.serviceAccountName" -}}
{{- if .Values.serviceAccount.create -}}
{{ .Values.serviceAccount.name | default (include "mlpserve.fullname" .) }}
{{- else -}}
{{ .Values.serviceAccount.name | default "default" }}
{{- end -}}
{{- end -}}

{{- define "mlpserve.image" -}}
{{- with .Values.image -}}
{{ .repository }}{{ if .digest }}@{{ .digest }}{{ else }}:{{ .tag | default $.Chart.AppVersion }}{{ end }}
{{- end -}}
{{- end -}}

{{- /* The pod's grace period in seconds: the shutdown delay, rounded up, the drain, and a margin for
       the kubelet. */ -}}
{{- define "mlpserve.gracePeriodSeconds" -}}
{{- $delay := div (add (int .Values.server.shutdownDelayMs) 999) 1000 -}}
{{ add $delay (int .Values.server.drainSeconds) (int .Values.terminationMarginSeconds) }}
{{- end -}}

{{- /* The Pod Security Standard "restricted", for a pod and for a container. */ -}}
{{- define "mlpserve.podSecurityContext" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- if or (include "mlpserve.tls" .) .Values.tokens.secretName }}
# The files of Secrets belong to root and this group. The server refuses a key that everybody may
# read.
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
{{- end }}
{{- end -}}

{{- define "mlpserve.securityContext" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end -}}

{{- /* The handler of one of the three probes. */ -}}
{{- define "mlpserve.probeOf" -}}
{{- if eq .protocol "http" -}}
httpGet: {path: {{ .path }}, port: {{ .ports.http }}{{ if eq .scheme "https" }}, scheme: HTTPS{{ end }}}
{{- else -}}
grpc: {port: {{ .ports.grpc }}}
{{- end -}}
{{- end -}}

{{- define "mlpserve.probes" -}}
{{- $tls := include "mlpserve.tls" . -}}
{{- if and $tls (eq .Values.probes.protocol "grpc") -}}
{{- fail "probes.protocol is grpc; expected auto or http with TLS, because a kubelet speaks plaintext to a gRPC port" -}}
{{- end -}}
{{- $protocol := .Values.probes.protocol -}}
{{- if eq $protocol "auto" -}}{{- $protocol = ternary "http" "grpc" (not (empty $tls)) -}}{{- end -}}
{{- /* A kubelet does not verify certificates. */ -}}
{{- $scheme := include "mlpserve.httpScheme" . -}}
{{- $live := dict "protocol" $protocol "path" "/live" "ports" .Values.ports "scheme" $scheme -}}
{{- $ready := dict "protocol" $protocol "path" "/ready" "ports" .Values.ports "scheme" $scheme -}}
# Fails until the models are loaded: only then does gRPC listen.
startupProbe:
  {{- include "mlpserve.probeOf" $ready | nindent 2 }}
  periodSeconds: 1
  failureThreshold: {{ .Values.probes.startupSeconds }}
# A kubelet stops liveness probes once the pod is to end, so a drain does not fail them.
livenessProbe:
  {{- include "mlpserve.probeOf" $live | nindent 2 }}
  periodSeconds: {{ .Values.probes.livenessPeriodSeconds }}
  timeoutSeconds: {{ .Values.probes.livenessTimeoutSeconds }}
  failureThreshold: 3
  # Short, because a server that hangs cannot drain.
  terminationGracePeriodSeconds: {{ .Values.probes.livenessGraceSeconds }}
readinessProbe:
  {{- include "mlpserve.probeOf" $ready | nindent 2 }}
  periodSeconds: {{ .Values.probes.readinessPeriodSeconds }}
  timeoutSeconds: 2
  failureThreshold: 2
{{- end -}}

{{- /* The server's options, as environment variables. Those of `server.options` come last, sorted by
       name. */ -}}
{{- define "mlpserve.environment" -}}
{{- if eq (int .root.Values.ports.grpc) (int .root.Values.ports.http) -}}
{{- fail (printf "ports.grpc and ports.http are both %d; expected two different ports" (int .root.Values.ports.grpc)) -}}
{{- end -}}
{{- if and (int .root.Values.ports.rest) (ne .root.Values.workload "Deployment") -}}
{{- fail (printf "ports.rest is %d; expected 0 with workload ClusterServingRuntime, which can only have one port" (int .root.Values.ports.rest)) -}}
{{- end -}}
{{- if has (int .root.Values.ports.rest) (list (int .root.Values.ports.grpc) (int .root.Values.ports.http)) -}}
{{- fail (printf "ports.rest is %d, which is also ports.grpc or ports.http; expected another port, or 0" (int .root.Values.ports.rest)) -}}
{{- end -}}
- {name: MLP_MODEL_REPOSITORY, value: {{ .repository }}}
{{- with .root.Values }}
- {name: MLP_GRPC_ADDRESS, value: {{ printf "%s:%d" .ports.host (int .ports.grpc) | quote }}}
- {name: MLP_HTTP_ADDRESS, value: {{ printf "%s:%d" .ports.host (int .ports.http) | quote }}}
{{- if int .ports.rest }}
- {name: MLP_REST_ADDRESS, value: {{ printf "%s:%d" .ports.host (int .ports.rest) | quote }}}
{{- end }}
- {name: MLP_MODEL_CONTROL, value: {{ .server.modelControl }}}
{{- if eq .server.modelControl "poll" }}
- {name: MLP_POLL_SECONDS, value: {{ int .server.pollSeconds | quote }}}
{{- end }}
- {name: MLP_SHUTDOWN_DELAY_MS, value: {{ int .server.shutdownDelayMs | quote }}}
- {name: MLP_DRAIN_SECONDS, value: {{ int .server.drainSeconds | quote }}}
{{- if eq .workload "Deployment" }}
# The server does not start if this is too short for the delay and the drain.
- {name: MLP_GRACE_PERIOD_SECONDS, value: {{ include "mlpserve.gracePeriodSeconds" $.root | quote }}}
{{- end }}
- {name: MLP_MAX_CONNECTION_AGE_SECONDS, value: {{ int .server.maxConnectionAgeSeconds | quote }}}
- {name: MLP_LOG_FORMAT, value: {{ .server.logFormat }}}
{{- include "mlpserve.secretsEnvironment" $.root }}
{{- range $option, $value := .server.options }}
{{- /* Helm reads a number in YAML as a float, and would print 1000000 as 1e+06. */}}
{{- $text := ternary (printf "%.15g" (float64 $value)) (toString $value) (kindIs "float64" $value) }}
{{- $text = ternary (int64 $value | toString) $text (and (kindIs "float64" $value) (eq (float64 (int64 $value)) $value)) }}
- {name: MLP_{{ $option | upper | replace "-" "_" }}, value: {{ $text | quote }}}
{{- end }}
{{- end }}
{{- end -}}

{{- /* The server's container, without its name and its mounts. */ -}}
{{- define "mlpserve.container" -}}
{{- $values := .root.Values -}}
image: {{ include "mlpserve.image" .root | quote }}
imagePullPolicy: {{ $values.image.pullPolicy }}
env:
  {{- include "mlpserve.environment" . | nindent 2 }}
ports:
  - {name: {{ .grpcPortName }}, containerPort: {{ $values.ports.grpc }}, protocol: TCP}
{{- if .httpPort }}
  - {name: http, containerPort: {{ $values.ports.http }}, protocol: TCP}
{{- end }}
{{- if int $values.ports.rest }}
  - {name: rest, containerPort: {{ int $values.ports.rest }}, protocol: TCP}
{{- end }}
resources:
  requests: {{- toYaml $values.resources.requests | nindent 4 }}
  limits: {{- toYaml $values.resources.limits | nindent 4 }}
securityContext:
  {{- include "mlpserve.securityContext" .root | nindent 2 }}
{{- end -}}
