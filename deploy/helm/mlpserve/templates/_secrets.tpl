{{- /* The Secrets for TLS and tokens: their volumes, their mounts, and the options that name their
       files. No mount has a subPath, because then the files would not follow a Secret that changes. */ -}}

{{- /* "true" with TLS, otherwise empty. Refuses settings that would bypass TLS or authentication. */ -}}
{{- define "mlpserve.tls" -}}
{{- with .Values -}}
{{- if ne .tls.source "none" -}}
{{- if ne .workload "Deployment" -}}
{{- fail (printf "tls.source is %s; expected none with workload ClusterServingRuntime, because KServe's own probes and proxies speak plaintext" .tls.source) -}}
{{- end -}}
{{- if int .ports.rest -}}
{{- if not .tls.http -}}
{{- fail (printf "ports.rest is %d; expected tls.http with it, or 0: without tls.http, REST would bypass the TLS of gRPC" (int .ports.rest)) -}}
{{- end -}}
{{- if and .tls.clientCa.secretName (not .tokens.secretName) -}}
{{- fail (printf "ports.rest is %d; expected tokens.secretName with it, or 0: REST asks for no client certificates, so it would bypass tls.clientCa" (int .ports.rest)) -}}
{{- end -}}
{{- end -}}
true
{{- else -}}
{{- if .tls.http -}}
{{- fail "tls.http is true; expected tls.source secret or certManager with it" -}}
{{- end -}}
{{- if .tls.clientCa.secretName -}}
{{- fail "tls.clientCa.secretName is set; expected tls.source secret or certManager with it" -}}
{{- end -}}
{{- if .tokens.secretName -}}
{{- fail "tokens.secretName is set; expected tls.source secret or certManager with it: in plaintext, others could read the tokens" -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* The scheme of the HTTP port and of REST. */ -}}
{{- define "mlpserve.httpScheme" -}}
{{- if and (include "mlpserve.tls" .) .Values.tls.http -}}https{{- else -}}http{{- end -}}
{{- end -}}

{{- define "mlpserve.tlsSecretName" -}}
{{ .Values.tls.secretName | default (printf "%s-tls" (include "mlpserve.fullname" .)) }}
{{- end -}}

{{- /* Refuses health checks that need a token if there are no tokens, or if the test has none. */ -}}
{{- define "mlpserve.checkHealth" -}}
{{- if eq (toString (get .Values.server.options "health-needs-observe")) "true" -}}
{{- if not .Values.tokens.secretName -}}
{{- fail "server.options.health-needs-observe is true; expected tokens.secretName with it" -}}
{{- end -}}
{{- if and .Values.test.enabled (not .Values.test.tokenSecretName) -}}
{{- fail "server.options.health-needs-observe is true; expected test.tokenSecretName with it, or test.enabled false" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* Refuses tokens over HTTP that others could read, or that the monitor could not show, and
       settings that nothing uses. */ -}}
{{- define "mlpserve.checkHttpTokens" -}}
{{- with .Values -}}
{{- $monitor := hasSuffix "Monitor" .metrics.discovery -}}
{{- if and .tokens.forHttp (not (and .tokens.secretName .tls.http)) -}}
{{- fail "tokens.forHttp is true; expected tokens.secretName and tls.http with it" -}}
{{- end -}}
{{- if and .tokens.forHttp $monitor (not .metrics.tokenSecretName) -}}
{{- fail (printf "tokens.forHttp is true with metrics.discovery %s; expected metrics.tokenSecretName, because Prometheus needs a token" .metrics.discovery) -}}
{{- end -}}
{{- if and .metrics.tokenSecretName (not (and .tokens.forHttp $monitor)) -}}
{{- fail "metrics.tokenSecretName is set; expected tokens.forHttp, and metrics.discovery PodMonitor or ServiceMonitor, with it" -}}
{{- end -}}
{{- if and .metrics.tlsConfig (not (and .tls.http $monitor)) -}}
{{- fail "metrics.tlsConfig is set; expected tls.http, and metrics.discovery PodMonitor or ServiceMonitor, with it" -}}
{{- end -}}
{{- if and .test.tokenSecretName (not .tokens.secretName) -}}
{{- fail "test.tokenSecretName is set; expected tokens.secretName with it" -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- define "mlpserve.secretsEnvironment" -}}
{{- include "mlpserve.checkHealth" . -}}
{{- include "mlpserve.checkHttpTokens" . -}}
{{- if include "mlpserve.tls" . }}
- {name: MLP_TLS_CERT, value: /secrets/tls/tls.crt}
- {name: MLP_TLS_KEY, value: /secrets/tls/tls.key}
{{- if .Values.tls.http }}
- {name: MLP_HTTP_TLS, value: "true"}
{{- end }}
{{- with .Values.tls.clientCa }}
{{- if .secretName }}
- {name: MLP_TLS_CLIENT_CA, value: {{ printf "/secrets/client-ca/%s" .key | quote }}}
- {name: MLP_TLS_CLIENT_AUTH, value: {{ .auth }}}
{{- if .crlKey }}
- {name: MLP_TLS_CRL, value: {{ printf "/secrets/client-ca/%s" .crlKey | quote }}}
{{- end }}
{{- end }}
{{- end }}
{{- if .Values.tokens.secretName }}
- {name: MLP_TOKENS_FILE, value: {{ printf "/secrets/tokens/%s" .Values.tokens.key | quote }}}
{{- if .Values.tokens.forHttp }}
- {name: MLP_HTTP_NEEDS_OBSERVE, value: "true"}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "mlpserve.secretMounts" -}}
{{- if include "mlpserve.tls" . }}
- {name: tls, mountPath: /secrets/tls, readOnly: true}
{{- if .Values.tls.clientCa.secretName }}
- {name: client-ca, mountPath: /secrets/client-ca, readOnly: true}
{{- end }}
{{- if .Values.tokens.secretName }}
- {name: tokens, mountPath: /secrets/tokens, readOnly: true}
{{- end }}
{{- end }}
{{- end -}}

{{- /* A volume with some keys of a Secret. Takes a dict of name, secret and keys. */ -}}
{{- define "mlpserve.secretVolume" -}}
- name: {{ .name }}
  secret:
    secretName: {{ .secret | quote }}
    defaultMode: 0440
    items:
      {{- range .keys }}
      - {key: {{ . | quote }}, path: {{ . | quote }}}
      {{- end }}
{{- end -}}

{{- define "mlpserve.secretVolumes" -}}
{{- if include "mlpserve.tls" . }}
{{ include "mlpserve.secretVolume" (dict "name" "tls" "secret" (include "mlpserve.tlsSecretName" .) "keys" (list "tls.crt" "tls.key")) }}
{{- with .Values.tls.clientCa }}
{{- if .secretName }}
{{ include "mlpserve.secretVolume" (dict "name" "client-ca" "secret" .secretName "keys" (compact (list .key .crlKey) | uniq)) }}
{{- end }}
{{- end }}
{{- with .Values.tokens }}
{{- if .secretName }}
{{ include "mlpserve.secretVolume" (dict "name" "tokens" "secret" .secretName "keys" (list .key)) }}
{{- end }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* Options of mlp-client in the pod of `helm test`, as JSON: the server's authority, a certificate and
       a token. */ -}}
{{- define "mlpserve.testOptions" -}}
{{- $options := list -}}
{{- if include "mlpserve.tls" . -}}
{{- $options = append $options "--tls-ca=/secrets/tls/ca.crt" -}}
{{- if and .Values.tls.clientCa.secretName .Values.test.tlsSecretName -}}
{{- $options = concat $options (list "--tls-cert=/secrets/tls/tls.crt" "--tls-key=/secrets/tls/tls.key") -}}
{{- else if and .Values.tls.clientCa.secretName (eq .Values.tls.clientCa.auth "require") -}}
{{- fail "test.tlsSecretName is empty; expected a Secret with ca.crt, tls.crt and tls.key, because clients must show a certificate, or test.enabled false" -}}
{{- end -}}
{{- if .Values.test.tokenSecretName -}}
{{- $options = append $options "--token-file=/secrets/token/token" -}}
{{- end -}}
{{- end -}}
{{ toJson $options }}
{{- end -}}

{{- define "mlpserve.testVolumes" -}}
{{- if include "mlpserve.tls" . }}
{{- $keys := list "ca.crt" -}}
{{- if and .Values.tls.clientCa.secretName .Values.test.tlsSecretName -}}
{{- $keys = list "ca.crt" "tls.crt" "tls.key" -}}
{{- end }}
{{ include "mlpserve.secretVolume" (dict "name" "tls" "secret" (.Values.test.tlsSecretName | default (include "mlpserve.tlsSecretName" .)) "keys" $keys) }}
{{- if .Values.test.tokenSecretName }}
{{ include "mlpserve.secretVolume" (dict "name" "token" "secret" .Values.test.tokenSecretName "keys" (list "token")) }}
{{- end }}
{{- end }}
{{- end -}}
