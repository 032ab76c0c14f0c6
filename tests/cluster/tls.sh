#!/usr/bin/env bash
# Run by cluster_test.sh as the test `tls`, in separate namespaces: installs the chart with TLS,
# client certificates and tokens, all from Secrets, and replaces these while two clients make calls.
# One client reuses its connections, which last two seconds, and sends a token. The other makes a
# new connection for each call, through the Service, and has only a certificate as its identity.
# cluster_test.sh sets work, cgroup, tools and root.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly here
readonly namespace=models
readonly service=mlpserve.models.svc.cluster.local headless=mlpserve-headless.models.svc.cluster.local
cd "${root:?}" # these are set by cluster_test.sh
: "${work:?}" "${cgroup:?}" "${tools:?}"

# shellcheck source=tests/cluster/cluster.sh
. "$here/cluster.sh"

readonly servers="$work/servers" clients="$work/clients" # authorities, and the certificates they issued
readonly sample="$root/deploy/helm/mlpserve/sample"
taken_over=0 # how often the servers have taken over new TLS files

# --- Keys, certificates, tokens and their Secrets.

# issue AUTHORITY NAME EXTENSION...: makes a key and a certificate from one of the two authorities.
issue() {
  local pki="$1"
  certify "$2" "/CN=$2" "${@:3}"
}

issue_to_server() {
  issue "$servers" "$1" "subjectAltName=DNS:mlpserve.models.svc,DNS:$service,DNS:$headless" \
    extendedKeyUsage=serverAuth
}

make_identities() {
  local pki
  for pki in "$servers" "$clients"; do
    make_authority "/CN=authority for ${pki##*/}"
  done
  issue_to_server first
  issue "$clients" web extendedKeyUsage=clientAuth
  issue "$clients" batch subjectAltName=URI:spiffe://test/batch extendedKeyUsage=clientAuth
  make_token old
  cp "$clients/old.token" "$clients/web.token"
  "$work/programs/mlp-client" token new --name prometheus --role observe --output "$clients/prometheus.token" \
    --append "$clients/tokens" 2>"$work/token.log" || fail "$(cat "$work/token.log")"
  printf '%s\n' 'name=batch role=infer models=digits-tanh uri=spiffe://test/batch' >>"$clients/tokens"
}

# Makes a token for the caller web, and its line in the tokens file.
make_token() {
  "$work/programs/mlp-client" token new --name web --role infer --models 'digits-*' \
    --output "$clients/$1.token" --append "$clients/tokens" 2>"$work/token.log" || fail "$(cat "$work/token.log")"
}

# put_secret NAME OPTION...: makes or replaces a Secret.
put_secret() {
  k create secret generic "$@" --dry-run=client --output yaml | k apply --filename - >/dev/null
}

# put_certificate CERTIFICATE KEY: puts the certificate and the key with these names into the
# servers' Secret.
put_certificate() {
  put_secret inference-tls --type kubernetes.io/tls \
    --from-file tls.crt="$servers/$1.crt" --from-file tls.key="$servers/$2.key"
}

put_tokens() {
  put_secret inference-tokens --from-file "$clients/tokens"
}

put_secrets() {
  put_certificate first first
  put_tokens
  put_secret client-authorities --from-file ca.crt="$clients/authority.crt"
  put_secret test-identity --from-file ca.crt="$servers/authority.crt" --from-file tls.crt="$clients/web.crt" \
    --from-file tls.key="$clients/web.key" --from-file token="$clients/old.token"
}

# --- Checks of the servers.

# each_pod CONDITION...: checks the condition for each pod; the pod's address is its last argument.
each_pod() {
  local address addresses
  addresses="$(k get pods --selector app.kubernetes.io/component=server --no-headers \
    --output custom-columns='ADDRESS:.status.podIP,ENDS:.metadata.deletionTimestamp' | awk '$2 == "<none>" { print $1 }')"
  [ "$(wc -w <<<"$addresses")" -eq 2 ] || return 1
  for address in $addresses; do
    "$@" "$address" || return 1
  done
}

# over_https ADDRESS OPTION...: reads the metrics, like a client that knows the authority.
over_https() {
  curl --silent --cacert "$servers/authority.crt" --connect-to "$service:8002:$1:8002" "${@:2}" \
    "https://$service:8002/metrics"
}

# metrics ADDRESS: reads them as Prometheus does, with a token.
metrics() {
  over_https "$1" --fail --header "Authorization: Bearer $(cat "$clients/prometheus.token")"
}

# asks_for_token ADDRESS: checks that the metrics are refused without a token.
asks_for_token() {
  [ "$(over_https "$1" --output /dev/null --write-out '%{http_code}')" = 401 ]
}

# has_counted SAMPLE VALUE ADDRESS: checks for this line in the metrics.
has_counted() {
  metrics "$3" | grep --fixed-strings --line-regexp "$1 $2" >/dev/null
}

has_no_failed_handshake() {
  metrics "$1" | awk '
    sub(/^mlp_tls_handshakes_failed_total/, "") { found = 1; if ($2 > 0) { failed = 1; print } }
    END { exit failed || !found }' >&2
}

# shows CERTIFICATE ADDRESS: checks that gRPC and HTTP show it to a client with a new connection.
shows() {
  local expected
  expected="$(openssl x509 -noout -serial -in "$servers/$1.crt")"
  [ "$(shown_at "$2:8001" -alpn h2 -cert "$clients/batch.crt" -key "$clients/batch.key")" = "$expected" ] &&
    [ "$(shown_at "$2:8002")" = "$expected" ]
}

# shown_at ADDRESS OPTION...: prints the serial number of the certificate that the server shows to
# OpenSSL.
shown_at() {
  openssl s_client -connect "$1" -servername "$service" -CAfile "$servers/authority.crt" -verify_return_error \
    "${@:2}" </dev/null 2>/dev/null | openssl x509 -noout -serial
}

# Prometheus knows the servers' authority, and the name in their certificates.
start_prometheus_by_https() {
  local known="{ca_file: $servers/authority.crt, server_name: mlpserve.models.svc}"
  local token="{credentials_file: $clients/prometheus.token}"
  sed "s|^  - job_name: mlp-server$|&\n    scheme: https\n    tls_config: $known\n    authorization: $token|" \
    "$here/prometheus.yml" >"$work/prometheus.yml"
  start_prometheus "$work/prometheus.yml"
}

# Whether no scrape has failed since Prometheus found the two pods, except that a busy machine may not
# answer one within its second.
every_scrape_succeeded() {
  [ "$(ask_prometheus 'count(max_over_time(up{job="mlp-server"}[1m]) == 1)')" = 2 ] &&
    [ "$(ask_prometheus 'count(count_over_time((up{job="mlp-server"} == 0 and scrape_duration_seconds < 1)[10m:1s])) or vector(0)')" = 0 ]
}

# --- The clients.

# client OPTION...: runs mlp-client, which knows the servers' authority.
client() {
  "$work/programs/mlp-client" --tls-ca "$servers/authority.crt" --tls-server-name "$service" "$@"
}

as_batch=(--tls-cert "$clients/batch.crt" --tls-key "$clients/batch.key")

# Makes calls with ten digits each, every call on a new connection, until $work/enough exists. The
# record has ask's format.
ask_anew() {
  local start outcome
  while [ ! -e "$work/enough" ]; do
    start="$(now)"
    if client --address "$service:8001" --timeout 60 "${as_batch[@]}" infer digits-tanh --input "$sample/pixels.npy" \
      --labels "$sample/labels.npy" --output-format none >"$work/anew.said" 2>&1; then
      outcome="OK 1 $service wrong"
      ! grep -q '^accuracy 10/10 ' "$work/anew.said" || outcome="OK 1 $service right"
    else
      outcome="Failed 1 $service failed"
    fi
    echo "$start $(($(now) - start)) $outcome $(tail -n 1 "$work/anew.said")" >>"$work/anew.calls"
  done
}

# is_let_in TOKEN ADDRESS
is_let_in() {
  client --address "$2:8001" --tls-cert "$clients/web.crt" --tls-key "$clients/web.key" \
    --token-file "$clients/$1.token" describe digits-tanh >"$work/said" 2>&1
}

is_refused() {
  ! is_let_in "$@" && grep -q UNAUTHENTICATED "$work/said"
}

# refuses WHY OPTION...: checks that the server does not admit such a client.
refuses() {
  wait_for 60 is_refused_because "$@" || fail "refused for another reason than $1: $(cat "$work/said")"
}

# The client looks for the reason for half a second, which may be too short on a busy machine.
is_refused_because() {
  ! "$work/programs/mlp-client" --address "$service:8001" "${@:2}" health >"$work/said" 2>&1 ||
    fail "the server accepts a client with ${*:2}"
  grep -q -- "$1" "$work/said"
}

# --- The steps.

# The keys change too.
exchange_certificate() {
  issue_to_server "$1"
  put_certificate "$1" "$1"
  taken_over=$((taken_over + 1))
  wait_for 60 each_pod shows "$1" || fail "not every pod shows the certificate '$1'"
  wait_for 30 each_pod has_counted 'mlp_tls_reloads_total{result="taken_over"}' "$taken_over" ||
    fail "TLS files were not taken over $taken_over times"
}

break_certificate() {
  issue_to_server broken
  # The API server accepts it, with only a warning.
  put_certificate "$1" broken 2>"$work/warned"
  grep -q 'private key does not match' "$work/warned" || fail "kubectl does not warn that the key does not match: $(cat "$work/warned")"
  wait_for 60 each_pod has_counted 'mlp_tls_reloads_total{result="refused"}' 1 || fail "not every pod refuses the pair"
  each_pod shows "$1" || fail "the certificate '$1' is no longer shown"
}

add_token() {
  make_token new
  put_tokens
  wait_for 60 each_pod is_let_in new || fail "the new token is refused"
  each_pod is_let_in old || fail "the old token is refused already"
}

strike_old_token() {
  cp "$clients/new.token" "$clients/next.token"
  mv "$clients/next.token" "$clients/web.token"
  sed -i 1d "$clients/tokens"
  put_tokens
  wait_for 60 each_pod is_refused old || fail "the old token is still accepted: $(cat "$work/said")"
  each_pod is_let_in new || fail "the new token is refused: $(cat "$work/said")"
}

bring_up
make_identities
make_namespace
put_secrets
install_chart --values "$here/values.yaml" --values "$here/tls_values.yaml"
say "two pods are ready"
helm test mlpserve --namespace "$namespace" --logs --timeout 180s >"$work/helm_test.log" 2>&1 || fail "helm test"
grep -q '^accuracy 10/10 ' "$work/helm_test.log" || fail "helm test does not classify ten of ten digits correctly"
say "helm test classifies ten of ten digits correctly"
start_prometheus_by_https
wait_for 60 prometheus_sees_pods 2 || fail "Prometheus does not scrape the pods by HTTPS"
say "Prometheus scrapes them by HTTPS, with a token"
each_pod asks_for_token || fail "a pod shows its metrics without a token"

start_asking careful --model digits-tanh --target "dns:///$headless:8001" --rate 100 "${patient[@]}" \
  --service-config "$service_config" "${resolving[@]}" "${pinging[@]}" --tls-ca "$servers/authority.crt" \
  --tls-cert "$clients/web.crt" --tls-key "$clients/web.key" --token-file "$clients/web.token"
ask_anew &
anew="$!"
wait_for 60 test -s "$work/anew.calls" || fail "the client with new connections gets no answer"
step "nothing" sleep 1
for certificate in second third fourth; do
  step "a $certificate certificate, with its key" exchange_certificate "$certificate"
done
step "a key without its certificate, which is refused" break_certificate fourth
step "a fifth certificate" exchange_certificate fifth
step "a second token for a caller" add_token
step "the first token removed" strike_old_token
each_pod has_no_failed_handshake || fail "handshakes have failed"
every_scrape_succeeded || fail "Prometheus could not scrape the pods all the time"
step "rollout restart" restart
wait_for 60 each_pod shows fifth || fail "the new pods do not show the fifth certificate"
touch "$work/enough"
wait "$anew"
stop_asking careful
say "all calls have ended"

echo "On connections of two seconds, with a token:"
report careful
echo "On a new connection for each call, with a certificate:"
report anew
refuses 'the server speaks TLS' --timeout 5
refuses 'the server requires a client certificate' --timeout 5 --tls-ca "$servers/authority.crt"
say "done"
