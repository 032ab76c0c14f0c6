// Measures activations' kernels on every one of the 2^32 floats, on every instruction set of this
// CPU, and prints the largest error as a row of docs/measurements/activations_accuracy.md. CTest
// does not run it: it takes
// minutes.
//
// usage: exhaustive_accuracy [--threads=N] [--every=N] [NAME...]
// Without names: every element-wise activation with its default parameters. Exits with 1 if an
// error
// is above 4 ulp. --every=N takes each Nth float only, for a first look.
//
// The references are evaluated in double: its 29 further bits suffice to resolve hundredths of an
// ulp, and the whole range takes a minute for each activation. activation_kernels_test.cc compares
// with long double.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/activations/kernels/activation_kernel.h"
#include "tests/model/activations/references.h"
#include "tests/model/activations/ulp_error.h"

namespace mlp {
namespace {

constexpr std::int64_t kFloats = std::int64_t{1} << 32;
constexpr std::int64_t kChunk = std::int64_t{1} << 16;
constexpr double kLimitUlp = 4.0;

struct Worst {
  double ulp = 0.0;
  float z = 0.0F;
};

// The exact values of a chunk: NaN where z is NaN, and the limits at infinity.
void Exact(const Reference& reference, const std::vector<float>& z, std::vector<double>& exact) {
  for (std::size_t i = 0; i < z.size(); ++i) {
    if (std::isinf(z[i])) {
      exact[i] = z[i] < 0 ? reference.at_minus_infinity : reference.at_plus_infinity;
    } else {
      exact[i] = std::isnan(z[i]) ? static_cast<double>(z[i])
                                  : reference.value.on_double(z[i], reference.parameters.data());
    }
  }
}

std::vector<Worst> Measure(const Reference& reference, int threads, std::int64_t every) {
  const std::vector<InstructionSet> sets = SupportedInstructionSets();
  std::vector<Worst> worst(sets.size());
  std::mutex mutex;
  const auto run = [&](int thread) {
    std::vector<Worst> thread_worst(sets.size());
    std::vector<float> z(kChunk);
    std::vector<float> a(kChunk);
    std::vector<double> exact(kChunk);
    const std::vector<float> unit_alpha(
        kChunk, reference.parameters.empty() ? 0.0F : reference.parameters[0]);
    for (std::int64_t first = thread * kChunk; first * every < kFloats; first += threads * kChunk) {
      for (std::int64_t i = 0; i < kChunk; ++i) {
        z[static_cast<std::size_t>(i)] =
            std::bit_cast<float>(static_cast<std::uint32_t>((first + i) * every));
      }
      Exact(reference, z, exact);
      for (std::size_t set = 0; set < sets.size(); ++set) {
        KernelOf(reference.kind, sets[set])
            .values(z.data(), reference.parameters.data(), unit_alpha.data(), kChunk, a.data());
        for (std::size_t i = 0; i < z.size(); ++i) {
          const double ulp = UlpError(a[i], exact[i]);
          if (ulp > thread_worst[set].ulp) thread_worst[set] = {ulp, z[i]};
        }
      }
    }
    const std::lock_guard<std::mutex> lock(mutex);
    for (std::size_t set = 0; set < sets.size(); ++set) {
      if (thread_worst[set].ulp > worst[set].ulp) worst[set] = thread_worst[set];
    }
  };
  std::vector<std::thread> pool;
  pool.reserve(static_cast<std::size_t>(threads));
  for (int thread = 0; thread < threads; ++thread) pool.emplace_back(run, thread);
  for (std::thread& thread : pool) thread.join();
  return worst;
}

int Run(int threads, std::int64_t every, const std::set<std::string>& names) {
  std::printf("| activation |");
  for (const InstructionSet set : SupportedInstructionSets()) {
    std::printf(" %s: ulp | at z = |", absl::StrCat(NameOf(set)).c_str());
  }
  std::printf("\n|---|");
  for (std::size_t i = 0; i < SupportedInstructionSets().size(); ++i) std::printf("--:|--:|");
  std::printf("\n");
  bool good = true;
  std::set<ActivationKind> done;
  for (const Reference& reference : ElementwiseReferences()) {
    if (!names.empty() && names.count(reference.name) == 0) continue;
    if (!done.insert(reference.kind).second) continue;  // with other parameters
    std::printf("| %s |", reference.name);
    for (const Worst& worst : Measure(reference, threads, every)) {
      std::printf(" %.2f | %.9g |", worst.ulp, static_cast<double>(worst.z));
      good = good && worst.ulp <= kLimitUlp;
    }
    std::printf("\n");
    std::fflush(stdout);
  }
  return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace
}  // namespace mlp

int main(int argc, char** argv) {
  int threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  std::int64_t every = 1;
  std::set<std::string> names;
  for (int i = 1; i < argc; ++i) {
    if (std::strncmp(argv[i], "--threads=", 10) == 0) {
      threads = std::max(1, std::atoi(argv[i] + 10));
    } else if (std::strncmp(argv[i], "--every=", 8) == 0) {
      every = std::max(1, std::atoi(argv[i] + 8));
    } else {
      names.insert(argv[i]);
    }
  }
  return mlp::Run(threads, every, names);
}
