// The rows of several requests for one model, evaluated together.
//
// A Batch belongs to one thread. It is filled, evaluated, read and cleared, and then filled again.
// It keeps its memory, so a batch no larger than earlier ones allocates nothing.

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

// The values of one input of a request, [rows, its width], row-major, in place in the message:
// elements of `stored_as`, at an address of any alignment.
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

  // Copies `rows` rows of `inputs`, from row `first_row` on, and converts them to FP32. `inputs`
  // has one entry for each of the network's inputs, in their order. Returns the index in the batch
  // of the first row copied. REQUIRES: Fits(rows).
  std::int64_t Add(std::int64_t rows, absl::Span<const InputValues> inputs,
                   std::int64_t first_row = 0);

  // Evaluates all rows on at most `most_threads` >= 1 threads; Output then returns the results.
  // Adds the activity to `activity`, which MakeNetworkActivity made; only a part of it if this
  // throws bad_alloc.
  void Evaluate(NetworkActivity& activity, int most_threads = Evaluator::kAllThreads);

  // The rows of the last evaluation: one array for each of the network's inputs, [rows, its width].
  absl::Span<const float* const> inputs() const { return input_data_; }

  // The result of the last evaluation for output `output` (an index into the network's outputs),
  // from row `row` on, row-major.
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
