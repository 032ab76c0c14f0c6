#include "server/rpc/input_words.h"

#include <cstring>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "model/quote.h"

namespace mlp {
namespace {

using WordsInput = inference::ModelInferRequest::InferInputTensor;

// The length before each raw string.
constexpr std::size_t kLengthBytes = sizeof(std::uint32_t);

bool HasNumbers(const inference::InferTensorContents& contents) {
  return contents.bool_contents_size() + contents.int_contents_size() +
             contents.int64_contents_size() + contents.uint_contents_size() +
             contents.uint64_contents_size() + contents.fp32_contents_size() +
             contents.fp64_contents_size() >
         0;
}

absl::Status FindTypedWords(const WordsInput& input, std::int64_t count,
                            const Vocabulary& vocabulary, std::vector<float>& positions) {
  const auto& strings = input.contents().bytes_contents();
  if (HasNumbers(input.contents())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "input ", Quote(input.name()), " has values of another datatype; expected bytes_contents"));
  }
  if (strings.size() != count) {
    return absl::InvalidArgumentError(absl::StrCat("input ", Quote(input.name()), " has ",
                                                   strings.size(), " values in bytes_contents; ",
                                                   "its shape expects ", count));
  }
  positions.resize(static_cast<std::size_t>(count));
  std::size_t next = 0;
  for (const std::string& word : strings) {
    positions[next++] = static_cast<float>(vocabulary.PositionOf(word));
  }
  return absl::OkStatus();
}

absl::Status FindRawWords(const WordsInput& input, absl::string_view bytes, std::int64_t count,
                          const Vocabulary& vocabulary, std::vector<float>& positions) {
  const auto wrong = [&](const auto&... what) {
    return absl::InvalidArgumentError(
        absl::StrCat("input ", Quote(input.name()), " has ", what..., "; expected ", count,
                     " strings, each preceded by its length in four bytes"));
  };
  // Checked before room is made for them.
  if (bytes.size() / kLengthBytes < static_cast<std::size_t>(count)) {
    return wrong(bytes.size(), " raw bytes");
  }
  positions.resize(static_cast<std::size_t>(count));
  for (float& position : positions) {
    std::uint32_t length = 0;
    if (bytes.size() < kLengthBytes) return wrong("fewer raw strings");
    std::memcpy(&length, bytes.data(), kLengthBytes);
    bytes.remove_prefix(kLengthBytes);
    if (length > bytes.size()) {
      return wrong("a raw string of ", length, " bytes, but only ", bytes.size(), " bytes left");
    }
    position = static_cast<float>(vocabulary.PositionOf(bytes.substr(0, length)));
    bytes.remove_prefix(length);
  }
  if (!bytes.empty()) return wrong(bytes.size(), " raw bytes after its strings");
  return absl::OkStatus();
}

}  // namespace

absl::Status FindInputWords(const inference::ModelInferRequest& message, int index,
                            std::int64_t count, const Vocabulary& vocabulary,
                            std::vector<float>& positions) {
  const WordsInput& input = message.inputs(index);
  if (message.raw_input_contents_size() == 0) {
    return FindTypedWords(input, count, vocabulary, positions);
  }
  if (HasNumbers(input.contents()) || input.contents().bytes_contents_size() > 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("input ", Quote(input.name()),
                     " has both typed and raw contents; expected one of the two"));
  }
  if (message.raw_input_contents_size() != message.inputs_size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "the request has ", message.raw_input_contents_size(), " raw_input_contents for ",
        message.inputs_size(), " inputs; expected one for each"));
  }
  return FindRawWords(input, message.raw_input_contents(index), count, vocabulary, positions);
}

}  // namespace mlp
