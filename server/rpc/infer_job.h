// A ModelInferRequest on its way from its bytes to its answer, whichever call it came by.

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

// Belongs to one thread. Used for one request after the other.
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

  // Begins with a request whose answer goes into `slot`.
  void Begin(AnswerSlot& slot, Clock::time_point its_arrival, Clock::time_point its_deadline);

  // Decodes the request, finds the model it asks for and checks it against that; then model() is
  // set where there is such a model, whether the request is right or not, and the request's level
  // and timeout are those that the model's configuration gives it. `arrival` and `deadline` stay.
  std::optional<Refusal> Read(grpc::ByteBuffer& bytes, const ModelTable& models);

  const std::shared_ptr<const ServedModel>& model() const { return model_; }
  // For a request that is refused before it is read.
  void set_model(std::shared_ptr<const ServedModel> model) { model_ = std::move(model); }
  std::int64_t rows() const { return request_.rows; }
  absl::Span<const InputValues> inputs() const { return request_.inputs; }
  bool client_has_gone() const { return slot_->client_has_gone(); }
  AnswerSlot& slot() const { return *slot_; }

  // The id that the request came with; empty before Read, and where it could not be decoded.
  std::string id() const { return message_ == nullptr ? std::string() : message_->id(); }

  // Keeps what came of the next rows of the request, which stand in `batch` from `row_in_batch` on.
  void Gather(const Batch& batch, std::int64_t row_in_batch, std::int64_t first_row,
              std::int64_t rows);

  // Writes the answer and encodes it: all rows stand in `batch` from `row_in_batch` on, or were
  // gathered. Whether it could be encoded.
  bool WriteAnswer(const Batch& batch, std::int64_t row_in_batch);
  bool WriteGatheredAnswer();

  // The same for a request without rows, which needs no batch. REQUIRES: rows() == 0.
  bool WriteEmptyAnswer();

  // The bytes that the answer takes at most. After Read.
  std::int64_t answer_bytes() const;

  // Ends the request: its slot gets the encoded answer, or the error. The job lets go of the
  // request and the model, and gives back their memory.
  void SendAnswer();
  void SendError(const absl::Status& status);

  // Where the time went, once it was evaluated: of its last batch. Set by who evaluates it.
  struct Timing {
    Clock::duration total{0};  // from its arrival to its answer
    Clock::duration queue{0};
    Clock::duration compute{0};
    std::int64_t batch_rows = 0;
  };
  Timing timing;

  // What AdmissionControl counted of the request. Set by who asked it.
  std::int64_t admitted_bytes = 0;
  bool admitted = false;
  std::int64_t admitted_rows = 0;

 private:
  // Sets `outputs_` to what stands in `batch` from `row_in_batch` on, `rows` rows of the request,
  // and adds what is to be said of their classes.
  void ReadBatch(const Batch& batch, std::int64_t row_in_batch, std::int64_t rows);

  // Writes and encodes the answer, whose values stand at `outputs_`.
  bool WriteOutputs();

  // Encodes an error within the answer of a stream. False without memory for it.
  bool EncodeStreamedError(const absl::Status& status);

  void Reset();

  // What the parameters `priority`, `timeout` and `insight` say.
  absl::Status ReadParameters();
  absl::Status ReadInsight();

  // Looks once more at so many of the request's rows, if the client asks for that.
  void AddInsight(std::int64_t first_row, std::int64_t rows);

  // Messages of the usual size live in here, so that a request allocates next to nothing.
  std::array<char, 4096> arena_block_;
  google::protobuf::Arena arena_;
  inference::ModelInferRequest* message_ = nullptr;  // in the arena
  std::shared_ptr<const ServedModel> model_;
  InferRequest request_;
  std::vector<const float*> outputs_;
  // Where not all rows went into one batch: what came of those that were evaluated, an entry for
  // each output; empty for one whose values are not asked for.
  std::vector<std::vector<float>> gathered_;
  Classes classes_;
  bool asks_insight_ = false;
  std::optional<RequestInsight> insight_;  // from its first rows on
  AnswerSlot* slot_ = nullptr;
};

}  // namespace mlp

#endif  // MLP_SERVER_RPC_INFER_JOB_H_
