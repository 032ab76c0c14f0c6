# Sourced: starts a Kubernetes node and its DNS, in namespaces of network, mounts and processes that
# the caller has made. Everything ends with these. The caller sets `work`, and `cgroup`, a control
# group for the pods that exists in every hierarchy.
# shellcheck shell=bash
# shellcheck disable=SC2154 # what the caller sets

readonly node=test-node
readonly node_address=198.18.0.1 # from the range that RFC 2544 reserves for tests
readonly pod_addresses=10.244.0.0/24

# Redirects what programs write outside of $work to $work or to memory.
prepare_mounts() {
  mount --make-rshared / # kubelet requires it
  local folder
  for folder in /etc /opt /var/lib; do
    mkdir -p "$work/over$folder"/{upper,work}
    mount -t overlay overlay "$folder" \
      -o "lowerdir=$folder,upperdir=$work/over$folder/upper,workdir=$work/over$folder/work"
  done
  mount -t tmpfs tmpfs /run
  mount -t tmpfs tmpfs /var/log
  rm -f /etc/resolv.conf /etc/hosts
  echo "nameserver $node_address" >/etc/resolv.conf
  printf '127.0.0.1 localhost\n%s %s\n' "$node_address" "$node" >/etc/hosts
  # kubelet would set these for the whole machine, so it gets files in their place.
  local setting
  mkdir "$work/settings"
  for setting in kernel/panic kernel/panic_on_oops kernel/keys/root_maxbytes \
    kernel/keys/root_maxkeys vm/overcommit_memory vm/panic_on_oom; do
    cp --no-preserve=all "/proc/sys/$setting" "$work/settings/${setting//\//.}"
    mount --bind "$work/settings/${setting//\//.}" "/proc/sys/$setting"
  done
}

prepare_network() {
  ip link set lo up
  ip link add node0 type bridge
  ip address add "$node_address/24" dev node0
  # A bridge without a port has no carrier.
  ip link add port0 type veth peer name port1
  ip link set port0 master node0 up
  ip link set port1 up
  ip link set node0 up
  ip route add default via 198.18.0.254 dev node0
  sysctl -qw net.ipv4.ip_forward=1
}

# start_containerd IMAGE...: starts containerd with these images.
start_containerd() {
  mkdir -p "$work/cni"
  cat >"$work/containerd.toml" <<END
version = 2
root = "$work/containerd"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/pause:cluster-test"
  restrict_oom_score_adj = true # for tests without CAP_SYS_RESOURCE
  disable_apparmor = true
  disable_hugetlb_controller = true
  tolerate_missing_hugetlb_controller = true
[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "overlayfs"
[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "$work/cni"
END
  cat >"$work/cni/10-test.conflist" <<END
{"cniVersion": "1.0.0", "name": "test", "plugins": [
  {"type": "bridge", "bridge": "pods0", "isGateway": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "$pod_addresses"}]],
            "routes": [{"dst": "0.0.0.0/0"}]}}]}
END
  launch containerd containerd --config "$work/containerd.toml" --log-level warn
  wait_for_program containerd 60 ctr version
  local image
  for image in "$@"; do
    ctr --namespace k8s.io images import "$image" >>"$work/containerd.log"
  done
}

start_kubelet() {
  : >"$work/resolv.conf"
  cat >"$work/kubelet.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
address: $node_address # where the API server asks it for logs and ports
clusterDNS: [$node_address]
clusterDomain: cluster.local
resolvConf: $work/resolv.conf
podLogsDir: $work/pods
cgroupDriver: cgroupfs
cgroupRoot: $cgroup
failCgroupV1: false
failSwapOn: false
enforceNodeAllocatable: []
cpuCFSQuota: false
oomScoreAdj: 0 # a lower one needs CAP_SYS_RESOURCE
imageGCHighThresholdPercent: 100
evictionHard: {memory.available: 50Mi, nodefs.available: 1%, imagefs.available: 1%}
syncFrequency: 2s
nodeStatusUpdateFrequency: 1h # an update would undo claim_cpus; a lease shows that the node lives
END
  launch kubelet kubelet --config "$work/kubelet.yaml" --kubeconfig "$KUBECONFIG" \
    --hostname-override "$node" --node-ip "$node_address" --root-dir "$work/kubelet" \
    --cert-dir "$work/kubelet-pki"
}

# claim_cpus COUNT: makes the ready node report that many CPUs. Otherwise, it would have no room for
# all pods, which request two each. The pods share the CPUs that exist.
claim_cpus() {
  kubectl patch node "$node" --subresource status \
    --patch "{\"status\": {\"capacity\": {\"cpu\": \"$1\"}, \"allocatable\": {\"cpu\": \"$1\"}}}" >/dev/null
}

start_kube_proxy() {
  cat >"$work/kube-proxy.yaml" <<END
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
clientConnection: {kubeconfig: "$KUBECONFIG"}
clusterCIDR: $pod_addresses
conntrack: {maxPerCore: 0, min: 0} # keeps the machine's limit
bindAddress: $node_address
END
  launch kube-proxy kube-proxy --config "$work/kube-proxy.yaml" --hostname-override "$node"
}

start_dns() {
  cat >"$work/Corefile" <<END
.:53 {
  errors
  ready 127.0.0.1:8181
  kubernetes cluster.local {
    kubeconfig $KUBECONFIG
  }
}
END
  launch coredns coredns -conf "$work/Corefile"
}
