// Elements of tensors of every datatype that the protocol names, as they are sent and received.
// Internal to the client.

#ifndef MLP_CLIENT_ELEMENTS_H_
#define MLP_CLIENT_ELEMENTS_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/client.h"
#include "proto/open_inference.pb.h"

namespace mlp {

// Whether elements of `datatype` are numbers that AppendNumber knows.
bool KnowsNumbers(absl::string_view datatype);

// Whether `text` is how a missing number is written: nan, with a sign or without, or nothing.
bool IsNan(absl::string_view text);

// Appends `value` to raw contents; false where the datatype does not have it. FP16 and BF16 are not
// sent.
bool AppendNumber(absl::string_view datatype, float value, std::string& raw);

// Appends a string with its length in front of it.
void AppendString(absl::string_view text, std::string& raw);

// Fills `tensor`'s values and texts with what came, and says how many elements that are; -1 for
// bytes that are no whole number of them. INTERNAL for strings that are cut off, UNIMPLEMENTED for
// a datatype that is not known. The elements are as many as the bytes hold, whatever the tensor's
// shape says.
absl::StatusOr<std::int64_t> ReadRawElements(absl::string_view raw, Tensor& tensor);
absl::StatusOr<std::int64_t> ReadTypedElements(const inference::InferTensorContents& contents,
                                               Tensor& tensor);

}  // namespace mlp

#endif  // MLP_CLIENT_ELEMENTS_H_
