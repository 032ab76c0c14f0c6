// Elements per second of each activation's kernel on one core, compared with Eigen's array
// expression, the C library's scalar loop and a plain copy. The array stays in the first-level
// cache.
//
// Names: kernel/<activation>/<instruction set>, eigen/<activation>, libc/<activation>, memcpy.

#include <benchmark/benchmark.h>

#include <Eigen/Core>
#include <cmath>
#include <cstring>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "model/activations/kernels/activation_kernel.h"
#include "tests/model/activations/references.h"

namespace mlp {
namespace {

constexpr std::int64_t kCount = 2048;  // 8 KiB in, 8 KiB out

std::vector<float> Inputs() {
  std::mt19937 random(1);
  std::normal_distribution<float> normal(0, 3);
  std::vector<float> z(kCount);
  for (float& value : z) value = normal(random);
  return z;
}

// Runs evaluate(z, a) repeatedly.
template <typename Evaluate>
void Run(benchmark::State& state, const Evaluate& evaluate) {
  const std::vector<float> z = Inputs();
  std::vector<float> a(kCount);
  for (auto step : state) {
    evaluate(z.data(), a.data());
    benchmark::DoNotOptimize(a.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * kCount);
}

using Row = Eigen::Map<const Eigen::ArrayXf>;

template <typename Expression>
void AddEigen(const std::string& name, const Expression& expression) {
  benchmark::RegisterBenchmark(("eigen/" + name).c_str(), [expression](benchmark::State& state) {
    Run(state, [&](const float* z, float* a) {
      Eigen::Map<Eigen::ArrayXf>(a, kCount) = expression(Row(z, kCount));
    });
  });
}

template <typename Function>
void AddLibc(const std::string& name, const Function& function) {
  benchmark::RegisterBenchmark(("libc/" + name).c_str(), [function](benchmark::State& state) {
    Run(state, [&](const float* z, float* a) {
      for (std::int64_t i = 0; i < kCount; ++i) a[i] = function(z[i]);
    });
  });
}

void AddKernels() {
  std::string last;
  const std::vector<float> unit_alpha(kCount, 0.25F);
  for (const Reference& reference : ElementwiseReferences()) {
    if (reference.name == last) continue;  // the same activation with other parameters
    last = reference.name;
    for (const InstructionSet set : SupportedInstructionSets()) {
      const auto name = absl::StrCat("kernel/", reference.name, "/", NameOf(set));
      benchmark::RegisterBenchmark(
          name.c_str(), [reference, set, unit_alpha](benchmark::State& state) {
            const ActivationKernel& kernel = KernelOf(reference.kind, set);
            Run(state, [&](const float* z, float* a) {
              kernel.values(z, reference.parameters.data(), unit_alpha.data(), kCount, a);
            });
          });
    }
  }
  for (const InstructionSet set : SupportedInstructionSets()) {
    // With beta, softplus has a separate code path.
    benchmark::RegisterBenchmark(
        absl::StrCat("kernel/softplus_beta_2/", NameOf(set)).c_str(),
        [set](benchmark::State& state) {
          constexpr float kParameters[] = {2.0F, 20.0F};
          Run(state, [&](const float* z, float* a) {
            KernelOf(ActivationKind::kSoftplus, set).values(z, kParameters, nullptr, kCount, a);
          });
        });
  }
  for (const auto& named : {std::pair("softmax", ActivationKind::kSoftmax),
                            std::pair("log_softmax", ActivationKind::kLogSoftmax),
                            std::pair("sparsemax", ActivationKind::kSparsemax),
                            std::pair("swiglu", ActivationKind::kSwiglu)}) {
    // Not a structured binding: Clang 14 does not allow lambdas to capture those.
    const ActivationKind kind = named.second;
    for (const InstructionSet set : SupportedInstructionSets()) {
      benchmark::RegisterBenchmark(absl::StrCat("kernel/", named.first, "/", NameOf(set)).c_str(),
                                   [kind, set](benchmark::State& state) {
                                     Run(state, [&](const float* z, float* a) {
                                       KernelOf(kind, set).values(z, nullptr, nullptr, kCount, a);
                                     });
                                   });
    }
  }
}

void AddOthers() {
  benchmark::RegisterBenchmark("memcpy", [](benchmark::State& state) {
    Run(state, [](const float* z, float* a) { std::memcpy(a, z, kCount * sizeof(float)); });
  });
  AddEigen("relu", [](const Row& z) { return z.max(0.0F); });
  AddEigen("leaky_relu", [](const Row& z) { return (z > 0.0F).select(z, 0.01F * z); });
  AddEigen("relu6", [](const Row& z) { return z.max(0.0F).min(6.0F); });
  AddEigen("sigmoid", [](const Row& z) { return z.logistic(); });
  AddEigen("tanh", [](const Row& z) { return z.tanh(); });
  AddEigen("softsign", [](const Row& z) { return z / (1.0F + z.abs()); });
  AddEigen("softplus", [](const Row& z) { return z.max(0.0F) + (-z.abs()).exp().log1p(); });
  AddEigen("elu", [](const Row& z) { return (z > 0.0F).select(z, z.min(0.0F).expm1()); });
  AddEigen("exponential", [](const Row& z) { return z.exp(); });
  AddEigen("silu", [](const Row& z) { return z * z.logistic(); });
  AddEigen("gelu_tanh", [](const Row& z) {
    return 0.5F * z * (1.0F + (0.797884561F * (z + 0.044715F * z.cube())).tanh());
  });
  AddEigen("mish", [](const Row& z) { return z * z.exp().log1p().tanh(); });
  AddLibc("relu", [](float z) { return z > 0 ? z : 0; });
  AddLibc("sigmoid", [](float z) { return 1 / (1 + std::exp(-z)); });
  AddLibc("tanh", [](float z) { return std::tanh(z); });
  AddLibc("softplus",
          [](float z) { return std::fmax(z, 0.0F) + std::log1p(std::exp(-std::fabs(z))); });
  AddLibc("elu", [](float z) { return z > 0 ? z : std::expm1(z); });
  AddLibc("exponential", [](float z) { return std::exp(z); });
  AddLibc("silu", [](float z) { return z / (1 + std::exp(-z)); });
  AddLibc("gelu", [](float z) { return 0.5F * z * std::erfc(-0.707106781F * z); });
  AddLibc("mish", [](float z) { return z * std::tanh(std::log1p(std::exp(z))); });
}

}  // namespace
}  // namespace mlp

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  mlp::AddKernels();
  mlp::AddOthers();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
