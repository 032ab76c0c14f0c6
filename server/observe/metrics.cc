#include "server/observe/metrics.h"

#include <prometheus/gauge.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/observe/metric_family.h"
#include "server/observe/triton_metrics.h"

namespace mlp {
namespace {

// Up to this many counters are kept without checking whether they are still held.
constexpr std::size_t kFewCounters = 64;

}  // namespace

Metrics::Metrics(double saturation_epsilon, ActivityWindow window)
    : window_(window),
      activity_(saturation_epsilon),
      refused_connections_(registry_),
      loop_takeovers_(prometheus::BuildCounter()
                          .Name("mlp_loop_takeovers_total")
                          .Help("Times that a relief thread took over for a thread that gRPC kept.")
                          .Register(registry_)
                          .Add({})),
      loop_turns_(registry_),
      model_loads_(registry_) {
  prometheus::BuildGauge()
      .Name("mlp_build_info")
      .Help("Version and revision of the build; always 1.")
      .Register(registry_)
      .Add({{"version", MLP_VERSION}, {"revision", MLP_GIT_REVISION}})
      .Set(1);
}

void Metrics::AddEvaluator(InstructionSet instruction_set, int threads) {
  prometheus::BuildGauge()
      .Name("mlp_evaluator_info")
      .Help("How models are evaluated; always 1.")
      .Register(registry_)
      .Add({{"instruction_set", std::string(NameOf(instruction_set))},
            {"threads", absl::StrCat(threads)}})
      .Set(1);
}

std::shared_ptr<Metrics::ModelCounters> Metrics::CountersOf(const std::string& model,
                                                            const std::string& version) {
  const std::lock_guard lock(mutex_);
  // Reading a page drops them too, but may never happen.
  if (counters_.size() >= most_counters_) DropUnheldCounters();
  std::pair<std::string, std::string> name(model, version);
  const auto found = counters_.find(name);
  if (found != counters_.end()) return found->second;
  // Allocate first: if it fails, no entry is added.
  auto counters = std::make_shared<ModelCounters>(RejectionsOf(model));
  counters_.emplace(std::move(name), counters);
  return counters;
}

std::shared_ptr<Rejections> Metrics::RejectionsOf(const std::string& model) const {
  // Versions of a model share rejections, so they do not restart as versions come and go.
  const auto version = counters_.lower_bound({model, ""});
  const bool found = version != counters_.end() && version->first.first == model;
  return found ? version->second->rejections : std::make_shared<Rejections>();
}

void Metrics::DropUnheldCounters() const {
  // New copies of an entry are only made under the lock, so a use count of 1 cannot rise.
  for (auto it = counters_.begin(); it != counters_.end();) {
    it = it->second.use_count() == 1 ? counters_.erase(it) : std::next(it);
  }
  // Doubling the limit keeps the time to add n models linear in n.
  most_counters_ = std::max(kFewCounters, 2 * counters_.size());
}

ModelInstruments Metrics::AddModel(const std::string& model, const std::string& version,
                                   const Evaluator& evaluator) {
  const std::shared_ptr<ModelCounters> counters = CountersOf(model, version);
  ModelInstruments instruments;
  instruments.metrics = {counters, &counters->metrics};
  instruments.statistics = {counters, &counters->statistics};
  instruments.activity = std::make_shared<ActivityTotals>(evaluator.shared_network(), window_,
                                                          ActivityTotals::Clock::now());
  activity_.Add(model, version, evaluator, instruments.activity, instruments.metrics);
  instruments.watch = std::make_shared<RowWatch>(evaluator, window_, RowWatch::Clock::now());
  watch_.Add(model, version, instruments.watch, instruments.metrics);
  instruments.sums = std::make_shared<ModelSums>(instruments.metrics, instruments.activity,
                                                 instruments.statistics, instruments.watch);
  const std::lock_guard lock(mutex_);
  std::vector<std::weak_ptr<ModelSums>>& loads = counters->loads;
  loads.erase(std::remove_if(loads.begin(), loads.end(),
                             [](const std::weak_ptr<ModelSums>& load) { return load.expired(); }),
              loads.end());
  loads.push_back(instruments.sums);
  return instruments;
}

void Metrics::AddUp() const {
  std::vector<std::shared_ptr<ModelSums>> held;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, counters] : counters_) {
      for (const std::weak_ptr<ModelSums>& load : counters->loads) {
        if (std::shared_ptr<ModelSums> sums = load.lock(); sums != nullptr) {
          held.push_back(std::move(sums));
        }
      }
    }
  }
  // Without the lock, because a batch may be in progress.
  for (const std::shared_ptr<ModelSums>& sums : held) sums->AddUp(ModelSums::Clock::now());
  loop_turns_.AddUp();
}

std::vector<Metrics::NamedCounters> Metrics::CountersWithRequests() const {
  std::vector<NamedCounters> asked;
  const std::lock_guard lock(mutex_);
  DropUnheldCounters();
  for (const auto& [name, counters] : counters_) {
    if (counters->metrics.HadRequests()) asked.push_back({name.first, name.second, counters});
  }
  return asked;
}

void Metrics::CollectRejections(prometheus::MetricFamily& family) const {
  rejections_without_model_.Collect("", family);
  const std::lock_guard lock(mutex_);
  const Rejections* last = nullptr;
  for (const auto& [name, counters] : counters_) {
    const Rejections& rejections = *counters->rejections;
    // Versions of a model are adjacent. If the version that was asked is gone, the others still
    // show the rejections.
    if (&rejections == last || !(counters->metrics.HadRequests() || rejections.CountedAny()))
      continue;
    rejections.Collect(name.first, family);
    last = &rejections;
  }
}

void Metrics::ShowValue(prometheus::MetricType type, const std::string& name,
                        const std::string& help, std::function<std::int64_t()> value) {
  const std::lock_guard lock(mutex_);
  values_.push_back({type, name, help, std::move(value)});
}

void Metrics::ShowFamilies(std::function<std::vector<prometheus::MetricFamily>()> collect) {
  const std::lock_guard lock(mutex_);
  shown_families_.push_back(std::move(collect));
}

std::vector<std::function<std::vector<prometheus::MetricFamily>()>> Metrics::ShownFamilies() const {
  const std::lock_guard lock(mutex_);
  return shown_families_;
}

std::vector<prometheus::MetricFamily> Metrics::ValueFamilies() const {
  std::vector<prometheus::MetricFamily> families;
  const std::lock_guard lock(mutex_);
  for (const ShownValue& shown : values_) {
    AddSample(families.emplace_back(EmptyFamily(shown.name, shown.type, shown.help)), {},
              static_cast<double>(shown.value()));
  }
  return families;
}

std::string Metrics::Expose() const {
  FamilyExemplars exemplars;  // this format has no exemplars
  return prometheus::TextSerializer().Serialize(Collect(exemplars));
}

std::string Metrics::ExposeOpenMetrics() const {
  FamilyExemplars exemplars;
  const std::vector<prometheus::MetricFamily> families = Collect(exemplars);
  return WriteOpenMetrics(families, exemplars);
}

std::vector<prometheus::MetricFamily> Metrics::Collect(FamilyExemplars& exemplars) const {
  AddUp();
  std::vector<prometheus::MetricFamily> families = registry_.Collect();
  ModelFamilies of_models;
  requests_without_model_.Collect("", "", of_models.requests);
  const std::vector<NamedCounters> asked = CountersWithRequests();
  for (const auto& [model, version, counters] : asked) {
    counters->metrics.Collect(model, version, of_models);
  }
  CollectRejections(of_models.rejected);
  exemplars[of_models.request_duration_seconds.name] = std::move(of_models.request_exemplars);
  for (prometheus::MetricFamily& family : std::move(of_models).Take()) {
    families.push_back(std::move(family));
  }
  for (const prometheus::Collectable* source :
       {static_cast<const prometheus::Collectable*>(&activity_),
        static_cast<const prometheus::Collectable*>(&watch_),
        static_cast<const prometheus::Collectable*>(&process_)}) {
    std::vector<prometheus::MetricFamily> more = source->Collect();
    std::move(more.begin(), more.end(), std::back_inserter(families));
  }
  for (prometheus::MetricFamily& family : models_.Collect()) families.push_back(std::move(family));
  for (prometheus::MetricFamily& family : ValueFamilies()) families.push_back(std::move(family));
  for (const auto& collect : ShownFamilies()) {
    std::vector<prometheus::MetricFamily> more = collect();
    std::move(more.begin(), more.end(), std::back_inserter(families));
  }
  if (shows_triton_metrics_) {
    std::vector<NamedStatistics> statistics;
    for (const auto& [model, version, counters] : asked) {
      statistics.push_back({model, version, counters->statistics.Read()});
    }
    std::vector<prometheus::MetricFamily> more = TritonFamilies(statistics);
    std::move(more.begin(), more.end(), std::back_inserter(families));
  }
  // Before models are loaded, some families have no samples: omit their bare names.
  families.erase(
      std::remove_if(families.begin(), families.end(),
                     [](const prometheus::MetricFamily& family) { return family.metric.empty(); }),
      families.end());
  return families;
}

}  // namespace mlp
