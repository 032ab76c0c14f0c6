# Sourced: starts Kubernetes' control plane on loopback, in a network namespace that the caller has
# made. Sets KUBECONFIG, which makes kubectl and others its administrator. The caller sets `work`, a
# folder for output, and PATH, which must include the programs of build-kube.sh.
# shellcheck shell=bash
# shellcheck disable=SC2154 # what the caller sets

readonly api_address=127.0.0.1:6443
readonly service_addresses=10.96.0.0/24

declare -A started # a program's process, by the program's name

# launch NAME COMMAND...: starts a program in the background, whose log is $work/NAME.log.
launch() {
  local name="$1"
  shift
  "$@" >"$work/$name.log" 2>&1 &
  started[$name]="$!"
}

# wait_for_program NAME SECONDS CONDITION...: fails early if the program ends.
wait_for_program() {
  local name="$1" seconds="$2"
  shift 2
  wait_for "$seconds" holds_or_ended "$name" "$@" || fail "$name is not ready after $seconds s"
  kill -0 "${started[$name]}" 2>/dev/null || fail "$name ended"
}

holds_or_ended() {
  local name="$1"
  shift
  ! kill -0 "${started[$name]}" 2>/dev/null || "$@" >/dev/null 2>&1
}

# certify NAME SUBJECT EXTENSION...: makes a key, and a certificate from the cluster's authority.
certify() {
  local name="$1" subject="$2"
  shift 2
  make_key "$name"
  openssl req -new -key "$pki/$name.key" -subj "$subject" |
    openssl x509 -req -CA "$pki/authority.crt" -CAkey "$pki/authority.key" -CAcreateserial -days 2 \
      -extfile <(printf '%s\n' "$@") -out "$pki/$name.crt" 2>/dev/null
}

make_key() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$pki/$1.key"
}

# make_authority SUBJECT: makes an authority in the new folder $pki.
make_authority() {
  mkdir "$pki"
  make_key authority
  openssl req -x509 -new -key "$pki/authority.key" -subj "$1" -days 2 -out "$pki/authority.crt"
}

make_certificates() {
  make_authority /CN=cluster
  certify server /CN=kube-apiserver "subjectAltName=IP:127.0.0.1,DNS:kubernetes.default.svc" \
    "extendedKeyUsage=serverAuth"
  certify admin /O=system:masters/CN=admin "extendedKeyUsage=clientAuth"
  make_key tokens
  cat >"$pki/kubeconfig" <<END
apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: test, user: admin}}]
clusters: [{name: test, cluster: {server: "https://$api_address", certificate-authority: "$pki/authority.crt"}}]
users: [{name: admin, user: {client-certificate: "$pki/admin.crt", client-key: "$pki/admin.key"}}]
END
  export KUBECONFIG="$pki/kubeconfig"
}

# Starts etcd and the API server, which are enough to check every object.
start_api_server() {
  pki="$work/pki"
  make_certificates
  # Nothing in it has to survive a crash of the machine.
  launch etcd etcd --data-dir "$work/etcd" --unsafe-no-fsync --log-level warn
  launch kube-apiserver kube-apiserver --etcd-servers http://127.0.0.1:2379 \
    --bind-address "${api_address%:*}" --secure-port "${api_address#*:}" \
    --advertise-address 198.18.0.1 --endpoint-reconciler-type none \
    --service-cluster-ip-range "$service_addresses" --authorization-mode RBAC \
    --client-ca-file "$pki/authority.crt" --tls-cert-file "$pki/server.crt" \
    --tls-private-key-file "$pki/server.key" --service-account-key-file "$pki/tokens.key" \
    --service-account-signing-key-file "$pki/tokens.key" \
    --service-account-issuer https://kubernetes.default.svc
  wait_for_program kube-apiserver 120 kubectl get --raw /readyz
}

# Whether the API server serves every definition. It establishes one a moment before it serves it.
# kubectl wait fails if a definition has no conditions yet.
established() {
  local names
  kubectl wait --for=condition=Established customresourcedefinitions --all >/dev/null 2>&1 || return
  names="$(kubectl get customresourcedefinitions --output 'jsonpath={.items[*].metadata.name}')" || return
  kubectl get --all-namespaces "${names// /,}" >/dev/null 2>&1
}

start_controllers() {
  launch kube-controller-manager kube-controller-manager --kubeconfig "$KUBECONFIG" \
    --leader-elect=false --service-account-private-key-file "$pki/tokens.key" \
    --root-ca-file "$pki/authority.crt" --horizontal-pod-autoscaler-sync-period 2s
  launch kube-scheduler kube-scheduler --kubeconfig "$KUBECONFIG" --leader-elect=false
}
