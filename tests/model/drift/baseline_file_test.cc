#include "model/drift/baseline_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "model/drift/accepted_windows.h"
#include "model/formats/native/safetensors.h"
#include "tests/model/drift/generated_network.h"

namespace mlp {
namespace {

constexpr char kDigest[] = "0123";

class BaselineFileTest : public ::testing::Test {
 protected:
  BaselineFileTest() {
    CalibrationOptions options;
    options.model_digest = kDigest;
    baseline_ = classifier_.CalibrateWith(classifier_.generator.Rows(2000, 12), options)->baseline;
    baseline_.accepted.resize(baseline_.targets.size());
    std::vector<std::vector<float>> windows;
    for (int i = 0; i < 50; ++i) windows.push_back(classifier_.generator.Rows(1, 24));
    baseline_.accepted[0] = *AcceptWindows(baseline_.targets[0], windows);
    file_ = WriteBaseline(baseline_, network());
  }

  const Network& network() const { return classifier_.evaluator.network(); }

  // The file, with some of its tensors or its metadata changed.
  std::string Changed(const std::function<void(SafetensorsFile&)>& change) const {
    SafetensorsFile parsed = *ParseSafetensors(file_);
    change(parsed);
    return SerializeSafetensors(parsed.tensors, parsed.metadata);
  }

  GeneratedClassifier classifier_;
  Baseline baseline_;
  std::string file_;
};

SafetensorsTensor& TensorNamed(SafetensorsFile& file, const std::string& name) {
  for (SafetensorsTensor& tensor : file.tensors) {
    if (tensor.name == name) return tensor;
  }
  ADD_FAILURE() << "no tensor " << name;
  return file.tensors.front();
}

void ExpectSameValues(const ValueReference& actual, const ValueReference& expected) {
  EXPECT_EQ(actual.center, expected.center);
  EXPECT_EQ(actual.scale, expected.scale);
  EXPECT_EQ(actual.minimum, expected.minimum);
  EXPECT_EQ(actual.maximum, expected.maximum);
}

TEST_F(BaselineFileTest, ReadsWhatWasWritten) {
  const auto read = ReadBaseline(file_, network(), kDigest);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->model_digest, kDigest);
  EXPECT_EQ(read->source, baseline_.source);
  EXPECT_EQ(read->created, baseline_.created);
  EXPECT_EQ(read->rows, 2000);
  ExpectSameValues(read->inputs, baseline_.inputs);
  ExpectSameValues(read->values, baseline_.values);
  EXPECT_EQ(read->classes.share, baseline_.classes.share);
  EXPECT_EQ(read->classes.judged, baseline_.classes.judged);
  EXPECT_EQ(read->classes.confidence, baseline_.classes.confidence);
  ASSERT_EQ(read->targets.size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    const TargetBaseline& target = read->targets[i];
    EXPECT_EQ(target.name, baseline_.targets[i].name);
    EXPECT_EQ(target.kind, baseline_.targets[i].kind);
    EXPECT_EQ(target.components, baseline_.targets[i].components);
    EXPECT_EQ(target.panel_units, baseline_.targets[i].panel_units);
    EXPECT_EQ(target.mean, baseline_.targets[i].mean);
    EXPECT_EQ(target.whitening, baseline_.targets[i].whitening);
    EXPECT_EQ(target.kappa1, baseline_.targets[i].kappa1);
    EXPECT_EQ(target.level, baseline_.targets[i].level);
  }
  ASSERT_EQ(read->layers.size(), 2U);
  EXPECT_EQ(read->layers[1].layer, "hidden_2");
  EXPECT_EQ(read->layers[1].gradient_gain, baseline_.layers[1].gradient_gain);
  ASSERT_EQ(read->accepted.size(), 4U);
  EXPECT_EQ(read->accepted[1], nullptr);
  EXPECT_EQ(read->AcceptedOf(1), nullptr);
  EXPECT_EQ(read->AcceptedOf(4), nullptr);
  ASSERT_NE(read->AcceptedOf(0), nullptr);
  EXPECT_EQ(read->AcceptedOf(0)->figures().windows, baseline_.accepted[0]->figures().windows);
  EXPECT_EQ(read->AcceptedOf(0)->figures().level, baseline_.accepted[0]->figures().level);
  // Written again, it is the same to the byte.
  EXPECT_EQ(WriteBaseline(*read, network()), file_);
}

TEST_F(BaselineFileTest, RefusesAnotherModelsBaseline) {
  const auto read = ReadBaseline(file_, network(), "4567");
  EXPECT_EQ(read.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(read.status().message(),
            "the baseline was made with another model, of digest '0123'; this one's is '4567'");
}

TEST_F(BaselineFileTest, RefusesTruncatedAndOverlongFiles) {
  for (std::size_t bytes = 0; bytes < file_.size(); bytes += 97) {
    const auto read = ReadBaseline(file_.substr(0, bytes), network(), kDigest);
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument) << bytes;
    EXPECT_TRUE(absl::StartsWith(read.status().message(), "the file is truncated: "))
        << bytes << ": " << read.status();
  }
  // A file that is too long, or another file, is refused and not truncated.
  for (const std::string& whole : {file_ + "more", std::string(1000, 'x')}) {
    const auto read = ReadBaseline(whole, network(), kDigest);
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_FALSE(absl::StartsWith(read.status().message(), "the file is truncated"))
        << read.status();
  }
}

TEST_F(BaselineFileTest, GivesFiniteRatiosForAnythingItAccepts) {
  constexpr float kLargest = std::numeric_limits<float>::max();
  const std::vector<float> whitening(24 * 24, 1e7F);
  const std::vector<double> mean(24, -kLargest);
  const std::vector<double> level = {1e-12};
  const std::vector<float> accepted_windows(50 * 24, kLargest);
  const std::vector<double> least = {1e-20};
  const std::string file = Changed([&](SafetensorsFile& changed_file) {
    const auto set = [&](const char* name, const auto& values) {
      TensorNamed(changed_file, name).data = absl::string_view(
          reinterpret_cast<const char*>(values.data()), values.size() * sizeof(values[0]));
    };
    set("targets.inputs.whitening", whitening);
    set("targets.inputs.mean", mean);
    set("targets.inputs.kappa1", level);
    set("targets.inputs.level", level);
    set("accepted.inputs.windows", accepted_windows);
    set("accepted.inputs.mean", mean);
    set("accepted.inputs.scale", least);
    set("accepted.inputs.shrinkage", least);
    set("accepted.inputs.level", least);
  });
  const auto read = ReadBaseline(file, network(), kDigest);
  ASSERT_TRUE(read.ok()) << read.status();
  // A thousand rows of the largest floats, minus the mean.
  const std::vector<SubWindow> window(2, {500, std::vector<double>(24, 1000.0 * kLargest)});
  const TargetBaseline& target = read->targets.front();
  const Judgement judgement = JudgeWindow(target, read->rows, nullptr, window);
  EXPECT_TRUE(std::isfinite(judgement.ratio)) << judgement.ratio;
  EXPECT_TRUE(std::isfinite(judgement.effect)) << judgement.effect;
  const AcceptedWindows& accepted = *read->accepted.front();
  EXPECT_TRUE(std::isfinite(JudgeWindow(target, read->rows, &accepted, window).ratio));
}

TEST_F(BaselineFileTest, RefusesABaselineThatDoesNotFitTheNetwork) {
  const float nan = std::nanf("");
  const std::vector<float> zeros(12);
  const std::vector<float> nans(12, nan);
  const std::vector<float> large(12, 3e38F);
  const std::vector<float> many(201 * 24, 0.1F);
  const std::vector<double> half = {0.5};
  const std::vector<double> two = {2.0};
  const std::vector<double> minus = {-1.0};
  const std::vector<double> tiny = {1e-13};
  const std::vector<double> tiny_scale = {1e-100};
  const std::vector<double> large_mean(24, 1e308);
  const std::vector<float> no_whitening(24 * 24);
  const std::vector<float> large_whitening(24 * 24, 3e38F);
  const std::vector<std::int64_t> descending = {2, 1};
  const auto bytes = [](const auto& values) {
    return absl::string_view(reinterpret_cast<const char*>(values.data()),
                             values.size() * sizeof(values[0]));
  };
  struct BadFile {
    const char* message;
    std::function<void(SafetensorsFile&)> change;
  };
  const auto set = [&](const char* name, absl::string_view data) {
    return [=](SafetensorsFile& file) { TensorNamed(file, name).data = data; };
  };
  const auto entry = [](const char* key, const char* value) {
    return [=](SafetensorsFile& file) { file.metadata[key] = value; };
  };
  const std::vector<BadFile> cases = {
      {"the metadata have no 'rows'", [](SafetensorsFile& file) { file.metadata.erase("rows"); }},
      {"'format' is 'other'; expected", entry("format", "other")},
      {"'source' is 'hearsay'; expected", entry("source", "hearsay")},
      {"'rows' is '1'; expected", entry("rows", "1")},
      {"'rows' is '9999999999999999999999'; expected", entry("rows", "9999999999999999999999")},
      {"'created' is 'today'; expected", entry("created", "today")},
      {"tensor 'inputs.center' is missing",
       [](SafetensorsFile& file) { TensorNamed(file, "inputs.center").name = "inputs.middle"; }},
      {"tensor 'more' does not belong to this network's baseline",
       [&](SafetensorsFile& file) {
         file.tensors.push_back({"more", SafetensorsType::kF32, {12}, bytes(zeros)});
       }},
      {"tensor 'inputs.scale' is F32 of shape [3,4]; expected F32 of shape [12]",
       [](SafetensorsFile& file) {
         TensorNamed(file, "inputs.scale").shape = {3, 4};
       }},
      {"tensor 'inputs.scale' is I32 of shape [12]; expected F32",
       [](SafetensorsFile& file) {
         TensorNamed(file, "inputs.scale").type = SafetensorsType::kI32;
       }},
      {"tensor 'inputs.scale' holds 0; expected", set("inputs.scale", bytes(zeros))},
      {"tensor 'inputs.center' holds nan; expected", set("inputs.center", bytes(nans))},
      {"value 0 has the minimum 3e+38 and the maximum", set("inputs.minimum", bytes(large))},
      {"tensor 'classes.confidence' holds 2; expected", set("classes.confidence", bytes(two))},
      {"tensor 'targets.inputs.level' holds -1; expected",
       set("targets.inputs.level", bytes(minus))},
      {"tensor 'targets.inputs.kappa1' holds 1e-13; expected 1e-12 to",
       set("targets.inputs.kappa1", bytes(tiny))},
      {"tensor 'targets.inputs.whitening' contains only 0; expected",
       set("targets.inputs.whitening", bytes(no_whitening))},
      {"tensor 'targets.inputs.whitening' holds 3e+38; expected -1e+07 to 1e+07",
       set("targets.inputs.whitening", bytes(large_whitening))},
      {"tensor 'targets.inputs.mean' holds 1e+308; expected",
       set("targets.inputs.mean", bytes(large_mean))},
      {"tensor 'accepted.inputs.mean' holds 1e+308; expected",
       set("accepted.inputs.mean", bytes(large_mean))},
      {"tensor 'accepted.inputs.scale' holds 1e-100; expected 1e-20 to",
       set("accepted.inputs.scale", bytes(tiny_scale))},
      {"tensor 'layers.hidden_1.dead_units' holds -1; expected 0 to 20",
       set("layers.hidden_1.dead_units", bytes(minus))},
      {"tensor 'accepted.inputs.shrinkage' holds 2; expected",
       set("accepted.inputs.shrinkage", bytes(two))},
      {"tensor 'classes.judged' holds 2 classes; expected",
       [&](SafetensorsFile& file) {
         SafetensorsTensor& judged = TensorNamed(file, "classes.judged");
         judged.shape = {2};
         judged.data = bytes(descending);
       }},
      {"tensor 'accepted.inputs.windows' has the shape [201,24]; expected 50 to 200 windows of 24",
       [&](SafetensorsFile& file) {
         SafetensorsTensor& windows = TensorNamed(file, "accepted.inputs.windows");
         windows.shape = {201, 24};
         windows.data = bytes(many);
       }},
      {"tensor 'accepted.inputs.windows' has the shape [12]; expected 50",
       [&](SafetensorsFile& file) {
         SafetensorsTensor& windows = TensorNamed(file, "accepted.inputs.windows");
         windows.shape = {12};
         windows.data = bytes(zeros);
       }},
  };
  for (const BadFile& bad_file : cases) {
    const auto read = ReadBaseline(Changed(bad_file.change), network(), kDigest);
    EXPECT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument) << bad_file.message;
    EXPECT_TRUE(absl::StrContains(read.status().message(), bad_file.message)) << read.status();
  }
  // The unchanged file is valid, so each case fails because of its change alone.
  EXPECT_TRUE(
      ReadBaseline(Changed(set("classes.confidence", bytes(half))), network(), kDigest).ok());
}

}  // namespace
}  // namespace mlp
