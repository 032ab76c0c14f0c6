// The rows of several requests for one model, evaluated together.
//
// A Batch belongs to one thread. It is filled, evaluated, read and cleared, and then filled again:
// its memory stays, so that a batch no larger than those before allocates nothing.

#ifndef MLP_SERVER_BATCHING_BATCH_H_
#define MLP_SERVER_BATCHING_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "model/datatype.h"
#include "model/evaluator/evaluator.h"
#include "model/evaluator/layer_activity.h"

namespace mlp {

// The values of one input of a request, [rows, its width] and row-major, as they stand in the
// message: elements of `stored_as`, at an address of any alignment.
struct InputValues {
  const void* data = nullptr;
  Datatype stored_as = Datatype::kFp32;
};

class Batch final {
 public:
  // Holds at most `max_rows` >= 1 rows. `evaluator` must outlive the batch.
  Batch(const Evaluator& evaluator, std::int64_t max_rows);

  std::int64_t rows() const { return rows_; }

  // Whether `rows` more rows fit.
  bool Fits(std::int64_t rows) const { return rows <= max_rows_ - rows_; }

  // Copies `rows` rows in, from row `first_row` of `inputs` on, and converts them to FP32: one
  // entry for each of the network's inputs, in their order. Returns the index of the first of them
  // in the batch. REQUIRES: Fits(rows).
  std::int64_t Add(std::int64_t rows, absl::Span<const InputValues> inputs,
                   std::int64_t first_row = 0);

  // Evaluates all rows, over `most_threads` >= 1 threads at most; Output then has what came out of
  // it. What the activations did is added to `activity`, of MakeNetworkActivity; in part where this
  // throws bad_alloc.
  void Evaluate(NetworkActivity& activity, int most_threads = Evaluator::kAllThreads);

  // The rows that were evaluated last, one array for each of the network's inputs, [rows, its
  // width].
  absl::Span<const float* const> inputs() const { return input_data_; }

  // What the evaluator gave for output `output` (an index into the network's outputs), from row
  // `row` on, row-major.
  const float* Output(std::size_t output, std::int64_t row) const;

  // Forgets the rows.
  void Clear() { rows_ = 0; }

 private:
  const Evaluator& evaluator_;
  const std::int64_t max_rows_;
  std::int64_t rows_ = 0;
  std::vector<std::vector<float>> inputs_;
  std::vector<const float*> input_data_;
  std::vector<std::vector<float>> outputs_;
  std::vector<float*> output_data_;
  Evaluator::Workspace workspace_;
};

}  // namespace mlp

#endif  // MLP_SERVER_BATCHING_BATCH_H_
