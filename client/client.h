// A client of an inference server that speaks the Open Inference Protocol, version 2, over gRPC.
//
//   absl::StatusOr<mlp::Client> client = mlp::Client::Create("127.0.0.1:8001");
//   absl::StatusOr<mlp::ModelMetadata> model = client->Metadata("digits-relu");
//   absl::StatusOr<mlp::InferResult> answer = client->Infer(*model, /*rows=*/1, pixels);
//
// Every call asks the server and blocks until it has answered or ClientOptions::timeout has passed.
// The server's error code is kept:
//
// - NOT_FOUND: the model or version is unknown
// - UNAVAILABLE: the server cannot be reached, or the model is not ready
// - INVALID_ARGUMENT: the model does not accept the request
// - RESOURCE_EXHAUSTED: a limit is exceeded
// - DEADLINE_EXCEEDED: no answer came in time
// - UNAUTHENTICATED, PERMISSION_DENIED: the server does not know, or does not allow, the caller
//
// An answer that contradicts itself or the request is INTERNAL, with a message that starts with
// "malformed answer".

#ifndef MLP_CLIENT_CLIENT_H_
#define MLP_CLIENT_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "client/credentials.h"

namespace mlp {

struct ClientOptions {
  // The time limit of one call, including connecting. Must be positive.
  std::chrono::milliseconds timeout{30'000};

  // The longest message to send or receive.
  int max_message_bytes = std::numeric_limits<std::int32_t>::max();

  // By default, plaintext without a token (client/credentials.h).
  ClientCredentials credentials{};
};

enum class ServingStatus { kServing, kNotServing, kUnknown };

// One version of a model in the server's repository.
struct RepositoryEntry {
  std::string name;
  std::string version;
  std::string state;   // UNKNOWN, READY, UNAVAILABLE, LOADING or UNLOADING
  std::string reason;  // why it is not ready
};

struct TensorMetadata {
  std::string name;
  std::string datatype;             // e.g. "FP32"
  std::vector<std::int64_t> shape;  // -1 for any length: the rows

  // For an output of scores or class names: the names of the classes in order, if the server gives
  // them.
  std::vector<std::string> class_names{};
};

// A model's inputs and outputs.
struct ModelMetadata {
  std::string name;
  std::string requested_version;  // as requested; empty for the default
  std::vector<std::string> versions;
  std::string platform;
  std::vector<TensorMetadata> inputs;
  std::vector<TensorMetadata> outputs;
};

// A model's metadata, plus what its configuration adds.
struct ModelDescription {
  ModelMetadata metadata;

  // The most rows in one request; 0 if the model does not take batches.
  std::int64_t max_rows = 0;

  // By name. "layers" holds a JSON array; read it with ParseLayerDescriptions.
  std::map<std::string, std::string> parameters;
};

// Row-major. Exactly one of `values`, `integers` and `strings` has elements, as many as the product
// of `shape`.
struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;       // [rows, ...]
  std::vector<float> values;             // for FP32, FP16 and BF16; the nearest floats for FP64
  std::string datatype = "FP32";         // as named by the protocol
  std::vector<std::int64_t> integers{};  // for BOOL, INT8 to INT64 and UINT8 to UINT64
  std::vector<std::string> strings{};    // for BYTES
};

struct InferResult {
  std::string model;
  std::string version;  // the version that answered
  std::vector<Tensor> outputs;
};

// How drift is judged for one layer, and the reference values of its exported metrics.
struct BaselineLayer {
  std::string name;             // "inputs", "hidden_1", ..., "outputs"
  std::int64_t components = 0;  // judged values per row; 0: the layer is not judged
  double level = 0.0;           // of the statistic; a thousandth of windows exceed it by chance
  bool accepted = false;        // whether `level` comes from accepted windows
  bool has_reference = false;   // whether the fields below are known
  double lower_share = 0.0;     // saturated shares
  double upper_share = 0.0;
  double dead_units = 0.0;
  double mean = 0.0;
  double gradient_gain = 0.0;
};

// The baseline of a version (docs/use/drift.md).
struct BaselineFile {
  std::string contents;  // the bytes of baseline.safetensors
  std::string model;
  std::string version;
  std::string source;        // "calibration" or "live_traffic"
  std::int64_t created = 0;  // seconds since the epoch
  std::int64_t rows = 0;     // that it was made from
  std::int64_t windows = 0;  // accepted windows; 0 if none
  std::vector<BaselineLayer> layers;
  std::vector<std::string> warnings;  // from Calibrate: doubts, such as too few rows
};

// The layer of `file` whose metrics have the name `layer`; added if there is none. The metrics'
// "output" is called "outputs" here.
BaselineLayer& BaselineLayerNamed(const std::string& layer, BaselineFile& file);

struct CalibrationTarget {
  std::string model{};
  std::string version{};  // empty for the default
  bool install = false;   // whether the server judges by it immediately
};

// Called ten times a second during a call; returning false cancels the call.
using KeepGoing = std::function<bool()>;

// Keeps one connection, which is made at the first call and remade when it breaks. Any number of
// threads may make calls at the same time; they share the connection. A moved-from Client may only
// be assigned to or destroyed.
class Client final {
 public:
  // `address` is host:port, [IPv6]:port, or a name with a scheme that gRPC resolves (unix:,
  // unix-abstract:, dns:, ipv4:, ipv6:). INVALID_ARGUMENT if it is none of these or an option is
  // out of range. Also returns the errors of CheckClientCredentials. Does not connect: whether the
  // right server is there only shows at the first call.
  static absl::StatusOr<Client> Create(const std::string& address,
                                       const ClientOptions& options = {});

  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  // Whether the process is alive, and whether it accepts inference requests.
  absl::StatusOr<bool> ServerLive() const;
  absl::StatusOr<bool> ServerReady() const;

  // The server's name and version, e.g. "mlpserve 0.1.0".
  absl::StatusOr<std::string> ServerName() const;

  // The grpc.health.v1 state of `service`: "" for the whole server, or a model's name. NOT_FOUND if
  // the server does not know the service.
  absl::StatusOr<ServingStatus> CheckHealth(const std::string& service = "") const;

  // Every version of every model known to the server, ready or not.
  absl::StatusOr<std::vector<RepositoryEntry>> ListModels() const;

  // Load a model from the server's repository in its current state, or take it out of service. Both
  // return when that is done. NOT_FOUND for an unknown model, INVALID_ARGUMENT if the model is
  // refused, UNAVAILABLE if the server does not change its models on request.
  absl::Status LoadModel(const std::string& model) const;
  absl::Status UnloadModel(const std::string& model) const;

  // An empty version means the server's default.
  absl::StatusOr<ModelMetadata> Metadata(const std::string& model,
                                         const std::string& version = "") const;
  absl::StatusOr<ModelDescription> Describe(const std::string& model,
                                            const std::string& version = "") const;

  // Asks `model`, as returned by Metadata or Describe, for the answers to `rows` rows. `values` has
  // `rows` times the input's width elements, row after row. If the model has several inputs, a row
  // holds those of all inputs in order. Numbers are converted to the input's datatype. `texts` has
  // the same layout for the BYTES inputs, which `values` leaves out. `outputs` names the wanted
  // outputs; empty for all. The outputs of the answer come in that order, each with `rows` rows.
  // Zero rows get an answer with zero rows.
  //
  // INVALID_ARGUMENT if `values` or `texts` is not a whole number of rows, if no input takes them,
  // or if an integer input cannot hold a number; the server checks the width of a single input.
  // UNIMPLEMENTED for a model without inputs, an FP16 or BF16 input, or an output datatype that the
  // protocol does not have. RESOURCE_EXHAUSTED if the request exceeds max_message_bytes.
  absl::StatusOr<InferResult> Infer(const ModelMetadata& model, std::int64_t rows,
                                    absl::Span<const float> values,
                                    const std::vector<std::string>& outputs = {},
                                    absl::Span<const std::string> texts = {}) const;

  // The text of /status.json for `model`, or for all models if it is empty. This call and those
  // below need mlpserve: other servers return UNIMPLEMENTED. CANCELLED if `keep_going` returned
  // false.
  absl::StatusOr<std::string> StatusJson(const std::string& model = "",
                                         const KeepGoing& keep_going = nullptr) const;

  // The baseline in force. FAILED_PRECONDITION if there is none.
  absl::StatusOr<BaselineFile> Baseline(const std::string& model,
                                        const std::string& version = "") const;

  // Makes the server use windows, spread over the time since the baseline came into force, as the
  // reference for drift. Returns the new baseline, which is in force. FAILED_PRECONDITION without a
  // baseline or with too few windows, PERMISSION_DENIED if the server does not change models on
  // request.
  absl::StatusOr<BaselineFile> AcceptWindows(const std::string& model,
                                             const std::string& version = "") const;

  // Makes the server build a baseline from rows in the layout of Infer. The timeout applies to each
  // part sent, and to the answer. `sent`, if any, is called like KeepGoing, with the number of
  // values sent so far. INVALID_ARGUMENT if the rows do not fit the model, RESOURCE_EXHAUSTED if
  // there are too many; otherwise like AcceptWindows.
  absl::StatusOr<BaselineFile> Calibrate(
      const CalibrationTarget& target, absl::Span<const float> values,
      const std::function<bool(std::int64_t values_sent)>& sent = nullptr) const;

 private:
  struct Connection;

  explicit Client(std::unique_ptr<const Connection> connection);

  std::unique_ptr<const Connection> connection_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_CLIENT_H_
