#include "server/rpc/request_wire.h"

#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/message_differencer.h>
#include <grpcpp/impl/codegen/proto_utils.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "proto/open_inference.pb.h"

namespace mlp {
namespace {

using inference::ModelInferRequest;
using ::testing::HasSubstr;

// `bytes` in slices of `slice` bytes, as they arrive from the network.
grpc::ByteBuffer Buffer(const std::string& bytes, std::size_t slice = 1 << 20) {
  std::vector<grpc::Slice> slices;
  for (std::size_t at = 0; at < bytes.size(); at += slice) {
    slices.emplace_back(bytes.substr(at, slice));
  }
  return {slices.data(), slices.size()};
}

absl::Status Read(const std::string& bytes, RequestWire& wire, std::size_t slice = 1 << 20) {
  grpc::ByteBuffer buffer = Buffer(bytes, slice);
  return ReadRequestWire(buffer, wire);
}

std::string Repeated(const std::string& bytes, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += bytes;
  return all;
}

ModelInferRequest SmallRequest() {
  ModelInferRequest request;
  request.set_model_name("digits");
  request.set_model_version("3");
  request.set_id("id");
  (*request.mutable_parameters())["priority"].set_uint64_param(1);
  auto& input = *request.add_inputs();
  input.set_name("x");
  input.set_datatype("FP32");
  input.add_shape(2);
  input.add_shape(2);
  for (int i = 0; i < 4; ++i) input.mutable_contents()->add_fp32_contents(1);
  request.add_outputs()->set_name("y");
  return request;
}

TEST(RequestWireTest, FindsTheModelAndLeavesTheBytesUnchanged) {
  const std::string bytes = SmallRequest().SerializeAsString();
  for (const std::size_t slice : {std::size_t{1}, std::size_t{3}, bytes.size()}) {
    grpc::ByteBuffer buffer = Buffer(bytes, slice);
    RequestWire wire;
    ASSERT_TRUE(ReadRequestWire(buffer, wire).ok());
    EXPECT_EQ(wire.model_name, "digits");
    EXPECT_EQ(wire.model_version, "3");
    ModelInferRequest decoded;
    ASSERT_TRUE(grpc::SerializationTraits<ModelInferRequest>::Deserialize(&buffer, &decoded).ok());
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(decoded, SmallRequest()));
  }
}

// As in protobuf: fields in a group are unknown, and the last of several names wins.
TEST(RequestWireTest, FindsTheNameThatProtobufDecodes) {
  const std::string long_name(2000, 'n');
  ModelInferRequest second;
  second.set_model_name(long_name);
  const std::string group("\xfb\x3f\x0a\x01g\xfc\x3f", 7);
  for (const std::string& after : {group, second.SerializeAsString()}) {
    const std::string bytes = SmallRequest().SerializeAsString() + after;
    RequestWire wire;
    ASSERT_TRUE(Read(bytes, wire).ok());
    ModelInferRequest decoded;
    ASSERT_TRUE(decoded.ParseFromString(bytes));
    EXPECT_EQ(wire.model_name, decoded.model_name().substr(0, kMaxRequestNameBytes));
  }
}

struct Bomb {
  const char* name;
  std::string bytes;
};

void PrintTo(const Bomb& bomb, std::ostream* out) { *out << bomb.name; }

class RequestWireBombTest : public ::testing::TestWithParam<Bomb> {};

TEST_P(RequestWireBombTest, IsRefusedBeforeItIsDecoded) {
  RequestWire wire;
  const absl::Status status = Read(GetParam().bytes, wire);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("more than 4096"));
}

INSTANTIATE_TEST_SUITE_P(
    LargeAfterDecoding, RequestWireBombTest,
    ::testing::Values(Bomb{"inputs", Repeated({"\x2a\0", 2}, 5000)},
                      Bomb{"outputs", Repeated({"\x32\0", 2}, 5000)},
                      Bomb{"raw_contents", Repeated({"\x3a\0", 2}, 5000)},
                      Bomb{"parameters", Repeated({"\x22\0", 2}, 5000)},
                      Bomb{"contents", Repeated({"\x2a\x02\x2a\0", 4}, 5000)},
                      Bomb{"byte_strings", std::string("\x2a\xf8\x4e\x2a\xf4\x4e", 6) +
                                               Repeated({"\x42\0", 2}, 5050)},
                      Bomb{"unknown_numbers", Repeated({"\xf8\x3f\x01", 3}, 5000)},
                      Bomb{"unknown_strings", Repeated({"\xfa\x3f\0", 3}, 5000)},
                      // The protocol has these fields, but not in this wire format.
                      Bomb{"floats_as_varints", std::string("\x2a\x94\x4e\x2a\x90\x4e", 6) +
                                                    Repeated({"\x30\x01", 2}, 5000)},
                      Bomb{"doubles_as_varints", std::string("\x22\x94\x4e\x12\x90\x4e", 6) +
                                                     Repeated({"\x20\x01", 2}, 5000)},
                      Bomb{"groups", Repeated({"\xfb\x3f\xfc\x3f", 4}, 5000)}),
    [](const auto& tested) { return tested.param.name; });

// Requests that protobuf decodes and that are no bombs pass. Decoding those that pass takes no more
// memory than estimated.
TEST(RequestWireTest, AgreesWithProtobufOnRandomRequests) {
  std::mt19937 random(7);
  const auto below = [&](int limit) { return static_cast<int>(random() % limit); };
  for (int round = 0; round < 500; ++round) {
    ModelInferRequest request = SmallRequest();
    for (int i = below(20); i > 0; --i) {
      auto& input = *request.add_inputs();
      for (int j = below(5); j > 0; --j) input.add_shape(below(1000));
      for (int j = below(300); j > 0; --j) input.mutable_contents()->add_int64_contents(j);
      for (int j = below(50); j > 0; --j) input.mutable_contents()->add_bytes_contents("");
      (*input.mutable_parameters())[std::string(1, static_cast<char>('a' + below(26)))]
          .set_string_param(std::string(static_cast<std::size_t>(below(40)), 's'));
    }
    for (int i = below(20); i > 0; --i) {
      request.add_raw_input_contents(std::string(static_cast<std::size_t>(below(2000)), 'r'));
    }
    const std::string bytes = request.SerializeAsString();
    RequestWire wire;
    const absl::Status status = Read(bytes, wire, 1 + random() % 512);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_GE(wire.decoded_bytes, static_cast<std::int64_t>(request.SpaceUsedLong()) / 2);
    EXPECT_GE(wire.decoded_bytes, static_cast<std::int64_t>(bytes.size()) / 2);
  }
}

// Bytes that protobuf refuses may pass, but no bytes make the walk fail or read beyond their end.
TEST(RequestWireTest, SurvivesAnyBytes) {
  const google::protobuf::LogSilencer silencer;  // about strings that are not UTF-8
  std::mt19937 random(11);
  const std::string right = SmallRequest().SerializeAsString();
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = right;
    for (int i = 0; i < 4; ++i) bytes[random() % bytes.size()] = static_cast<char>(random());
    bytes.resize(random() % (bytes.size() + 1));
    RequestWire wire;
    const absl::Status status = Read(bytes, wire, 1 + random() % 16);
    ModelInferRequest decoded;
    if (decoded.ParseFromString(bytes)) {
      EXPECT_TRUE(status.ok()) << status;
    }
  }
}

}  // namespace
}  // namespace mlp
