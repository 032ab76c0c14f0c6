#include "server/rpc/request_wire.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// The messages of open_inference.proto that a ModelInferRequest consists of.
enum class Message { kRequest, kInput, kOutput, kContents, kParameterEntry, kParameter };

using WireType = WireFormatLite::WireType;

// What a field of one of them decodes to.
enum class Kind {
  kScalar,   // takes no additional memory
  kNumbers,  // repeated, packed or not
  kText,     // one string
  kObject,   // one occurrence of a string or a message
  kNested,   // one occurrence of the message `message`
  kUnknown,
};

struct Field {
  Kind kind = Kind::kUnknown;
  Message message = Message::kRequest;                     // of kNested
  WireType number_type = WireFormatLite::WIRETYPE_VARINT;  // of kScalar, and of each of kNumbers
  std::int64_t number_bytes = 0;                           // of each of kNumbers, decoded
};

Field Numbers(WireType type, std::int64_t bytes) {
  return {Kind::kNumbers, Message::kRequest, type, bytes};
}

Field Scalar(WireType type) { return {Kind::kScalar, Message::kRequest, type}; }

// The field numbers of proto/open_inference.proto.
Field FieldOf(Message message, int number) {
  switch (message) {
    case Message::kRequest:
      if (number <= 3) return {Kind::kText};
      if (number == 4) return {Kind::kNested, Message::kParameterEntry};
      if (number == 5) return {Kind::kNested, Message::kInput};
      if (number == 6) return {Kind::kNested, Message::kOutput};
      if (number == 7) return {Kind::kObject};
      break;
    case Message::kInput:
      if (number <= 2) return {Kind::kText};
      if (number == 3) return Numbers(WireFormatLite::WIRETYPE_VARINT, 8);
      if (number == 4) return {Kind::kNested, Message::kParameterEntry};
      if (number == 5) return {Kind::kNested, Message::kContents};
      break;
    case Message::kOutput:
      if (number == 1) return {Kind::kText};
      if (number == 2) return {Kind::kNested, Message::kParameterEntry};
      break;
    case Message::kContents: {
      // bool, int32, int64, uint32, uint64
      constexpr std::int64_t kBytes[] = {0, 1, 4, 8, 4, 8};
      if (number >= 1 && number <= 5) {
        return Numbers(WireFormatLite::WIRETYPE_VARINT, kBytes[number]);
      }
      if (number == 6) return Numbers(WireFormatLite::WIRETYPE_FIXED32, 4);
      if (number == 7) return Numbers(WireFormatLite::WIRETYPE_FIXED64, 8);
      if (number == 8) return {Kind::kObject};
      break;
    }
    case Message::kParameterEntry:
      if (number == 1) return {Kind::kText};
      if (number == 2) return {Kind::kNested, Message::kParameter};
      break;
    case Message::kParameter:
      if (number == 3) return {Kind::kText};
      if (number == 4) return Scalar(WireFormatLite::WIRETYPE_FIXED64);
      if (number <= 5) return Scalar(WireFormatLite::WIRETYPE_VARINT);
      break;
  }
  return {};
}

// More than any of the messages takes, including its place in a repeated field or a map.
constexpr std::int64_t kObjectBytes = 256;

absl::Status NoMessage() {
  return absl::InvalidArgumentError(
      "the request cannot be decoded; expected a ModelInferRequest in protobuf's encoding");
}

class Walker final {
 public:
  explicit Walker(RequestWire& wire) : wire_(wire) {}

  // Walks over `message` up to the stream's limit or end.
  absl::Status Walk(Message message, CodedInputStream& stream) {
    std::int64_t groups = 0;  // begun and not ended
    for (;;) {
      const std::uint32_t tag = stream.ReadTag();
      if (tag == 0) {
        return groups == 0 && stream.ConsumedEntireMessage() ? absl::OkStatus() : NoMessage();
      }
      const WireType type = WireFormatLite::GetTagWireType(tag);
      if (type == WireFormatLite::WIRETYPE_START_GROUP) ++groups;
      if (type == WireFormatLite::WIRETYPE_END_GROUP && --groups < 0) return NoMessage();
      // The protocol has no groups: fields within one are unknown, whatever their number.
      const Field field =
          groups > 0 ? Field{} : FieldOf(message, WireFormatLite::GetTagFieldNumber(tag));
      absl::Status status = WalkField(message, tag, field, stream);
      if (!status.ok()) return status;
    }
  }

 private:
  absl::Status WalkField(Message message, std::uint32_t tag, const Field& field,
                         CodedInputStream& stream) {
    const WireType type = WireFormatLite::GetTagWireType(tag);
    switch (type) {
      case WireFormatLite::WIRETYPE_VARINT: {
        std::uint64_t value = 0;
        if (!stream.ReadVarint64(&value)) return NoMessage();
        return CountNumber(type, field);
      }
      case WireFormatLite::WIRETYPE_FIXED64:
        if (!stream.Skip(8)) return NoMessage();
        return CountNumber(type, field);
      case WireFormatLite::WIRETYPE_FIXED32:
        if (!stream.Skip(4)) return NoMessage();
        return CountNumber(type, field);
      case WireFormatLite::WIRETYPE_LENGTH_DELIMITED:
        return WalkDelimited(message, tag, field, stream);
      case WireFormatLite::WIRETYPE_START_GROUP:
        return CountObject(0);
      case WireFormatLite::WIRETYPE_END_GROUP:
        return absl::OkStatus();
    }
    return NoMessage();
  }

  absl::Status WalkDelimited(Message message, std::uint32_t tag, const Field& field,
                             CodedInputStream& stream) {
    std::uint32_t size = 0;
    if (!stream.ReadVarint32(&size) ||
        size > static_cast<std::uint32_t>(std::numeric_limits<std::int32_t>::max())) {
      return NoMessage();
    }
    const int bytes = static_cast<int>(size);
    switch (field.kind) {
      case Kind::kNested: {
        absl::Status counted = CountObject(0);
        if (!counted.ok()) return counted;
        if (stream.BytesUntilLimit() >= 0 && bytes > stream.BytesUntilLimit()) return NoMessage();
        const CodedInputStream::Limit limit = stream.PushLimit(bytes);
        absl::Status status = Walk(field.message, stream);
        if (status.ok() && stream.BytesUntilLimit() != 0) status = NoMessage();
        stream.PopLimit(limit);
        return status;
      }
      case Kind::kNumbers: {
        // Packed. A number of variable length takes at least one byte.
        wire_.decoded_bytes += field.number_type == WireFormatLite::WIRETYPE_VARINT
                                   ? bytes * field.number_bytes
                                   : bytes;
        return stream.Skip(bytes) ? absl::OkStatus() : NoMessage();
      }
      case Kind::kText:
        wire_.decoded_bytes += bytes;
        if (message == Message::kRequest) {
          if (tag == kModelNameTag) return ReadName(bytes, wire_.model_name, stream);
          if (tag == kModelVersionTag) return ReadName(bytes, wire_.model_version, stream);
        }
        return stream.Skip(bytes) ? absl::OkStatus() : NoMessage();
      case Kind::kScalar:
      case Kind::kObject:
      case Kind::kUnknown: {
        if (!stream.Skip(bytes)) return NoMessage();
        return CountObject(bytes);
      }
    }
    return NoMessage();
  }

  static absl::Status ReadName(int bytes, std::string& name, CodedInputStream& stream) {
    const int kept = std::min(bytes, kMaxRequestNameBytes);
    return stream.ReadString(&name, kept) && stream.Skip(bytes - kept) ? absl::OkStatus()
                                                                       : NoMessage();
  }

  absl::Status CountNumber(WireType type, const Field& field) {
    // A number of another wire type is kept as an unknown field, which takes more memory.
    const bool known =
        (field.kind == Kind::kNumbers || field.kind == Kind::kScalar) && type == field.number_type;
    if (!known) return CountObject(0);
    wire_.decoded_bytes += field.number_bytes;
    return absl::OkStatus();
  }

  absl::Status CountObject(std::int64_t bytes) {
    wire_.decoded_bytes += kObjectBytes + bytes;
    if (++objects_ <= kMaxRequestObjects) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("the request has more than ", kMaxRequestObjects,
                     " inputs, outputs, parameters, contents and unknown fields; expected fewer"));
  }

  static constexpr std::uint32_t kModelNameTag = 1U << 3 | 2;
  static constexpr std::uint32_t kModelVersionTag = 2U << 3 | 2;

  RequestWire& wire_;
  std::int64_t objects_ = 0;
};

}  // namespace

absl::Status ReadRequestWire(grpc::ByteBuffer& bytes, RequestWire& wire) {
  wire.model_name.clear();
  wire.model_version.clear();
  wire.decoded_bytes = 0;
  grpc::ProtoBufferReader reader(&bytes);
  if (!reader.status().ok()) return NoMessage();
  CodedInputStream stream(&reader);
  return Walker(wire).Walk(Message::kRequest, stream);
}

}  // namespace mlp
