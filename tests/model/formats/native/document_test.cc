// Compares the reader of model.json with its schema, on documents that a Python library has checked
// against the schema.

#include "model/formats/native/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace mlp {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

TEST(NativeDocumentTest, AgreesWithTheSchema) {
  std::ifstream stream(std::filesystem::path(MLP_SOURCE_DIR) /
                       "tests/fixtures/native/documents.json");
  const json cases = json::parse(stream);
  int valid = 0;
  for (const json& document_case : cases) {
    const absl::StatusOr<NativeDocument> document =
        ParseNativeDocument(document_case["text"].get_ref<const std::string&>());
    EXPECT_EQ(document.ok(), document_case["valid"].get<bool>())
        << document_case["name"] << ": " << document.status();
    if (!document.ok()) continue;
    ++valid;
    // The written document says the same. Written once more, it is the same text.
    const std::string text = SerializeNativeDocument(*document);
    const absl::StatusOr<NativeDocument> again = ParseNativeDocument(text);
    ASSERT_TRUE(again.ok()) << document_case["name"] << ": " << again.status();
    EXPECT_EQ(SerializeNativeDocument(*again), text) << document_case["name"];
  }
  EXPECT_GE(valid, 20);
  EXPECT_GE(static_cast<int>(cases.size()) - valid, 30);
}

TEST(NativeDocumentTest, FillsInTheDocumentedDefaults) {
  const absl::StatusOr<NativeDocument> document = ParseNativeDocument(
      R"({"format_version": 1, "inputs": [{"name": "x", "shape": [2]}],
          "layers": [{"weights": "w", "layout": "out_in"}], "outputs": [{"name": "y"}]})");
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->inputs[0].datatype, "FP32");
  EXPECT_EQ(document->layers[0].combination, "dense");
  EXPECT_EQ(document->layers[0].activation.name, "identity");
  EXPECT_EQ(document->layers[0].Find("bias"), nullptr);
  EXPECT_EQ(document->outputs[0].tap, "activation");
  EXPECT_EQ(document->outputs[0].kind, "values");
  EXPECT_EQ(document->outputs[0].datatype, "FP32");
}

TEST(NativeDocumentTest, RefusesValuesBeyondItsBounds) {
  EXPECT_THAT(ParseNativeDocument(std::string(kLongestNativeDocument + 1, ' ')).status().message(),
              HasSubstr("expected at most 16777216"));
  std::string many = "[0";
  for (int i = 0; i < 2'400'000; ++i) many += ",0";
  EXPECT_THAT(ParseNativeDocument(many + "]").status().message(), HasSubstr("values"));
}

}  // namespace
}  // namespace mlp
