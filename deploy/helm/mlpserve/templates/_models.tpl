{{- /* The volume with the model repository, for each `models.source`. */ -}}
{{- define "mlpserve.modelVolume" -}}
{{- $models := .Values.models -}}
name: models
{{- if eq $models.source "sample" }}
configMap:
  name: {{ include "mlpserve.fullname" . }}-sample
  items:
    - {key: model.onnx, path: digits-tanh/1/model.onnx}
{{- else if eq $models.source "configMap" }}
projected:
  sources:
    {{- range $models.configMaps }}
    - configMap: {{- toYaml . | nindent 8 }}
    {{- end }}
{{- else if eq $models.source "image" }}
image:
  reference: {{ $models.image.reference | quote }}
  pullPolicy: {{ $models.image.pullPolicy }}
{{- else if eq $models.source "persistentVolumeClaim" }}
persistentVolumeClaim:
  claimName: {{ $models.persistentVolumeClaim.claimName | quote }}
  readOnly: true
{{- else }}
emptyDir:
  sizeLimit: {{ $models.initContainer.sizeLimit }}
  {{- with $models.initContainer.medium }}
  medium: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "mlpserve.modelMount" -}}
{{- $models := .Values.models -}}
name: models
mountPath: /models
readOnly: true
{{- if and (eq $models.source "image") $models.image.subPath }}
subPath: {{ $models.image.subPath | quote }}
{{- else if and (eq $models.source "persistentVolumeClaim") $models.persistentVolumeClaim.subPath }}
subPath: {{ $models.persistentVolumeClaim.subPath | quote }}
{{- end }}
{{- end -}}

{{- /* Writes the repository before the server starts, with the server's restrictions and resources. The pod
       requests no more for it: Kubernetes takes the maximum of the two containers, not their sum. */ -}}
{{- define "mlpserve.modelInitContainer" -}}
{{- $init := .Values.models.initContainer -}}
name: models
image: {{ $init.image | quote }}
imagePullPolicy: IfNotPresent
{{- with $init.command }}
command: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $init.args }}
args: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $init.env }}
env: {{- toYaml . | nindent 2 }}
{{- end }}
volumeMounts:
  - {name: models, mountPath: /repository}
resources:
  requests: {{- toYaml .Values.resources.requests | nindent 4 }}
  limits: {{- toYaml .Values.resources.limits | nindent 4 }}
securityContext:
  {{- include "mlpserve.securityContext" . | nindent 2 }}
{{- end -}}
