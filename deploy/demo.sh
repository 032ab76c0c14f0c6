#!/usr/bin/env bash
# Installs what is needed on Debian 12, builds, serves the sample models, sends them held-out digits
# and drifted ones, and shows what the metrics say. Stops everything it started, unless --keep
# leaves the server running.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly bin=build/release/bin
readonly held_out=deploy/models/held_out
# One request with all pictures fills a window. A larger window would contain some pictures twice,
# and that is drift too.
readonly window_rows=360

keep=false
case "$#:${1:-}" in
  0:) ;;
  1:--keep) keep=true ;;
  *)
    echo "Usage: deploy/demo.sh [--keep]" >&2
    echo "  --keep  leave the server running, and print where to look" >&2
    exit 2
    ;;
esac

server=""
work=""

title() {
  printf '\n== %s\n\n' "$*"
}

fail() {
  echo "deploy/demo.sh: $*" >&2
  exit 1
}

cleanup() {
  local status="$?"
  trap '' INT TERM
  if [ -n "$work" ] && { [ "$status" -ne 0 ] || ! "$keep"; }; then
    if [ -n "$server" ]; then
      kill -TERM "$server" 2>/dev/null || true
      wait "$server" 2>/dev/null || true
      [ "$status" -eq 0 ] || tail -n 20 "$work/server.log" >&2
    fi
    rm -rf "$work"
  fi
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# 127.0.0.1 with the port, or with port 0 if something listens there already: the server then chooses
# a free port.
address() {
  if (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; then
    echo 127.0.0.1:0
  else
    echo "127.0.0.1:$1"
  fi
}

logged_port() {
  sed -n "s/.*$1 on 127\.0\.0\.1:[0-9]*, port \([0-9]*\).*/\1/p" "$work/server.log"
}

start_server() {
  : >"$work/server.log"
  "$bin/mlp-server" --model-repository "$work/repository" \
    --grpc-address "$(address 8001)" --http-address "$(address 8002)" \
    --saturation-window "$window_rows" >"$work/server.log" 2>&1 &
  server="$!"
  # The port is known once it is logged. Then the client waits for the health service.
  local tries=0
  until grpc_port="$(logged_port gRPC)" && [ -n "$grpc_port" ]; do
    kill -0 "$server" 2>/dev/null || fail "the server ended: see the lines above"
    tries=$((tries + 1))
    [ "$tries" -lt 600 ] || fail "the server is not ready after a minute"
    sleep 0.1
  done
  http_port="$(logged_port HTTP)"
  export MLP_ADDRESS="127.0.0.1:$grpc_port"
  "$bin/mlp-client" health --wait 120 >/dev/null || fail "the server is not ready"
  sed 's/^/  /' "$work/server.log"
}

# Sends the held-out digits to a model. Further arguments go to mlp-client.
ask() {
  "$bin/mlp-client" infer "$1" --input "$held_out/${pictures:-pixels}.npy" --labels "$held_out/labels.npy" \
    --output-format none "${@:2}"
}

metrics() {
  curl --fail --silent --show-error --max-time 10 "http://127.0.0.1:$http_port/metrics"
}

# Reads /metrics on standard input. Prints the sum of the samples whose name and labels match a
# pattern.
sum_of() {
  awk -v pattern="$1" '$0 ~ pattern { sum += $NF } END { printf "%.14g\n", sum }'
}

# The percentage of saturated activations in a model's hidden layers, computed from the counters on
# two pages of /metrics.
saturated_share() {
  local model="$1" before="$2" after="$3" file counts=()
  for file in "$before" "$after"; do
    counts+=("$(sum_of "^mlp_saturated_activations_total\\\\{model=\"$model\"" <"$file")"
      "$(sum_of "^mlp_activations_total\\\\{model=\"$model\"" <"$file")")
  done
  awk -v s0="${counts[0]}" -v a0="${counts[1]}" -v s1="${counts[2]}" -v a1="${counts[3]}" \
    'BEGIN { printf "%5.1f %%", 100 * (s1 - s0) / (a1 - a0) }'
}

# A line for each hidden layer of a model, from /metrics on standard input.
print_layers() {
  awk -v model="$1" '
    function label(name) {
      return match($0, name "=\"[^\"]*\"") ? substr($0, RSTART + length(name) + 2,
                                                    RLENGTH - length(name) - 3) : ""
    }
    /^#/ || label("model") != model || label("layer") == "" { next }
    {
      split($0, parts, "{")
      layer = label("layer")
      if (!(layer in activation)) { order[++layers] = layer; activation[layer] = label("activation") }
      value[layer, parts[1] label("tail")] = $NF
    }
    END {
      printf "  %-10s %-10s %6s %12s %12s %6s %9s %9s\n", "layer", "activation", "units",
        "lower tail", "upper tail", "dead", "|mean|/rms", "mean |f\x27|"
      for (i = 1; i <= layers; ++i) {
        l = order[i]
        if (activation[l] == "identity" || activation[l] == "") continue
        total = value[l, "mlp_activations_total"]
        printf "  %-10s %-10s %6d %10.1f %% %10.1f %% %6s %9.2f %9.3f\n", l, activation[l],
          value[l, "mlp_layer_units"],
          100 * value[l, "mlp_saturated_activations_totallower"] / total,
          100 * value[l, "mlp_saturated_activations_totalupper"] / total,
          value[l, "mlp_dead_units"], value[l, "mlp_activation_zero_centredness"],
          value[l, "mlp_gradient_gain"]
      }
    }'
}

# A drift metric of a layer, from /metrics. Only digits-sigmoid has them.
drift() {
  metrics | sum_of "^mlp_drift_$1\\\\{.*layer=\"$2\""
}

# Sends requests to digits-sigmoid until the server has judged two windows of its hidden layers and
# one of its inputs. The server samples the inputs, so their window takes longer. Prints the results
# after the argument.
ask_and_judge() {
  local judged inputs passes=0 tries layer answer
  inputs="$(drift window_end_timestamp_seconds inputs)"
  until [ "$passes" -ge 2 ] && [ "$(drift window_end_timestamp_seconds inputs)" != "$inputs" ]; do
    passes=$((passes + 1))
    [ "$passes" -le 300 ] || fail "the server has not judged a window of the inputs"
    judged="$(drift window_end_timestamp_seconds hidden_1)"
    answer="$(ask digits-sigmoid)"
    tries=0
    until [ "$(drift window_end_timestamp_seconds hidden_1)" != "$judged" ]; do
      tries=$((tries + 1))
      [ "$tries" -lt 600 ] || fail "the server has not judged a window of hidden_1"
      sleep 0.1
    done
  done
  printf '  %-8s %s\n  %-8s drift ratio' "$1" "$answer" ''
  for layer in inputs hidden_1 hidden_2 outputs; do
    printf '  %s %.2f' "$layer" "$(drift ratio "$layer")"
  done
  printf '\n'
}

title "1/6  Install what is missing"
deploy/install-packages.sh build demo
echo "everything is installed"

title "2/6  Build mlp-server and mlp-client"
# A tree that tests/run.sh configured is used as it is. Otherwise the demo builds without tests.
[ -f build/release/build.ninja ] ||
  cmake --preset release -DMLP_BUILD_TESTS=OFF -DCMAKE_UNITY_BUILD=ON
cmake --build --preset release --target mlp_server_program mlp_client_program

title "3/6  Calibrate digits-sigmoid with the 1,437 digits that it was trained on"
work="$(mktemp --directory "${TMPDIR:-/tmp}/mlp-demo.XXXXXX")"
cp -R deploy/models/repository "$work/repository"
"$bin/mlp-client" calibrate "$work/repository/digits-sigmoid/1/model.onnx" \
  --input deploy/models/training/pixels.npy 2>&1 | sed 's/^/  /'

title "4/6  Serve the sample models"
start_server

title "5/6  Send each model the 360 held-out digits, and draw one with its answer"
row=3
for folder in deploy/models/repository/*/; do
  model="$(basename "$folder")"
  echo "$model"
  ask "$model" --draw "$row" | sed 's/^/  /'
  echo
  row=$((row + 17))
done

title "6/6  Read the metrics (http://127.0.0.1:$http_port/metrics)"
metrics >"$work/before"
echo "Average latency of the requests so far, of 360 rows each:"
for part in request queue compute; do
  sum="$(sum_of "^mlp_${part}_duration_seconds_sum" <"$work/before")"
  count="$(sum_of "^mlp_${part}_duration_seconds_count" <"$work/before")"
  awk -v part="$part" -v sum="$sum" -v count="$count" 'BEGIN {
    what["request"] = "from decoded request to answer"
    what["queue"] = "of this, waiting for the evaluation"
    what["compute"] = "of this, evaluating the batch and counting saturation"
    printf "  mlp_%s_duration_seconds  %7.1f us  %s\n", part, 1e6 * sum / count, what[part] }'
done
cat <<'END'

Saturation of digits-sigmoid on the held-out digits, for each layer. A unit is saturated if its slope
is below a hundredth of the steepest slope: its output hardly depends on its input. |mean|/rms is 0 if
the outputs are centred on zero, and near 1 if they have one sign, like a sigmoid's. mean |f'| is the
factor by which the layer shrinks a gradient:
END
print_layers digits-sigmoid <"$work/before"
cat <<'END'

The same for digits-relu. The lower tail is a ReLU's share of zeros; about a half is healthy. Watch the
dead units, which were zero on every row:
END
print_layers digits-relu <"$work/before"

# A wrong scale, as if somebody forgot to divide the pixels by 16.
metrics >"$work/before"
ask digits-saturated --scale 0.0625 >"$work/right"
metrics >"$work/between"
ask digits-saturated >"$work/drifted"
metrics >"$work/after"
cat <<END

A wrong scale: digits-saturated is the same network, but its inputs are sixteen times too large. The
accuracy hardly changes, and it needs labels. The saturation needs none, and shows it:
  inputs right          saturated $(saturated_share digits-saturated "$work/before" "$work/between")   $(cat "$work/right")
  inputs 16 x too large saturated $(saturated_share digits-saturated "$work/between" "$work/after")   $(cat "$work/drifted")
END

cat <<'END'

Drift: each picture now has the lower half of the next one, as if a buffer was read while it was being
written. Each pixel has the same values as before, so a check of the inputs sees nothing. A ratio above 1
is drift; two such windows in a row raise an alarm (this takes half a minute):
END
sleep 2 # The server judges once a second. Earlier requests must not count in the next window.
ask_and_judge intact
pictures=torn ask_and_judge torn
cat <<END
  Alarms at hidden_1: $(drift alarms_total hidden_1). The alert is MlpDrift. docs/reference/alerts.md says what to do, and
  docs/use/drift.md how drift is measured.
END

if "$keep"; then
  cat >"$work/prometheus.yml" <<END
global: {scrape_interval: 5s, evaluation_interval: 5s}
rule_files: ["$PWD/deploy/helm/mlpserve/rules/*.yaml"]
scrape_configs:
  - job_name: mlp-server
    static_configs: [{targets: ["127.0.0.1:$http_port"]}]
END
  cat <<END

The server is still running, as process $server:
  page       http://127.0.0.1:$http_port/models/digits-sigmoid
  metrics    http://127.0.0.1:$http_port/metrics
  ask it     export MLP_ADDRESS=$MLP_ADDRESS; $bin/mlp-client describe digits-prelu
  log        $work/server.log
  alerts     prometheus --config.file=$work/prometheus.yml --storage.tsdb.path=$work/data
             then http://127.0.0.1:9090/alerts; docs/reference/alerts.md says what each means
  stop it    kill $server
END
else
  kill -TERM "$server"
  wait "$server" || fail "the server did not stop cleanly"
  server=""
  rm -rf "$work"
  printf '\nThe server has drained and stopped. Run it again with --keep to leave it running.\n'
fi
