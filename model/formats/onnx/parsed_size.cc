#include "model/formats/onnx/parsed_size.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/message.h>
#include <google/protobuf/wire_format_lite.h>

#include <algorithm>
#include <limits>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"

namespace mlp {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// Protobuf's limit for nested messages.
constexpr int kDeepestMessage = 100;

// The overhead of malloc for each block.
constexpr std::int64_t kBlockBytes = 16;

// A full array is copied into one of twice its size; during the copy, each entry exists twice.
constexpr std::int64_t kCopiesInAnArray = 2;
constexpr std::int64_t kPointerBytes = kCopiesInAnArray * std::int64_t{sizeof(void*)};

constexpr std::int64_t kTextBytes = kBlockBytes + std::int64_t{sizeof(std::string)};

// An unknown field is stored in a separate list, with its number and its value.
constexpr std::int64_t kUnknownBytes = 128;

absl::Status NotAMessage() { return absl::InvalidArgumentError("expected a protobuf message"); }

std::int64_t NumberBytes(const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return 1;
    case FieldDescriptor::CPPTYPE_INT64:
    case FieldDescriptor::CPPTYPE_UINT64:
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return 8;
    default:
      return 4;
  }
}

WireFormatLite::WireType WireTypeOf(const FieldDescriptor& field) {
  return WireFormatLite::WireTypeForFieldType(
      static_cast<WireFormatLite::FieldType>(static_cast<int>(field.type())));
}

class ParsedSizeWalker final {
 public:
  explicit ParsedSizeWalker(std::int64_t most) : most_(most) {}

  std::int64_t bytes() const { return bytes_; }

  // Visits a message of `type`, up to the stream's limit or end, or until the count exceeds `most`.
  absl::Status Walk(const Descriptor& type, int depth, CodedInputStream& stream) {
    if (depth > kDeepestMessage) return NotAMessage();
    std::int64_t groups = 0;  // groups that are still open
    while (bytes_ <= most_) {
      const std::uint32_t tag = stream.ReadTag();
      if (tag == 0) {
        return groups == 0 && stream.ConsumedEntireMessage() ? absl::OkStatus() : NotAMessage();
      }
      const WireFormatLite::WireType wire = WireFormatLite::GetTagWireType(tag);
      if (wire == WireFormatLite::WIRETYPE_START_GROUP && ++groups + depth > kDeepestMessage) {
        return NotAMessage();
      }
      if (wire == WireFormatLite::WIRETYPE_END_GROUP && --groups < 0) return NotAMessage();
      // No type here has groups, so everything in a group is an unknown field, whatever its number.
      const FieldDescriptor* field =
          groups > 0 ? nullptr : type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
      if (auto status = WalkField(wire, field, depth, stream); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

 private:
  absl::Status WalkField(WireFormatLite::WireType wire, const FieldDescriptor* field, int depth,
                         CodedInputStream& stream) {
    switch (wire) {
      case WireFormatLite::WIRETYPE_VARINT: {
        std::uint64_t value = 0;
        if (!stream.ReadVarint64(&value)) return NotAMessage();
        CountNumber(wire, field);
        return absl::OkStatus();
      }
      case WireFormatLite::WIRETYPE_FIXED64:
      case WireFormatLite::WIRETYPE_FIXED32:
        if (!stream.Skip(wire == WireFormatLite::WIRETYPE_FIXED64 ? 8 : 4)) return NotAMessage();
        CountNumber(wire, field);
        return absl::OkStatus();
      case WireFormatLite::WIRETYPE_LENGTH_DELIMITED:
        return WalkDelimited(field, depth, stream);
      case WireFormatLite::WIRETYPE_START_GROUP:
        bytes_ += kUnknownBytes;
        return absl::OkStatus();
      case WireFormatLite::WIRETYPE_END_GROUP:
        return absl::OkStatus();
    }
    return NotAMessage();
  }

  void CountNumber(WireFormatLite::WireType wire, const FieldDescriptor* field) {
    // An unknown value of an enumeration is kept as an unknown field.
    if (field == nullptr || WireTypeOf(*field) != wire ||
        field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
      bytes_ += kUnknownBytes;
    } else if (field->is_repeated()) {
      bytes_ += kCopiesInAnArray * NumberBytes(*field);
    }
  }

  absl::Status WalkDelimited(const FieldDescriptor* field, int depth, CodedInputStream& stream) {
    std::uint32_t size = 0;
    if (!stream.ReadVarint32(&size) ||
        size > static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max())) {
      return NotAMessage();
    }
    const int length = static_cast<int>(size);
    if (field != nullptr && field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      return WalkMessage(*field->message_type(), length, depth, stream);
    }
    if (field != nullptr && field->is_packable()) return WalkPacked(*field, length, stream);
    const bool text = field != nullptr && field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    bytes_ += (text ? kTextBytes + kPointerBytes : kUnknownBytes) + kBlockBytes + length;
    return stream.Skip(length) ? absl::OkStatus() : NotAMessage();
  }

  absl::Status WalkMessage(const Descriptor& type, int length, int depth,
                           CodedInputStream& stream) {
    bytes_ += SizeOf(type) + kBlockBytes + kPointerBytes;
    if (stream.BytesUntilLimit() >= 0 && length > stream.BytesUntilLimit()) return NotAMessage();
    const CodedInputStream::Limit limit = stream.PushLimit(length);
    absl::Status status = Walk(type, depth + 1, stream);
    if (status.ok() && bytes_ <= most_ && stream.BytesUntilLimit() != 0) status = NotAMessage();
    stream.PopLimit(limit);
    return status;
  }

  // Numbers of fixed length take only their array; numbers of variable length make it grow.
  absl::Status WalkPacked(const FieldDescriptor& field, int length, CodedInputStream& stream) {
    if (WireTypeOf(field) != WireFormatLite::WIRETYPE_VARINT) {
      bytes_ += kBlockBytes + length;
      return stream.Skip(length) ? absl::OkStatus() : NotAMessage();
    }
    const std::int64_t each = field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM
                                  ? kUnknownBytes
                                  : kCopiesInAnArray * NumberBytes(field);
    for (int left = length; left > 0;) {
      const void* data = nullptr;
      int chunk_bytes = 0;
      if (!stream.GetDirectBufferPointer(&data, &chunk_bytes)) return NotAMessage();
      chunk_bytes = std::min(chunk_bytes, left);
      const auto* first = static_cast<const std::uint8_t*>(data);
      bytes_ += each * std::count_if(first, first + chunk_bytes,
                                     [](std::uint8_t byte) { return byte < 0x80; });
      if (!stream.Skip(chunk_bytes)) return NotAMessage();
      left -= chunk_bytes;
    }
    return absl::OkStatus();
  }

  std::int64_t SizeOf(const Descriptor& type) {
    std::int64_t& size = sizes_[&type];
    if (size == 0) {
      size = static_cast<std::int64_t>(google::protobuf::MessageFactory::generated_factory()
                                           ->GetPrototype(&type)
                                           ->SpaceUsedLong());
    }
    return size;
  }

  const std::int64_t most_;
  std::int64_t bytes_ = 0;
  absl::flat_hash_map<const Descriptor*, std::int64_t> sizes_;  // of empty messages
};

}  // namespace

absl::StatusOr<std::int64_t> ParsedBytes(const Descriptor& type, absl::string_view wire,
                                         std::int64_t most) {
  if (wire.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    return NotAMessage();
  }
  CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(wire.data()),
                          static_cast<int>(wire.size()));
  ParsedSizeWalker walker(most);
  if (auto status = walker.Walk(type, 0, stream); !status.ok()) return status;
  return walker.bytes();
}

}  // namespace mlp
