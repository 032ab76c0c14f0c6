// Implements WriteBaseline.

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "model/drift/accepted_windows.h"
#include "model/drift/baseline_file.h"
#include "model/drift/baseline_members.h"
#include "model/drift/baseline_metadata.h"
#include "model/formats/native/safetensors.h"

namespace mlp {
namespace {

// Collects views of tensors; their data stay with the baseline.
class BaselineWriter final {
 public:
  void Floats(std::string name, const std::vector<float>& values, std::int64_t count,
              NumberRange /*range*/) {
    Add(std::move(name), SafetensorsType::kF32, {count}, values.data());
  }
  void Doubles(std::string name, const std::vector<double>& values, std::int64_t count,
               NumberRange /*range*/) {
    Add(std::move(name), SafetensorsType::kF64, {count}, values.data());
  }
  void Number(std::string name, const double& number, NumberRange /*range*/) {
    Add(std::move(name), SafetensorsType::kF64, {}, &number);
  }
  void Classes(std::string name, const std::vector<std::int64_t>& classes, std::int64_t /*most*/) {
    Add(std::move(name), SafetensorsType::kI64, {static_cast<std::int64_t>(classes.size())},
        classes.data());
  }
  void Targets(const std::vector<TargetBaseline>& /*targets*/,
               const std::vector<TargetShape>& /*shapes*/, std::size_t /*judged*/) {}
  void Layers(const std::vector<LayerReference>& /*layers*/, const Network& /*network*/) {}
  void Accepted(const std::vector<std::shared_ptr<const AcceptedWindows>>& accepted,
                const std::vector<TargetBaseline>& targets) {
    for (std::size_t i = 0; i < accepted.size(); ++i) {
      if (accepted[i] == nullptr) continue;
      const AcceptedFigures& figures = accepted[i]->figures();
      const std::string prefix = absl::StrCat("accepted.", targets[i].name);
      const std::int64_t p = targets[i].components;
      Add(prefix + ".windows", SafetensorsType::kF32, {accepted[i]->count(), p},
          figures.windows.data());
      Doubles(prefix + ".mean", figures.mean, p, kAnyNumber);
      Number(prefix + ".shrinkage", figures.shrinkage, kShrinkage);
      Number(prefix + ".scale", figures.scale, kPositive);
      Number(prefix + ".level", figures.level, kPositive);
    }
  }

  const std::vector<SafetensorsTensor>& tensors() const { return tensors_; }

 private:
  void Add(std::string name, SafetensorsType type, std::vector<std::int64_t> shape,
           const void* values) {
    std::int64_t count = 1;
    for (const std::int64_t dimension : shape) count *= dimension;
    tensors_.push_back(
        {std::move(name),
         type,
         std::move(shape),
         {static_cast<const char*>(values), static_cast<std::size_t>(count * SizeOf(type))}});
  }

  std::vector<SafetensorsTensor> tensors_;
};

}  // namespace

std::string WriteBaseline(const Baseline& baseline, const Network& network) {
  BaselineWriter writer;
  VisitBaseline(writer, baseline, network);
  const std::map<std::string, std::string> metadata = {
      {kFormatKey, kBaselineFormat},
      {kDigestKey, baseline.model_digest},
      {kSourceKey, std::string(WordOf(baseline.source))},
      {kRowsKey, absl::StrCat(baseline.rows)},
      {kCreatedKey,
       absl::FormatTime(kTimeFormat, absl::FromChrono(baseline.created), absl::UTCTimeZone())}};
  return SerializeSafetensors(writer.tensors(), metadata);
}

}  // namespace mlp
