// A client of an inference server that speaks the Open Inference Protocol, version 2, over gRPC.
//
//   absl::StatusOr<mlp::Client> client = mlp::Client::Create("127.0.0.1:8001");
//   absl::StatusOr<mlp::ModelMetadata> model = client->Metadata("digits-relu");
//   absl::StatusOr<mlp::InferResult> answer = client->Infer(*model, /*rows=*/1, pixels);
//
// Every call asks the server, blocks until it has answered or ClientOptions::timeout has passed,
// and keeps the code of the server's error: NOT_FOUND for an unknown model or version, UNAVAILABLE
// where the server cannot be reached or the model is not ready, INVALID_ARGUMENT for a request that
// the model does not take, RESOURCE_EXHAUSTED over a limit, DEADLINE_EXCEEDED, UNAUTHENTICATED and
// PERMISSION_DENIED where the server does not know or not allow the caller. An answer that
// contradicts itself or the question is INTERNAL, with a message that begins "malformed answer".

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
  // The most time that one call may take, connecting included. More than 0.
  std::chrono::milliseconds timeout{30'000};

  // The longest message to send or to take.
  int max_message_bytes = std::numeric_limits<std::int32_t>::max();

  // Plaintext and no token, unless it is set (client/credentials.h).
  ClientCredentials credentials{};
};

enum class ServingStatus { kServing, kNotServing, kUnknown };

// One version of a model, as the server's repository lists it.
struct RepositoryEntry {
  std::string name;
  std::string version;
  std::string state;   // UNKNOWN, READY, UNAVAILABLE, LOADING or UNLOADING
  std::string reason;  // why it is not ready
};

struct TensorMetadata {
  std::string name;
  std::string datatype;             // e.g. "FP32"
  std::vector<std::int64_t> shape;  // -1 where any length goes: the rows

  // Of an output that scores or names classes: their names, in order, where the server tells them.
  std::vector<std::string> class_names{};
};

// What a model takes and answers.
struct ModelMetadata {
  std::string name;
  std::string requested_version;  // as it was asked for; empty: the default one
  std::vector<std::string> versions;
  std::string platform;
  std::vector<TensorMetadata> inputs;
  std::vector<TensorMetadata> outputs;
};

// A model's metadata with what its configuration adds.
struct ModelDescription {
  ModelMetadata metadata;

  // The most rows that one request may hold; 0 where the model takes no batches.
  std::int64_t max_rows = 0;

  // By name; "layers" holds a JSON array that ParseLayerDescriptions reads.
  std::map<std::string, std::string> parameters;
};

// Row-major. One of `values`, `integers` and `strings` has as many elements as the product of
// `shape`, and the other two have none.
struct Tensor {
  std::string name;
  std::vector<std::int64_t> shape;       // [rows, ...]
  std::vector<float> values;             // of FP32, FP16 and BF16; of FP64 the nearest floats
  std::string datatype = "FP32";         // the protocol's
  std::vector<std::int64_t> integers{};  // of BOOL, INT8 to INT64 and UINT8 to UINT64
  std::vector<std::string> strings{};    // of BYTES
};

struct InferResult {
  std::string model;
  std::string version;  // the one that answered
  std::vector<Tensor> outputs;
};

// What drift is judged against for one layer, and the reference values of what is exported of it.
struct BaselineLayer {
  std::string name;             // "inputs", "hidden_1", ..., "outputs"
  std::int64_t components = 0;  // values of a row that are judged; 0: the layer is not judged
  double level = 0.0;           // of the statistic, exceeded by chance in a thousandth of windows
  bool accepted = false;        // whether that comes from accepted windows
  bool has_reference = false;   // whether the following are known
  double lower_share = 0.0;     // saturated shares
  double upper_share = 0.0;
  double dead_units = 0.0;
  double mean = 0.0;
  double gradient_gain = 0.0;
};

// A baseline of a version (docs/drift.md).
struct BaselineFile {
  std::string contents;  // of baseline.safetensors
  std::string model;
  std::string version;
  std::string source;        // "calibration" or "live_traffic"
  std::int64_t created = 0;  // seconds since the epoch
  std::int64_t rows = 0;     // that it was made with
  std::int64_t windows = 0;  // that were accepted; 0: none
  std::vector<BaselineLayer> layers;
  std::vector<std::string> warnings;  // of Calibrate: what is doubtful, such as too few rows
};

// The one of `file` that goes by the name of a layer in metrics, added where there is none. The
// output layer, "output" there, is "outputs" here.
BaselineLayer& BaselineLayerNamed(const std::string& layer, BaselineFile& file);

struct CalibrationQuestion {
  std::string model{};
  std::string version{};  // empty: the default one
  bool install = false;   // whether the server is to judge by it at once
};

// Asked ten times a second while a call is under way; false cancels it.
using GoOn = std::function<bool()>;

// Keeps one connection, made at the first call and made anew when it breaks. Every call may be made
// from any number of threads at once; they share the connection. A moved-from Client may only be
// assigned to or destroyed.
class Client final {
 public:
  // `address` is host:port, [IPv6]:port, or a name with a scheme that gRPC resolves (unix:, dns:,
  // ipv4:, ipv6:). INVALID_ARGUMENT where it is none of these or an option is out of range; whether
  // a server is there, and the right one, shows only at the first call. Also the errors of
  // CheckClientCredentials.
  static absl::StatusOr<Client> Create(const std::string& address,
                                       const ClientOptions& options = {});

  Client(Client&&) noexcept;
  Client& operator=(Client&&) noexcept;
  ~Client();

  // Whether the process lives, and whether it takes inference requests.
  absl::StatusOr<bool> ServerLive() const;
  absl::StatusOr<bool> ServerReady() const;

  // The server's own name and version, e.g. "mlpserve 0.1.0".
  absl::StatusOr<std::string> ServerName() const;

  // The state of `service` by grpc.health.v1: "" for the whole server, or a model's name. NOT_FOUND
  // for a service that the server does not know.
  absl::StatusOr<ServingStatus> CheckHealth(const std::string& service = "") const;

  // Every version of every model that the server knows of, ready or not.
  absl::StatusOr<std::vector<RepositoryEntry>> ListModels() const;

  // Has the server load a model of its repository as it is there now, and take one out of service;
  // each returns when that is done. NOT_FOUND for an unknown model, INVALID_ARGUMENT for
  // one that is refused, UNAVAILABLE from a server that does not change its models by request.
  absl::Status LoadModel(const std::string& model) const;
  absl::Status UnloadModel(const std::string& model) const;

  // An empty version is the server's choice: the default one.
  absl::StatusOr<ModelMetadata> Metadata(const std::string& model,
                                         const std::string& version = "") const;
  absl::StatusOr<ModelDescription> Describe(const std::string& model,
                                            const std::string& version = "") const;

  // Asks `model`, as Metadata or Describe has told it, for the answers to `rows` rows: `values` has
  // `rows` times the input's width elements, one row after the other. A row of a model with several
  // inputs is those of its inputs side by side, in their order. Numbers go out as the input's
  // datatype has them. `texts` has the same for the inputs of BYTES, which `values` leaves out.
  // `outputs` names the outputs wanted; none for all. The answer's outputs come in that order, each
  // with `rows` rows; no rows are answered with none.
  //
  // INVALID_ARGUMENT where `values` or `texts` is no whole number of rows, where there are some and
  // no input takes them, or for a number that an integer input cannot have; the width of a single
  // input is judged by the server. UNIMPLEMENTED for an input of FP16 or BF16, or an output of a
  // datatype that the protocol does not have. RESOURCE_EXHAUSTED for a request over
  // max_message_bytes.
  absl::StatusOr<InferResult> Infer(const ModelMetadata& model, std::int64_t rows,
                                    absl::Span<const float> values,
                                    const std::vector<std::string>& outputs = {},
                                    absl::Span<const std::string> texts = {}) const;

  // The text of /status.json, of `model` alone or, where that is empty, of all. Of mlpserve alone,
  // as the following: UNIMPLEMENTED from other servers. CANCELLED where `go_on` has said so.
  absl::StatusOr<std::string> StatusJson(const std::string& model = "",
                                         const GoOn& go_on = nullptr) const;

  // The baseline in force. FAILED_PRECONDITION where there is none.
  absl::StatusOr<BaselineFile> Baseline(const std::string& model,
                                        const std::string& version = "") const;

  // Has the server take windows, spread over the time since the baseline came in force, as the
  // reference of drift, and gives the new baseline, which is in force. FAILED_PRECONDITION without
  // a baseline or with too few windows, PERMISSION_DENIED where models are not changed by request.
  absl::StatusOr<BaselineFile> AcceptWindows(const std::string& model,
                                             const std::string& version = "") const;

  // Has the server make a baseline of rows as Infer has them. The timeout is for each part that is
  // sent, and for the answer. `sent`, if any, is called as `go_on`, with the values sent so far.
  // INVALID_ARGUMENT where the rows are not as the model takes them, RESOURCE_EXHAUSTED for too
  // many, else as AcceptWindows.
  absl::StatusOr<BaselineFile> Calibrate(
      const CalibrationQuestion& question, absl::Span<const float> values,
      const std::function<bool(std::int64_t values_sent)>& sent = nullptr) const;

 private:
  struct Connection;

  explicit Client(std::unique_ptr<const Connection> connection);

  std::unique_ptr<const Connection> connection_;
};

}  // namespace mlp

#endif  // MLP_CLIENT_CLIENT_H_
