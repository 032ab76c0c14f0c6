#include "server/rpc/message_bytes.h"

#include <gtest/gtest.h>

#include <new>
#include <stdexcept>

#include "proto/health.pb.h"

namespace mlp {
namespace {

using grpc::health::v1::HealthCheckRequest;

TEST(RefuseWithoutMemoryTest, ReturnsTheResultOfTheWork) {
  EXPECT_TRUE(RefuseWithoutMemory([] { return absl::OkStatus(); }).ok());
  EXPECT_EQ(RefuseWithoutMemory([] { return absl::NotFoundError("a"); }), absl::NotFoundError("a"));
}

TEST(RefuseWithoutMemoryTest, RefusesWorkIfThereIsNoMemory) {
  const absl::Status status = RefuseWithoutMemory([]() -> absl::Status { throw std::bad_alloc(); });
  EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
}

TEST(RefuseWithoutMemoryTest, HidesNoOtherFault) {
  EXPECT_THROW(
      RefuseWithoutMemory([]() -> absl::Status { throw std::logic_error("a"); }).IgnoreError(),
      std::logic_error);
}

TEST(MessageBytesTest, DecodesWhatWasEncoded) {
  HealthCheckRequest message;
  message.set_service("digits");
  grpc::ByteBuffer bytes;
  ASSERT_TRUE(EncodeControlAnswer(message, bytes).ok());
  HealthCheckRequest decoded;
  ASSERT_TRUE(DecodeMessage(bytes, decoded).ok());
  EXPECT_EQ(decoded.service(), "digits");
  EXPECT_EQ(bytes.Length(), 0U);
}

TEST(MessageBytesTest, RefusesBytesThatAreNotAMessageAndReleasesThem) {
  const grpc::Slice slice("\xff\xff\xff");
  grpc::ByteBuffer bytes(&slice, 1);
  HealthCheckRequest decoded;
  const absl::Status status = DecodeMessage(bytes, decoded);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_EQ(bytes.Length(), 0U);
}

}  // namespace
}  // namespace mlp
