// The saturation counters of a real server against a reference written here from the definitions in
// docs/reference/saturation.md alone, in double precision. It uses nothing of the server except the
// weights.

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "absl/strings/str_cat.h"
#include "model/formats/onnx/reader.h"
#include "tests/e2e/held_out.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/server_process.h"

namespace mlp {
namespace {

constexpr double kEpsilon = 0.01;

struct ReferenceActivation {
  const char* label;
  double (*value)(double z, double alpha);
  double (*slope)(double z, double alpha);
  double steepest;  // sup |f'| for the alphas of these models, all of which are at most 1 or linear
};

double Sigmoid(double z, double) { return 1.0 / (1.0 + std::exp(-z)); }
double SigmoidSlope(double z, double) { return Sigmoid(z, 0) * (1.0 - Sigmoid(z, 0)); }
double Tanh(double z, double) { return std::tanh(z); }
double TanhSlope(double z, double) { return 1.0 - std::tanh(z) * std::tanh(z); }
double Relu(double z, double) { return z > 0.0 ? z : 0.0; }
double ReluSlope(double z, double) { return z > 0.0 ? 1.0 : 0.0; }
double Leaky(double z, double alpha) { return z > 0.0 ? z : alpha * z; }
double LeakySlope(double z, double alpha) { return z > 0.0 ? 1.0 : std::fabs(alpha); }
double Elu(double z, double alpha) { return z > 0.0 ? z : alpha * std::expm1(z); }
double EluSlope(double z, double alpha) { return z > 0.0 ? 1.0 : alpha * std::exp(z); }

const std::map<ActivationKind, ReferenceActivation>& References() {
  static const auto* const references = new std::map<ActivationKind, ReferenceActivation>{
      {ActivationKind::kSigmoid, {"sigmoid", Sigmoid, SigmoidSlope, 0.25}},
      {ActivationKind::kTanh, {"tanh", Tanh, TanhSlope, 1.0}},
      {ActivationKind::kRelu, {"relu", Relu, ReluSlope, 1.0}},
      {ActivationKind::kLeakyRelu, {"leaky_relu", Leaky, LeakySlope, 1.0}},
      {ActivationKind::kPrelu, {"prelu", Leaky, LeakySlope, 1.0}},
      {ActivationKind::kElu, {"elu", Elu, EluSlope, 1.0}},
  };
  return *references;
}

struct Counts {
  double lower = 0;
  double upper = 0;
  // Values z so near a bound that float and double may fall on different sides of it.
  double at_a_border = 0;
  double sum = 0;
  double sum_of_squares = 0;
  double sum_of_slopes = 0;
  std::vector<int> lower_rows;  // by unit
  std::vector<int> upper_rows;
};

bool InTail(const ReferenceActivation& activation, double z, double alpha) {
  const double slope = std::fabs(activation.slope(z, alpha));
  const double steepest = std::max(activation.steepest, std::fabs(alpha));
  return slope < kEpsilon * (activation.steepest < 1.0 ? activation.steepest : steepest);
}

// The layers' counts over `rows`, by the definitions. For these activations, every tail is on the
// same side of zero as z.
std::vector<Counts> CountByDefinition(const Network& network, const std::vector<float>& rows) {
  std::vector<Counts> counts(network.layers().size());
  const auto width = static_cast<std::size_t>(network.inputs().front().width());
  for (std::size_t row = 0; row < rows.size() / width; ++row) {
    std::vector<double> a(rows.begin() + static_cast<std::ptrdiff_t>(row * width),
                          rows.begin() + static_cast<std::ptrdiff_t>((row + 1) * width));
    for (std::size_t l = 0; l + 1 < network.layers().size(); ++l) {
      const Layer& layer = network.layers()[l];
      const ReferenceActivation& activation = References().at(layer.activation.kind);
      const auto units = static_cast<std::size_t>(layer.units);
      Counts& count = counts[l];
      count.lower_rows.resize(units);
      count.upper_rows.resize(units);
      std::vector<double> next(units);
      for (std::size_t unit = 0; unit < units; ++unit) {
        double z = layer.dense().bias[unit];
        double magnitude = std::fabs(z);
        for (std::size_t i = 0; i < a.size(); ++i) {
          const double term = a[i] * static_cast<double>(layer.dense().weights[i * units + unit]);
          z += term;
          magnitude += std::fabs(term);
        }
        const absl::Span<const float> parameters =
            ParametersOfUnit(layer.activation, static_cast<std::int64_t>(unit));
        const double alpha = parameters.empty() ? 0.0 : parameters.front();
        const bool lower = z <= 0.0 && InTail(activation, z, alpha);
        const bool upper = z > 0.0 && InTail(activation, z, alpha);
        const double error = 1e-5 * magnitude;
        const bool near_border =
            InTail(activation, z - error, alpha) != InTail(activation, z + error, alpha);
        count.at_a_border += near_border ? 1 : 0;
        count.lower += lower ? 1 : 0;
        count.upper += upper ? 1 : 0;
        count.lower_rows[unit] += lower ? 1 : 0;
        count.upper_rows[unit] += upper ? 1 : 0;
        next[unit] = activation.value(z, alpha);
        count.sum += next[unit];
        count.sum_of_squares += next[unit] * next[unit];
        count.sum_of_slopes += std::fabs(activation.slope(z, alpha));
      }
      a = std::move(next);
    }
  }
  return counts;
}

class SaturationTest : public ::testing::TestWithParam<const char*> {};

TEST_P(SaturationTest, CountsWhatTheDefinitionsSay) {
  const std::string model = GetParam();
  // A window of three passes over the held-out rows, so the gauges cover exactly these.
  const auto server =
      ServerProcess::StartOnSampleModels({"--saturation-window", absl::StrCat(3 * kHeldOutRows)});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto stub =
      inference::GRPCInferenceService::NewStub(OpenChannel((*server)->grpc_address()));
  const std::vector<float> pixels = HeldOutPixels();
  for (int pass = 0; pass < 3; ++pass) {
    inference::ModelInferResponse response;
    ASSERT_TRUE(Infer(*stub, RawRequest(model, kHeldOutRows, 64, pixels), response).ok());
  }
  const Samples samples = ReadMetrics((*server)->http_port());

  const auto read = ReadOnnxFile(SampleModels() / model / "1" / "model.onnx");
  ASSERT_TRUE(read.ok()) << read.status();
  const std::vector<Counts> expected = CountByDefinition(read->network, pixels);
  for (std::size_t l = 0; l + 1 < expected.size(); ++l) {
    const Layer& layer = read->network.layers()[l];
    SCOPED_TRACE(layer.name);
    const std::string labels =
        absl::StrCat("{model=\"", model, "\",version=\"1\",layer=\"", layer.name,
                     "\",activation=\"", References().at(layer.activation.kind).label, "\"");
    const auto sample = [&](const std::string& name, const std::string& more = "") {
      return samples.at(absl::StrCat(name, labels, more, "}"));
    };
    const Counts& count = expected[l];
    const auto units = static_cast<double>(layer.units);
    const double activations = kHeldOutRows * units;
    EXPECT_EQ(sample("mlp_activations_total"), 3 * activations);
    EXPECT_EQ(sample("mlp_nonfinite_activations_total"), 0);
    EXPECT_EQ(sample("mlp_layer_units"), units);
    // Float and double may differ only where the reference itself is on a bound, which is a handful
    // of values.
    EXPECT_LE(count.at_a_border, 5);
    EXPECT_NEAR(sample("mlp_saturated_activations_total", ",tail=\"lower\""), 3 * count.lower,
                3 * count.at_a_border);
    EXPECT_NEAR(sample("mlp_saturated_activations_total", ",tail=\"upper\""), 3 * count.upper,
                3 * count.at_a_border);

    const double mean = count.sum / activations;
    const double rms = std::sqrt(count.sum_of_squares / activations);
    EXPECT_NEAR(sample("mlp_activation_mean"), mean, 1e-5 * rms);
    EXPECT_NEAR(sample("mlp_activation_zero_centredness"), std::fabs(mean) / rms, 1e-5);
    EXPECT_NEAR(sample("mlp_gradient_gain"), count.sum_of_slopes / activations, 1e-4);
    int dead = 0;
    for (std::size_t unit = 0; unit < count.lower_rows.size(); ++unit) {
      dead += count.lower_rows[unit] == kHeldOutRows || count.upper_rows[unit] == kHeldOutRows;
    }
    EXPECT_EQ(sample("mlp_dead_units"), dead);
  }
}

INSTANTIATE_TEST_SUITE_P(SampleModels, SaturationTest,
                         ::testing::Values("digits-sigmoid", "digits-tanh", "digits-relu",
                                           "digits-leaky-relu", "digits-prelu", "digits-elu",
                                           "digits-saturated"),
                         [](const auto& param) {
                           std::string name = param.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace mlp
