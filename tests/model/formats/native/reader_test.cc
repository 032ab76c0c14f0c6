// The native reader on the committed files: models that the document's snippets wrote, with their
// frameworks' own answers, and files with one defect each.

#include "model/formats/native/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "model/formats/io/sha256.h"
#include "model/formats/native/writer.h"
#include "tests/model/formats/evaluate.h"
#include "tests/model/formats/native/errors.h"
#include "tests/required_file.h"

namespace mlp {
namespace {

using ::testing::IsEmpty;
using ::testing::StartsWith;

std::filesystem::path Fixtures() {
  return std::filesystem::path(MLP_SOURCE_DIR) / "tests" / "fixtures" / "native";
}

std::vector<std::string> FoldersIn(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// ---- Memory ----

TEST(NativeMemoryTest, RefusesAFileThatNeedsMoreMemoryThanIsLeft) {
  const std::filesystem::path folder = Fixtures() / "good" / FoldersIn(Fixtures() / "good").front();
  const auto file =
      static_cast<std::int64_t>(BytesOfRequiredFile(folder / kNativeTensorsFile).size());
  EXPECT_EQ(ReadNativeFolder(folder, file - 1).status().code(),
            absl::StatusCode::kResourceExhausted);
  // The file fits, but not together with its values.
  EXPECT_EQ(ReadNativeFolder(folder, file).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(ReadNativeFolder(folder, 10 * file).ok());
}

// ---- Files that are read ----

class GoodNativeTest : public ::testing::TestWithParam<std::string> {};

TEST_P(GoodNativeTest, AnswersAsItsFramework) {
  const std::filesystem::path folder = Fixtures() / "good" / GetParam();
  const absl::StatusOr<ReadNetwork> read = ReadNativeFolder(folder);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->warnings, IsEmpty());
  const std::vector<float> inputs = ReadFloatArray(folder / "inputs.npy");
  const std::vector<float> expected = ReadFloatArray(folder / "y.npy");
  ExpectClose(EvaluateNetwork(read->network, {inputs})[0], expected,
              read->network.outputs()[0].tensor.width());
}

TEST_P(GoodNativeTest, AnswersTheSameWhenWrittenAgain) {
  const std::filesystem::path folder = Fixtures() / "good" / GetParam();
  const absl::StatusOr<ReadNetwork> read = ReadNativeFolder(folder);
  ASSERT_TRUE(read.ok()) << read.status();
  const absl::StatusOr<NativeModel> written = WriteNative(read->network);
  ASSERT_TRUE(written.ok()) << written.status();
  const absl::StatusOr<ReadNetwork> again = ReadNative(written->document, written->tensors);
  ASSERT_TRUE(again.ok()) << again.status();
  const std::vector<float> inputs = ReadFloatArray(folder / "inputs.npy");
  EXPECT_EQ(EvaluateNetwork(again->network, {inputs}), EvaluateNetwork(read->network, {inputs}));
}

INSTANTIATE_TEST_SUITE_P(Snippets, GoodNativeTest,
                         ::testing::ValuesIn(FoldersIn(Fixtures() / "good")),
                         [](const auto& test) { return test.param; });

TEST(NativeReaderTest, WarnsOfTensorsThatNothingUses) {
  const std::filesystem::path folder = Fixtures() / "good" / "pytorch";
  std::string document = BytesOfRequiredFile(folder / "model.json");
  const std::string bias = R"(, "bias": "8.bias")";
  document.erase(document.find(bias), bias.size());
  const absl::StatusOr<ReadNetwork> read =
      ReadNative(document, BytesOfRequiredFile(folder / "model.safetensors"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->warnings, ::testing::ElementsAre("tensor '8.bias' is not used"));
}

TEST(NativeReaderTest, RefusesTensorsOfAnotherDigest) {
  const std::filesystem::path folder = Fixtures() / "good" / "pytorch";
  const absl::StatusOr<ReadNetwork> read = ReadNativeFolder(folder);
  ASSERT_TRUE(read.ok()) << read.status();
  absl::StatusOr<NativeModel> written = WriteNative(read->network);
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_THAT(written->document, ::testing::HasSubstr(Sha256(written->tensors)));
  EXPECT_TRUE(ReadNative(written->document, written->tensors).ok());
  // As a file that has its full size but whose last bytes are not yet written.
  std::fill(written->tensors.end() - 8, written->tensors.end(), '\0');
  const absl::Status status = ReadNative(written->document, written->tensors).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), StartsWith("'model.safetensors' has the SHA-256 "));
}

TEST(NativeReaderTest, SaysWhichFileIsMissing) {
  EXPECT_EQ(ReadNativeFolder(Fixtures() / "bad").status(),
            absl::NotFoundError("there is no file 'model.json'"));
}

// ---- Files that are refused ----

class BadNativeTest : public ::testing::TestWithParam<NativeError> {};

TEST_P(BadNativeTest, IsRefusedWithTheReason) {
  const absl::StatusOr<ReadNetwork> read = ReadNativeFolder(Fixtures() / "bad" / GetParam().folder);
  EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument) << read.status();
  EXPECT_THAT(std::string(read.status().message()), StartsWith(GetParam().message));
  EXPECT_LE(read.status().message().size(), 800U);
}

INSTANTIATE_TEST_SUITE_P(Corpus, BadNativeTest, ::testing::ValuesIn(kNativeErrors),
                         [](const auto& test) { return std::string(test.param.folder); });

TEST(BadNativeFilesTest, AreAllInTheTable) {
  std::vector<std::string> folders;
  for (const NativeError& error : kNativeErrors) folders.emplace_back(error.folder);
  EXPECT_EQ(folders, FoldersIn(Fixtures() / "bad"));
}

// Bytes changed at random: the reader must report whatever is wrong and survive.
TEST(NativeReaderTest, SurvivesRandomDamage) {
  const std::filesystem::path folder = Fixtures() / "good" / "keras";
  const std::string document = BytesOfRequiredFile(folder / "model.json");
  const std::string tensors = BytesOfRequiredFile(folder / "model.safetensors");
  std::mt19937 random(1);
  const auto damage = [&](std::string text) {
    for (int i = 0; i < 3; ++i) text[random() % text.size()] = static_cast<char>(random());
    if (random() % 4 == 0) text.resize(random() % text.size());
    return text;
  };
  int refused = 0;
  for (int i = 0; i < 2000; ++i) {
    const bool of_document = i % 2 == 0;
    const absl::StatusOr<ReadNetwork> read = ReadNative(of_document ? damage(document) : document,
                                                        of_document ? tensors : damage(tensors));
    if (!read.ok()) ++refused;
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace mlp
