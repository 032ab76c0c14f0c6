#include "benchmarks/security/lookup_times.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "model/formats/io/sha256.h"
#include "server/access/access_list.h"

namespace mlp {
namespace {

using Random = std::mt19937_64;
using Order = std::array<std::size_t, kGuessKinds>;

constexpr std::size_t kDigestBytes = 32;

std::string RandomToken(std::size_t characters, Random& random) {
  constexpr char kCharacters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
  std::string token(characters, ' ');
  for (char& c : token) c = kCharacters[random() % 64];
  return token;
}

std::string DigestOf(const std::string& token) { return absl::HexStringToBytes(Sha256(token)); }

// The digest of a caller that shares exactly the leading `right` bytes with that of `token`.
std::string DigestNear(const std::string& token, int right, Random& random) {
  std::string digest = DigestOf(token);
  for (std::size_t i = static_cast<std::size_t>(right); i < kDigestBytes; ++i) {
    digest[i] = static_cast<char>(digest[i] ^ (1 + random() % 255));
  }
  return digest;
}

// Looks up tokens with a comparison that exits early, which no server should use.
class EarlyExitList final {
 public:
  explicit EarlyExitList(std::vector<std::string> digests) : digests_(std::move(digests)) {}

  bool Has(const std::string& token) const {
    const std::string digest = DigestOf(token);
    for (const std::string& entry : digests_) {
      std::size_t same_bytes = 0;
      while (same_bytes < kDigestBytes && entry[same_bytes] == digest[same_bytes]) ++same_bytes;
      if (same_bytes == kDigestBytes) return true;
    }
    return false;
  }

 private:
  std::vector<std::string> digests_;
};

using Lookup = std::function<bool(const std::string& token)>;

Lookup MakeLookup(Comparison comparison, std::vector<std::string> digests) {
  if (comparison == Comparison::kEarlyExit) {
    auto list = std::make_shared<const EarlyExitList>(std::move(digests));
    return [list](const std::string& token) { return list->Has(token); };
  }
  std::string text;
  for (std::size_t i = 0; i < digests.size(); ++i) {
    absl::StrAppend(&text, "name=c", i,
                    " role=infer models=* sha256=", absl::BytesToHexString(digests[i]), "\n");
  }
  absl::StatusOr<AccessList> parsed = AccessList::Parse(text);
  if (!parsed.ok()) {
    std::cerr << parsed.status() << "\n";
    std::abort();
  }
  auto list = std::make_shared<const AccessList>(*std::move(parsed));
  return [list](const std::string& token) { return list->OfToken(token) != nullptr; };
}

// Tokens, and the lists to look them up in, by the kind of guess.
struct Epoch {
  std::vector<std::string> tokens;
  std::vector<Lookup> lookups;
};

Epoch MakeEpoch(const LookupCase& lookup_case, Order order, Random& random) {
  Epoch epoch;
  std::vector<std::string> near;
  for (const Guess& guess : kGuesses) {
    epoch.tokens.push_back(RandomToken(guess.characters, random));
    near.push_back(DigestNear(epoch.tokens.back(), guess.right_bytes, random));
  }
  epoch.lookups.resize(kGuessKinds);
  if (lookup_case.callers < kGuessKinds) {
    // One list for each guess, laid out in memory in random order.
    std::shuffle(order.begin(), order.end(), random);
    for (const std::size_t kind : order) {
      epoch.lookups[kind] = MakeLookup(lookup_case.comparison, {near[kind]});
    }
    return epoch;
  }
  // One list for all guesses; the callers that they resemble are at random positions in it.
  std::vector<std::string> digests = near;
  while (digests.size() < lookup_case.callers) digests.push_back(DigestOf(RandomToken(64, random)));
  std::shuffle(digests.begin(), digests.end(), random);
  std::fill(epoch.lookups.begin(), epoch.lookups.end(),
            MakeLookup(lookup_case.comparison, std::move(digests)));
  return epoch;
}

double MeanOfTheFaster(std::vector<double>& times) {
  const std::size_t kept = times.size() * 3 / 4;
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(kept), times.end());
  return std::accumulate(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(kept), 0.0) /
         static_cast<double>(kept);
}

}  // namespace

std::vector<std::vector<double>> MeasureLookups(const LookupCase& lookup_case, std::uint64_t seed) {
  using Clock = std::chrono::steady_clock;
  Random random(seed);
  Order order;
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<std::vector<double>> means(kGuessKinds);
  for (int number = 0; number < lookup_case.epochs; ++number) {
    const Epoch epoch = MakeEpoch(lookup_case, order, random);
    std::vector<std::vector<double>> times(kGuessKinds);
    for (int i = 0; i < lookup_case.lookups; ++i) {
      std::shuffle(order.begin(), order.end(), random);
      for (const std::size_t kind : order) {
        const Clock::time_point begin = Clock::now();
        const bool found = epoch.lookups[kind](epoch.tokens[kind]);
        const Clock::time_point end = Clock::now();
        if (found != (kGuesses[kind].right_bytes == kDigestBytes)) std::abort();
        times[kind].push_back(std::chrono::duration<double, std::nano>(end - begin).count());
      }
    }
    for (std::size_t kind = 0; kind < kGuessKinds; ++kind) {
      means[kind].push_back(MeanOfTheFaster(times[kind]));
    }
  }
  return means;
}

}  // namespace mlp
