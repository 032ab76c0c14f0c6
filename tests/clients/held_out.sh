# Sourced by the scripts of ghz and grpcurl. Provides the held-out digits as JSON.

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly here
readonly pixels="$here/../../deploy/models/held_out/pixels.npy"                   # [360, 64]
readonly probabilities="$here/../fixtures/reference/digits-relu/probabilities.npy" # [360, 10]

# floats FILE COUNT: prints the first values of a .npy file of float32, one per line.
floats() {
  local header
  header="$(od -An -j8 -N2 -tu2 "$1")"
  od -An -v -tf4 -w4 -j$((10 + header)) -N$((4 * $2)) "$1" | tr -d ' '
}

# Prints a request for the probabilities of the first digit, with typed values.
request() {
  cat <<END
{"model_name": "digits-relu", "id": "first",
 "inputs": [{"name": "pixels", "datatype": "FP32", "shape": [1, 64],
             "contents": {"fp32_contents": [$(floats "$pixels" 64 | paste -sd ,)]}}],
 "outputs": [{"name": "probabilities"}]}
END
}
