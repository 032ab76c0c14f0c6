#include "client/bench/wire.h"

#include <gtest/gtest.h>

#include <string>

namespace mlp {
namespace {

constexpr const char* kResponse = "any bytes";

// A field of wire type 2: its bytes, preceded by their length, which is below 128.
std::string Field(int number, const std::string& bytes) {
  return std::string{static_cast<char>(number << 3 | 2), static_cast<char>(bytes.size())} + bytes;
}

TEST(WireTest, FindsTheResponseOfAStreamsAnswer) {
  const std::string bytes = Field(2, kResponse);
  const auto answer = ParseStreamAnswer(bytes);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->error_message, "");
  EXPECT_EQ(answer->infer_response, kResponse);
}

TEST(WireTest, FindsTheErrorOfAStreamsAnswer) {
  // An error may come with a response that has only the id. Unknown fields are skipped.
  const std::string bytes =
      Field(1, "no such model") + Field(2, kResponse) + Field(9, "later") + "\x50\x05";
  const auto answer = ParseStreamAnswer(bytes);
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->error_message, "no such model");
  EXPECT_EQ(answer->infer_response, kResponse);
}

TEST(WireTest, AcceptsAnEmptyMessageAsAnAnswerWithoutValues) {
  EXPECT_TRUE(ParseStreamAnswer("").has_value());
}

TEST(WireTest, RefusesBytesThatAreNotAMessage) {
  const std::string whole = Field(1, "error") + Field(2, kResponse);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    if (size == Field(1, "error").size()) continue;
    EXPECT_FALSE(ParseStreamAnswer(whole.substr(0, size)).has_value()) << size;
  }
  EXPECT_FALSE(ParseStreamAnswer(std::string(5, '\0')).has_value());
  EXPECT_FALSE(ParseStreamAnswer("\x0A\xFF\xFF\xFF\xFF\x0F").has_value());
}

TEST(WireTest, SerializesAndFlattensARequest) {
  inference::ModelInferRequest request;
  request.set_model_name("m");
  request.add_raw_input_contents(std::string(100'000, 'x'));
  const grpc::Slice slice = Flatten(Serialize(request));
  EXPECT_EQ(BytesOf(slice), request.SerializeAsString());
  grpc::Slice parts[] = {grpc::Slice("one, "), grpc::Slice("two")};
  EXPECT_EQ(BytesOf(Flatten(grpc::ByteBuffer(parts, 2))), "one, two");
}

}  // namespace
}  // namespace mlp
