#include "client/bench/sweep.h"

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace mlp {

absl::StatusOr<std::vector<LoadTarget>> ParseConcurrencies(const std::string& text) {
  std::vector<LoadTarget> targets;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    int concurrency = 0;
    if (!absl::SimpleAtoi(part, &concurrency) || concurrency < 1 || concurrency > kMaxInFlight) {
      return absl::InvalidArgumentError(absl::StrCat("--concurrency: '", part,
                                                     "'; expected whole numbers from 1 to ",
                                                     kMaxInFlight, " with commas between them"));
    }
    targets.push_back(LoadTarget{concurrency, 0.0});
  }
  return targets;
}

absl::StatusOr<std::vector<LoadTarget>> ParseRates(const std::string& text) {
  std::vector<LoadTarget> targets;
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    double rate = 0.0;
    // Written so that NaN is refused too.
    if (!absl::SimpleAtod(part, &rate) || !(rate > 0.0 && rate <= kHighestRate)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--rate: '", part, "'; expected requests a second, above 0 and at most ",
                       kHighestRate, ", with commas between them"));
    }
    targets.push_back(LoadTarget{0, rate});
  }
  return targets;
}

}  // namespace mlp
