// The zoo in fixtures/zoo: networks of every common kind, as their exporters write them. The
// answers are ONNX Runtime's, and a row's answer has the same bits in any batch.

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/npy.h"
#include "model/cpu/instruction_set.h"
#include "model/evaluator/evaluator.h"
#include "model/formats/onnx/reader.h"
#include "model/formats/onnx/writer/writer.h"
#include "tests/bytes_of_file.h"
#include "tests/model/formats/onnx/answers_as_sent.h"
#include "tests/model/formats/onnx/exports.h"
#include "tests/model/formats/onnx/zoo_differences.h"

namespace mlp {
namespace {

constexpr std::size_t kBatches[] = {2, 7, 64, 1000};

std::filesystem::path ZooFolder() { return ExportsFolder().parent_path() / "zoo"; }

std::vector<std::string> ZooModels() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(ZooFolder())) {
    if (entry.is_directory()) names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The kind of each stored row.
std::vector<std::string> KindsOf(const nlohmann::json& facts) {
  std::vector<std::string> kinds;
  for (const auto& rows : facts["rows"]) {
    kinds.insert(kinds.end(), rows[1].get<std::size_t>(), rows[0].get<std::string>());
  }
  return kinds;
}

// The values of selected rows of [rows, width].
std::vector<float> ValuesOfRows(const std::vector<float>& values, std::size_t width,
                                const std::vector<std::size_t>& rows) {
  std::vector<float> gathered;
  gathered.reserve(rows.size() * width);
  for (const std::size_t row : rows) {
    const auto first = values.begin() + static_cast<std::ptrdiff_t>(row * width);
    gathered.insert(gathered.end(), first, first + static_cast<std::ptrdiff_t>(width));
  }
  return gathered;
}

// An evaluator with the stored rows of its model.
class AskedNetwork {
 public:
  AskedNetwork(const Network& network, std::vector<NpyArray<float>> inputs, tbb::task_arena& arena,
               InstructionSet instruction_set)
      : evaluator_(network, /*saturation_epsilon=*/0.01, arena, instruction_set),
        workspace_(evaluator_.MakeWorkspace()),
        activity_(MakeNetworkActivity(evaluator_.network())),
        inputs_(std::move(inputs)) {}

  // For each output, [rows, its width].
  std::vector<std::vector<float>> Answers(const std::vector<std::size_t>& rows) {
    const Network& network = evaluator_.network();
    std::vector<std::vector<float>> gathered;
    std::vector<const float*> data;
    for (std::size_t i = 0; i < inputs_.size(); ++i) {
      const auto width = static_cast<std::size_t>(network.inputs()[i].width());
      gathered.push_back(ValuesOfRows(inputs_[i].values, width, rows));
      data.push_back(gathered.back().data());
    }
    std::vector<std::vector<float>> outputs;
    std::vector<float*> pointers;
    for (const NetworkOutput& output : network.outputs()) {
      outputs.emplace_back(rows.size() * static_cast<std::size_t>(network.WidthOf(output)));
      pointers.push_back(outputs.back().data());
    }
    evaluator_.Evaluate(static_cast<std::int64_t>(rows.size()), data, pointers, workspace_,
                        activity_);
    return outputs;
  }

 private:
  Evaluator evaluator_;
  Evaluator::Workspace workspace_;
  NetworkActivity activity_;
  std::vector<NpyArray<float>> inputs_;
};

// What is wrong with a row of numbers. Nothing if it is as near to ONNX Runtime's row as sums in
// another order are, and not finite wherever that one is not.
std::optional<std::string> DifferenceOfNumbers(const std::vector<float>& actual,
                                               const std::vector<float>& expected,
                                               double tolerance) {
  double largest = 0.0;
  for (const float value : expected) {
    if (std::isfinite(value)) largest = std::max(largest, std::fabs(static_cast<double>(value)));
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (actual[i] == expected[i] || (std::isnan(actual[i]) && std::isnan(expected[i]))) continue;
    const double off = std::fabs(static_cast<double>(actual[i]) - static_cast<double>(expected[i]));
    if (off <= tolerance * largest + 1e-37) continue;
    return absl::StrCat(actual[i], " at ", i, ", expected ", expected[i]);
  }
  return std::nullopt;
}

std::optional<std::string> DifferenceOfTexts(const std::vector<std::string>& actual,
                                             const std::vector<std::string>& expected) {
  if (actual == expected) return std::nullopt;
  return absl::StrCat(absl::StrJoin(actual, ","), ", expected ", absl::StrJoin(expected, ","));
}

// ONNX Runtime's answers of one output.
class StoredAnswers {
 public:
  StoredAnswers(const Network& network, const NetworkOutput& output,
                const std::filesystem::path& file, double tolerance)
      : network_(network), output_(output), tolerance_(tolerance) {
    is_text_ = output.kind != OutputKind::kValues || output.tensor.datatype == Datatype::kBytes;
    if (is_text_) {
      texts_ = ExpectedLabels(file);
    } else {
      numbers_ = NumbersOf(file).values;
    }
    if (!IsFloatingPoint(output.tensor.datatype)) tolerance_ = 0.0;
  }

  // How `values`, the evaluator's for the stored row `row`, differ. Nothing if they do not.
  std::optional<std::string> Difference(std::size_t row, std::size_t rows,
                                        const std::vector<float>& values) const {
    if (!is_text_) {
      const std::size_t width = numbers_.size() / rows;
      if (width != values.size()) return absl::StrCat(values.size(), " values, expected ", width);
      return DifferenceOfNumbers(AsIntegers(output_, values), ValuesOfRows(numbers_, width, {row}),
                                 tolerance_);
    }
    const auto units = static_cast<std::int64_t>(values.size());
    const std::vector<std::string> texts = output_.kind == OutputKind::kValues
                                               ? WordsOf(network_.vocabulary(), values)
                                               : LabelsOf(output_, values, units);
    const std::size_t width = texts_.size() / rows;
    const auto first = texts_.begin() + static_cast<std::ptrdiff_t>(row * width);
    return DifferenceOfTexts(texts, {first, first + static_cast<std::ptrdiff_t>(width)});
  }

 private:
  const Network& network_;
  const NetworkOutput& output_;
  double tolerance_;
  bool is_text_ = false;
  std::vector<float> numbers_;
  std::vector<std::string> texts_;
};

// Equal to the bit, except that the CPU chooses which NaN it gives.
bool AreSameAnswers(const float* a, const float* b, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (std::isnan(a[i]) && std::isnan(b[i])) continue;
    if (std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i])) return false;
  }
  return true;
}

// By stored row, evaluated alone; then by output.
using AnswersByRow = std::vector<std::vector<std::vector<float>>>;

class ZooTest : public ::testing::TestWithParam<std::string> {
 protected:
  void ExpectAsOnnxRuntime(const AnswersByRow& alone, const std::vector<StoredAnswers>& expected,
                           const std::vector<std::string>& kinds, const Network& network) {
    std::set<std::string> differing;
    for (std::size_t row = 0; row < alone.size(); ++row) {
      for (std::size_t i = 0; i < expected.size(); ++i) {
        const auto difference = expected[i].Difference(row, alone.size(), alone[row][i]);
        if (!difference.has_value()) continue;
        differing.insert(kinds[row]);
        EXPECT_NE(FindZooDifference(GetParam(), kinds[row]), nullptr)
            << "row " << row << " of " << kinds[row] << ", output '"
            << network.outputs()[i].tensor.name << "': " << *difference;
      }
    }
    for (const ZooDifference& listed : ZooDifferencesOf(GetParam())) {
      EXPECT_TRUE(!listed.always || differing.contains(listed.kind))
          << listed.kind << " is answered as by ONNX Runtime, though " << listed.reason;
    }
  }

  void ExpectSameInAnyBatch(AskedNetwork& asked, const AnswersByRow& alone,
                            const std::vector<std::string>& kinds) {
    for (const std::size_t batch : kBatches) {
      std::vector<std::size_t> rows;  // a row has other neighbours in each batch
      for (std::size_t i = 0; i < batch; ++i) rows.push_back((batch + i * 29) % alone.size());
      const std::vector<std::vector<float>> together = asked.Answers(rows);
      for (std::size_t i = 0; i < together.size(); ++i) {
        const std::size_t width = together[i].size() / batch;
        for (std::size_t at = 0; at < batch; ++at) {
          ASSERT_TRUE(AreSameAnswers(&together[i][at * width], alone[rows[at]][i].data(), width))
              << "row " << rows[at] << " of " << kinds[rows[at]] << ", output " << i << ", at "
              << at << " of a batch of " << batch;
        }
      }
    }
  }
};

TEST_P(ZooTest, AnswersAsOnnxRuntimeInAnyBatch) {
  const std::filesystem::path folder = ZooFolder() / GetParam();
  const absl::StatusOr<ReadNetwork> read = ReadOnnxFile(folder / "model.onnx");
  ASSERT_TRUE(read.ok()) << read.status();
  const Network& network = read->network;
  const auto facts = nlohmann::json::parse(BytesOfFile(folder / "made_by.json"));
  const std::vector<std::string> kinds = KindsOf(facts);
  const std::vector<NpyArray<float>> inputs =
      TakenBy(network, InputsOf(folder, facts, network.vocabulary()), facts);
  ASSERT_EQ(inputs.size(), network.inputs().size());

  std::vector<StoredAnswers> expected;
  for (const auto& output : facts["outputs"]) {
    if (!output.contains("file")) continue;  // not one row per row: not served
    const std::size_t i = expected.size();
    ASSERT_LT(i, network.outputs().size()) << output["name"];
    const TensorSpec& tensor = network.outputs()[i].tensor;
    EXPECT_EQ(tensor.name, output["name"].get<std::string>());
    EXPECT_EQ(tensor.shape, output["row"].get<std::vector<std::int64_t>>()) << tensor.name;
    expected.emplace_back(network, network.outputs()[i], folder / output["file"].get<std::string>(),
                          facts.value("tolerance", 1e-5));
  }
  ASSERT_EQ(expected.size(), network.outputs().size());

  tbb::task_arena arena(2);
  for (const InstructionSet instruction_set : SupportedInstructionSets()) {
    SCOPED_TRACE(NameOf(instruction_set));
    AskedNetwork asked(network, inputs, arena, instruction_set);
    AnswersByRow alone;
    for (std::size_t row = 0; row < kinds.size(); ++row) alone.push_back(asked.Answers({row}));
    ExpectAsOnnxRuntime(alone, expected, kinds, network);
    ExpectSameInAnyBatch(asked, alone, kinds);
  }
}

TEST_P(ZooTest, CanBeReadBackIfItCanBeWritten) {
  const absl::StatusOr<ReadNetwork> read = ReadOnnxFile(ZooFolder() / GetParam() / "model.onnx");
  ASSERT_TRUE(read.ok()) << read.status();
  const absl::StatusOr<std::string> written = WriteOnnx(read->network);
  if (!written.ok()) {
    EXPECT_EQ(written.status().code(), absl::StatusCode::kUnimplemented) << written.status();
    return;
  }
  const absl::StatusOr<ReadNetwork> again = ReadOnnx(*written);
  EXPECT_TRUE(again.ok()) << again.status();
}

INSTANTIATE_TEST_SUITE_P(All, ZooTest, ::testing::ValuesIn(ZooModels()),
                         [](const auto& name) { return name.param; });

TEST(ZooFixturesTest, AreThere) { EXPECT_GE(ZooModels().size(), 170U); }

}  // namespace
}  // namespace mlp
