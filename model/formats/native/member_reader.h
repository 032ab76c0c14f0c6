// Reads the members of a layer's combination from a native document. A visitor for VisitMembers
// (members.h).

#ifndef MLP_MODEL_FORMATS_NATIVE_MEMBER_READER_H_
#define MLP_MODEL_FORMATS_NATIVE_MEMBER_READER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "model/formats/native/document.h"
#include "model/formats/native/tensors.h"
#include "model/formats/native/words.h"
#include "model/network.h"

namespace mlp {

// `number` as FP32. INVALID_ARGUMENT, starting with `place`, if it is outside FP32's range.
absl::StatusOr<float> NativeFloat(absl::string_view place, double number);

// status() keeps the first error; members visited after it are left unchanged. The constructor's
// arguments must outlive the reader. Not thread-safe.
class NativeMemberReader final {
 public:
  // `description` describes the layer at `pointer`, e.g. "/layers/3".
  NativeMemberReader(const NativeLayer& description, std::string pointer, NativeTensors& tensors)
      : description_(description), pointer_(std::move(pointer)), tensors_(tensors) {}

  void Weights(Layer& layer);
  void Vector(absl::string_view key, std::vector<float>& values, std::int64_t count);
  void Vector(absl::string_view key, std::vector<float>& values, std::int64_t count,
              float default_value);
  void OptionalVector(absl::string_view key, std::vector<float>& values, std::int64_t count);
  void Table(absl::string_view key, std::vector<float>& values, std::int64_t& width);
  void Indices(absl::string_view key, std::vector<std::int32_t>& indices);
  void Integer(absl::string_view key, std::int64_t& number);
  void Integer(absl::string_view key, std::int64_t& number, std::int64_t default_value);
  void Number(absl::string_view key, float& number);
  void Number(absl::string_view key, float& number, float default_value);
  void NumberOrInfinity(absl::string_view key, float& number);
  template <typename Enumeration>
  void Choice(absl::string_view key, Enumeration& choice) {
    SetByWord(TextOf(key), choice);
  }
  void Function(UnitFunction& function);

  const absl::Status& status() const { return status_; }

 private:
  // The quoted JSON pointer of the member `key`.
  std::string Place(absl::string_view key) const;

  // The value of a member; ParseNativeDocument has checked that it is given.
  const std::string& TextOf(absl::string_view key) const;

  template <typename Value, typename Result>
  void Take(absl::StatusOr<Result> result, Value& value) {
    status_.Update(result.status());
    if (result.ok()) value = *std::move(result);
  }

  const NativeLayer& description_;
  std::string pointer_;
  NativeTensors& tensors_;
  absl::Status status_;
};

}  // namespace mlp

#endif  // MLP_MODEL_FORMATS_NATIVE_MEMBER_READER_H_
