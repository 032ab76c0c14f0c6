// A ModelInferRequest on its way from its bytes to its answer, for any kind of call.

#ifndef MLP_SERVER_RPC_INFER_JOB_H_
#define MLP_SERVER_RPC_INFER_JOB_H_

#include <google/protobuf/arena.h>
#include <grpcpp/support/byte_buffer.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "proto/open_inference.pb.h"
#include "server/batching/batch.h"
#include "server/batching/queued_request.h"
#include "server/batching/rejection_reason.h"
#include "server/rpc/answer_slot.h"
#include "server/rpc/infer_request.h"
#include "server/rpc/infer_response.h"
#include "server/rpc/request_insight.h"
#include "server/served_models/model_table.h"

namespace mlp {

// Belongs to one thread. Used for one request after another.
class InferJob final : public QueuedRequest {
 public:
  InferJob();
  ~InferJob() = default;

  InferJob(const InferJob&) = delete;
  InferJob& operator=(const InferJob&) = delete;

  struct Refusal {
    RejectionReason reason;
    absl::Status status;
  };

  // Begins a request whose answer goes into `slot`.
  void Begin(AnswerSlot& slot, Clock::time_point its_arrival, Clock::time_point its_deadline);

  // Decodes the request, finds the model it names, and checks the request against it. If there is
  // such a model, model() is set, whether the request is valid or not. The level and timeout of the
  // request are set as the model's configuration says. `arrival` and `deadline` stay.
  std::optional<Refusal> Read(grpc::ByteBuffer& bytes, const ModelTable& models);

  const std::shared_ptr<const ServedModel>& model() const { return model_; }
  // For a request that is refused before it is read.
  void set_model(std::shared_ptr<const ServedModel> model) { model_ = std::move(model); }
  std::int64_t rows() const { return request_.rows; }
  absl::Span<const InputValues> inputs() const { return request_.inputs; }
  bool client_has_gone() const { return slot_->client_has_gone(); }
  AnswerSlot& slot() const { return *slot_; }

  // The request's id; empty before Read, and if it could not be decoded.
  std::string id() const { return message_ == nullptr ? std::string() : message_->id(); }

  // Keeps the results of the next rows of the request, which are in `batch` from `row_in_batch` on.
  void Gather(const Batch& batch, std::int64_t row_in_batch, std::int64_t first_row,
              std::int64_t rows);

  // Writes the answer and encodes it. All rows are in `batch` from `row_in_batch` on, or were
  // gathered. Returns whether it could be encoded.
  bool WriteAnswer(const Batch& batch, std::int64_t row_in_batch);
  bool WriteGatheredAnswer();

  // The same for a request without rows, which needs no batch. REQUIRES: rows() == 0.
  bool WriteEmptyAnswer();

  // The most bytes that the answer takes. Call it after Read.
  std::int64_t answer_bytes() const;

  // Ends the request: its slot gets the encoded answer or the error. The job releases the request
  // and the model, and their memory.
  void SendAnswer();
  void SendError(const absl::Status& status);

  // Where the time went, for the last batch of the request. Set by the code that evaluates it.
  struct Timing {
    Clock::duration total{0};  // from its arrival to its answer
    Clock::duration queue{0};
    Clock::duration compute{0};
    std::int64_t batch_rows = 0;
  };
  Timing timing;

  // What AdmissionControl counted of the request. Set by the code that asked it.
  std::int64_t admitted_bytes = 0;
  bool admitted = false;
  std::int64_t admitted_rows = 0;

 private:
  // Sets `outputs_` to the results of `rows` rows of the request, which are in `batch` from
  // `row_in_batch` on, and adds the classes of these rows.
  void ReadBatch(const Batch& batch, std::int64_t row_in_batch, std::int64_t rows);

  // Writes and encodes the answer from the values at `outputs_`.
  bool WriteOutputs();

  // Encodes an error within the answer of a stream. False if there is no memory for it.
  bool EncodeStreamedError(const absl::Status& status);

  void Reset();

  // Reads the parameters `priority`, `timeout` and `insight`.
  absl::Status ReadParameters();
  absl::Status ReadInsight();

  // Examines these rows of the request once more, if the client asks for insight.
  void AddInsight(std::int64_t first_row, std::int64_t rows);

  // Messages of the usual size fit in here, so a request allocates next to nothing.
  std::array<char, 4096> arena_block_;
  google::protobuf::Arena arena_;
  inference::ModelInferRequest* message_ = nullptr;  // in the arena
  std::shared_ptr<const ServedModel> model_;
  InferRequest request_;
  std::vector<const float*> outputs_;
  // If not all rows went into one batch: the results of the rows evaluated so far. One entry for
  // each output; empty if its values are not asked for.
  std::vector<std::vector<float>> gathered_;
  Classes classes_;
  bool asks_insight_ = false;
  std::optional<RequestInsight> insight_;  // set with the first rows
  AnswerSlot* slot_ = nullptr;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INFER_JOB_H_
