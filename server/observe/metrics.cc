#include "server/observe/metrics.h"

#include <prometheus/gauge.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace mlp {

Metrics::Metrics(double saturation_epsilon, ActivityWindow window)
    : window_(window),
      activity_(saturation_epsilon),
      unknown_model_requests_(registry_, {{"model", ""}, {"version", ""}}) {
  prometheus::BuildGauge()
      .Name("mlp_build_info")
      .Help("What was built; always 1.")
      .Register(registry_)
      .Add({{"version", MLP_VERSION}, {"revision", MLP_GIT_REVISION}})
      .Set(1);
}

void Metrics::AddEvaluator(InstructionSet instruction_set, int threads) {
  prometheus::BuildGauge()
      .Name("mlp_evaluator_info")
      .Help("What evaluates the models; always 1.")
      .Register(registry_)
      .Add({{"instruction_set", std::string(NameOf(instruction_set))},
            {"threads", absl::StrCat(threads)}})
      .Set(1);
}

ModelInstruments Metrics::AddModel(const std::string& model, const std::string& version,
                                   const Evaluator& evaluator) {
  std::shared_ptr<const Network> network = evaluator.shared_network();
  prometheus::BuildGauge()
      .Name("mlp_model_info")
      .Help("What a served model is made of; always 1.")
      .Register(registry_)
      .Add({{"model", model},
            {"version", version},
            {"layers", absl::StrCat(network->layers().size())},
            {"parameters", absl::StrCat(network->parameter_count())},
            {"weights", std::string(NameOf(evaluator.weight_storage()))}})
      .Set(1);
  const auto set_gauge = [&](const char* name, const char* help, std::int64_t value) {
    prometheus::BuildGauge()
        .Name(name)
        .Help(help)
        .Register(registry_)
        .Add({{"model", model}, {"version", version}})
        .Set(static_cast<double>(value));
  };
  set_gauge("mlp_model_weight_bytes", "Memory of the trained values as they are evaluated.",
            evaluator.weight_bytes());
  set_gauge("mlp_model_workspace_bytes",
            "Memory of the buffers of each thread that evaluates the model.",
            evaluator.workspace_bytes());
  ModelInstruments instruments;
  instruments.metrics = std::make_unique<ModelMetrics>(registry_, model, version);
  instruments.activity =
      std::make_shared<ActivityTotals>(network, window_, ActivityTotals::Clock::now());
  activity_.Add(model, version, std::move(network), instruments.activity);
  return instruments;
}

void Metrics::AddRefusedModel(const std::string& model, const std::string& version) {
  ReadyGauge(registry_, model, version).Set(0);
}

std::string Metrics::Expose() const {
  std::vector<prometheus::MetricFamily> families = registry_.Collect();
  for (const prometheus::Collectable* source :
       {static_cast<const prometheus::Collectable*>(&activity_),
        static_cast<const prometheus::Collectable*>(&process_)}) {
    std::vector<prometheus::MetricFamily> more = source->Collect();
    std::move(more.begin(), more.end(), std::back_inserter(families));
  }
  // Before the models are loaded there are families without a sample, which would be names only.
  families.erase(
      std::remove_if(families.begin(), families.end(),
                     [](const prometheus::MetricFamily& family) { return family.metric.empty(); }),
      families.end());
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace mlp
