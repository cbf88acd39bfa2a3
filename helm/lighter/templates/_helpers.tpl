{{- define "lighter.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "lighter.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains (include "lighter.name" .) .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "lighter.name" .) | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "lighter.selector" -}}
app.kubernetes.io/name: {{ include "lighter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "lighter.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{ include "lighter.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{/* Of pods: nothing that differs between versions of the chart, because a server that need not restart should not. */}}
{{- define "lighter.podLabels" -}}
{{ include "lighter.selector" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "lighter.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "lighter.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{ default (include "lighter.fullname" .) .Values.serviceAccount.name }}
{{- else -}}
{{ default "default" .Values.serviceAccount.name }}
{{- end -}}
{{- end -}}

{{- define "lighter.priorityClass" -}}
{{- if .Values.priorityClass.name -}}
{{ .Values.priorityClass.name }}
{{- else if .Values.priorityClass.create -}}
{{ printf "%s-%s" .Release.Namespace (include "lighter.fullname" .) }}
{{- end -}}
{{- end -}}

{{/* What is the same in every pod that has no rights on its node. */}}
{{- define "lighter.podDefaults" -}}
automountServiceAccountToken: false
{{ include "lighter.unprivileged" . }}
{{- end -}}

{{- define "lighter.unprivileged" -}}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "lighter.containerDefaults" -}}
image: {{ include "lighter.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end -}}

{{/* lighter.yaml: the values of the operator, and what only the chart can know. */}}
{{- define "lighter.config" -}}
{{- $config := deepCopy .Values.config -}}
{{- range $key := list "http.listen" "management.listen" "storage.directory" "http.tls" -}}
{{- $parts := splitList "." $key -}}
{{- if hasKey (default dict (get $config (first $parts))) (last $parts) -}}
{{- fail (printf "config.%s: the chart sets it%s" $key (eq $key "http.tls" | ternary "; set tls.secret" "")) -}}
{{- end -}}
{{- end -}}
{{- $own := dict
  "http" (dict "listen" "0.0.0.0:30500")
  "management" (dict "listen" "0.0.0.0:30501")
  "storage" (dict "directory" "/var/lib/lighter") -}}
{{- if not (hasKey $config "access") -}}
{{- $_ := set $own "access" (dict "anonymous" "pull") -}}
{{- end -}}
{{- if .Values.tls.secret -}}
{{- $_ := set $own.http "tls" (dict "certificate" "/etc/lighter/tls/tls.crt" "key" "/etc/lighter/tls/tls.key") -}}
{{- end -}}
{{- toYaml (mergeOverwrite $config $own) -}}
{{- end -}}

{{/* Secrets and certificates that the configuration names by their paths. */}}
{{- define "lighter.referenceMounts" -}}
{{- range .Values.secrets }}
- {name: {{ printf "secret-%s" . | quote }}, mountPath: {{ printf "/etc/lighter/secrets/%s" . | quote }}, readOnly: true}
{{- end }}
{{- range .Values.certificates }}
- {name: {{ printf "certificates-%s" . | quote }}, mountPath: {{ printf "/etc/lighter/certificates/%s" . | quote }}, readOnly: true}
{{- end }}
{{- if .Values.tls.secret }}
- {name: tls, mountPath: /etc/lighter/tls, readOnly: true}
{{- end }}
{{- end -}}

{{- define "lighter.referenceVolumes" -}}
{{- range .Values.secrets }}
- name: {{ printf "secret-%s" . | quote }}
  secret: {secretName: {{ . | quote }}, defaultMode: 0440}
{{- end }}
{{- range .Values.certificates }}
- name: {{ printf "certificates-%s" . | quote }}
  configMap: {name: {{ . | quote }}}
{{- end }}
{{- with .Values.tls.secret }}
- name: tls
  secret: {secretName: {{ . | quote }}, defaultMode: 0440}
{{- end }}
{{- end -}}

{{- define "lighter.management" -}}
{{ include "lighter.fullname" . }}-management.{{ .Release.Namespace }}.svc:30501
{{- end -}}
