// Tensors whose dimensions have letters, as in Einsum's equation, and their values in any order of
// the letters. Internal to the reader.

#ifndef MLP_MODEL_FORMATS_ONNX_OPERATORS_LETTERED_TENSORS_H_
#define MLP_MODEL_FORMATS_ONNX_OPERATORS_LETTERED_TENSORS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "model/formats/onnx/operators/operands.h"
#include "model/formats/onnx/operators/whole_shape.h"

namespace mlp {

// Dimensions with the same letter share an index.
using Letter = int;
using Letters = std::vector<Letter>;

// Some letters in order, as several lists one after the other.
using LetterLists = std::vector<const Letters*>;

// A tensor whose dimensions have letters.
struct LetteredValue {
  OnnxValue value;  // a signal, a constant or a list
  Letters letters;
};

// The same with its shape.
struct LetteredTensor {
  OnnxValue value;
  Letters letters;  // one for each dimension
  WholeShape shape;

  bool is_signal() const { return std::holds_alternative<Signal>(value); }

  // Whether it has more than one value along `letter`.
  bool Varies(Letter letter) const;
};

// The sizes of the letters that some tensors share, and the letter of the batch.
class LetteredTensors final {
 public:
  // The most values that ProductOf counts.
  static constexpr std::int64_t kMaxProducts = std::int64_t{1} << 24;

  // `operands` must outlive this.
  explicit LetteredTensors(const Operands& operands) : operands_(operands) {}

  // A tensor whose letters get its sizes. INVALID_ARGUMENT if the numbers of letters and dimensions
  // differ, or if a letter has another size already and neither size is 1.
  absl::StatusOr<LetteredTensor> Add(const LetteredValue& lettered);

  // Finds the batch's letter among those of `tensors`, all that were added. UNIMPLEMENTED if it is
  // not in `made`, or if rows would be mixed.
  absl::Status FindBatch(absl::Span<const LetteredTensor> tensors, const Letters& made);

  // The size of each letter.
  const std::map<Letter, std::int64_t>& sizes() const { return sizes_; }

  // The product of the letters' sizes; nothing beyond kMaxProducts.
  std::optional<std::int64_t> ProductOf(const LetterLists& lists) const;

  // The shape with a dimension for each letter, with the batch if FindBatch found it among them.
  WholeShape ShapeOf(const LetterLists& lists) const;

  // The numbers of a constant or a list, in the order of the letters; repeated along letters that
  // it does not have. Fails like NumbersOfConstantAt and TakeBytes. REQUIRES: ProductOf counts
  // them.
  absl::StatusOr<std::vector<double>> NumbersOf(const LetteredTensor& tensor,
                                                const LetterLists& lists) const;

  // A node with a signal's values in the order of the letters. Fails like MakeWiring.
  absl::StatusOr<RowNodeId> RowsOf(const LetteredTensor& tensor, const LetterLists& lists) const;

  // `value`, which has a dimension for each letter of `lists`, with those of `made` instead. Fails
  // like MakeWiring and WiredAt. REQUIRES: the letters are the same but for their order.
  absl::StatusOr<OnnxValue> InOrderOf(const Letters& made, OnnxValue value,
                                      const LetterLists& lists) const;

 private:
  // 0 if no tensor has the letter.
  std::int64_t SizeOf(Letter letter) const;

  const Operands& operands_;
  std::map<Letter, std::int64_t> sizes_;
  std::optional<Letter> batch_;
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_ONNX_OPERATORS_LETTERED_TENSORS_H_
