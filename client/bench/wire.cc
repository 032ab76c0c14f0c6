#include "client/bench/wire.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>

#include <cstdint>
#include <vector>

namespace mlp {
namespace {

using google::protobuf::internal::WireFormatLite;

constexpr std::uint32_t LengthDelimited(int field) {
  return WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
}
constexpr std::uint32_t kErrorMessage = LengthDelimited(1);
constexpr std::uint32_t kInferResponse = LengthDelimited(2);

}  // namespace

grpc::ByteBuffer Serialize(const inference::ModelInferRequest& request) {
  const grpc::Slice slice(request.SerializeAsString());
  return {&slice, 1};
}

grpc::Slice Flatten(const grpc::ByteBuffer& bytes) {
  grpc::Slice slice;
  if (bytes.TrySingleSlice(&slice).ok() || bytes.DumpToSingleSlice(&slice).ok()) return slice;
  return {};
}

std::optional<StreamAnswer> ParseStreamAnswer(absl::string_view bytes) {
  StreamAnswer answer;
  google::protobuf::io::CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                static_cast<int>(bytes.size()));
  while (const std::uint32_t tag = stream.ReadTag()) {
    if (tag != kErrorMessage && tag != kInferResponse) {
      if (!WireFormatLite::SkipField(&stream, tag)) return std::nullopt;
      continue;
    }
    std::uint32_t length = 0;
    if (!stream.ReadVarint32(&length)) return std::nullopt;
    const auto at = static_cast<std::size_t>(stream.CurrentPosition());
    if (length > bytes.size() - at || !stream.Skip(static_cast<int>(length))) return std::nullopt;
    const absl::string_view field = bytes.substr(at, length);
    if (tag == kErrorMessage) {
      answer.error_message = std::string(field);
    } else {
      answer.infer_response = field;
    }
  }
  // ReadTag returns 0 both at the end and for unreadable data.
  if (!stream.ConsumedEntireMessage()) return std::nullopt;
  return answer;
}

}  // namespace mlp
