#include "tests/e2e/soak/soak_account.h"

#include <cstdint>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

// Empty if the sample has no such label.
std::string LabelOf(const std::string& sample, const std::string& label) {
  const std::size_t begin = sample.find(label + "=\"");
  if (begin == std::string::npos) return "";
  const std::size_t value = begin + label.size() + 2;
  return sample.substr(value, sample.find('"', value) - value);
}

std::int64_t Answers(const SoakKind& kind) {
  std::int64_t all = 0;
  for (const auto& [code, count] : kind.tally.codes()) all += count;
  return all;
}

// The series of a model must agree: on one page, each model has as many refusals as answers with a
// code other than OK.
void CheckRefusals(const Samples& metrics, Findings& findings) {
  std::map<std::string, double> refused;
  std::map<std::string, double> not_ok;
  for (const auto& [name, value] : metrics) {
    const std::string model = LabelOf(name, "model");
    if (absl::StartsWith(name, "mlp_rejected_total{")) refused[model] += value;
    if (absl::StartsWith(name, "mlp_requests_total{") && LabelOf(name, "code") != "OK") {
      not_ok[model] += value;
    }
  }
  for (const auto& [model, count] : not_ok) {
    findings.Expect(refused.count(model) > 0 && refused.at(model) == count,
                    absl::StrCat("mlp_rejected_total of '", model, "' is ", refused[model],
                                 ", and ", count, " requests were not answered with OK"));
  }
  findings.Expect(refused.size() == not_ok.size(),
                  absl::StrCat("mlp_rejected_total is of ", refused.size(), " models; expected ",
                               not_ok.size()));
}

}  // namespace

double Sum(const Samples& samples, const std::string& metric,
           const std::vector<std::string>& parts) {
  double sum = 0;
  for (const auto& [name, value] : samples) {
    if (!absl::StartsWith(name, metric + "{")) continue;
    bool matches = true;
    for (const std::string& part : parts) matches &= absl::StrContains(name, part);
    if (matches) sum += value;
  }
  return sum;
}

void CheckAccount(const std::vector<std::unique_ptr<SoakKind>>& kinds, const AttackTally& attacks,
                  const Samples& metrics, Findings& findings) {
  std::map<std::string, std::int64_t> sent_to;
  for (const auto& kind : kinds) {
    findings.Expect(
        Answers(*kind) == kind->tally.sent(),
        absl::StrCat(kind->name, ": sent ", kind->tally.sent(), ", got ", Answers(*kind)));
    for (const std::string& wrong : kind->tally.wrong()) {
      findings.Expect(false, absl::StrCat(kind->name, ": wrong: ", wrong));
    }
    for (const auto& [code, count] : kind->tally.codes()) {
      // Under overload, the server refuses requests before it checks whether they are valid.
      const bool may = code == grpc::StatusCode::RESOURCE_EXHAUSTED ||
                       (kind->name == "wrong" ? code == grpc::StatusCode::INVALID_ARGUMENT
                                              : code == grpc::StatusCode::OK) ||
                       (kind->name == "impatient" && (code == grpc::StatusCode::CANCELLED ||
                                                      code == grpc::StatusCode::DEADLINE_EXCEEDED));
      findings.Expect(may || count == 0,
                      absl::StrCat(kind->name, ": ", count, " with code ", static_cast<int>(code)));
    }
    sent_to[kind->model] += kind->tally.sent();
  }
  const double counted = Sum(metrics, "mlp_requests_total");
  CheckRefusals(metrics, findings);
  std::int64_t impatient = 0;
  std::int64_t all = 0;
  for (const auto& kind : kinds) {
    all += kind->tally.sent();
    if (kind->name == "impatient") impatient = kind->tally.sent();
  }
  // The eight right answers were requested earlier. A request that was cancelled immediately may
  // never have left its client.
  const auto least = static_cast<double>(all - impatient + attacks.least_requests);
  const auto most = static_cast<double>(all + 8 + attacks.most_requests);
  findings.Expect(
      counted >= least && counted <= most,
      absl::StrCat("the server counted ", counted, " requests; expected ", least, " to ", most));
  // For the models that only honest clients use, the server counted exactly the answers given.
  for (const char* model : {"steady", "swapped"}) {
    double answered = 1;  // the request for the right answer
    for (const auto& kind : kinds) {
      const auto codes = kind->tally.codes();
      const auto ok = codes.find(grpc::StatusCode::OK);
      if (kind->model == model && ok != codes.end()) answered += static_cast<double>(ok->second);
    }
    const double of_server =
        Sum(metrics, "mlp_requests_total", {absl::StrCat("model=\"", model, "\""), "code=\"OK\""});
    findings.Expect(of_server == answered, absl::StrCat(model, ": the server counted ", of_server,
                                                        " answers; expected ", answered));
  }
  for (const std::string& wrong : attacks.wrong) findings.Expect(false, "attacks: " + wrong);
}

}  // namespace mlp
