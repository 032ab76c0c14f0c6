#include "client/layer_description.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace mlp {
namespace {

TEST(LayerDescriptionTest, ReadsLayers) {
  const auto layers = ParseLayerDescriptions(R"([
      {"name": "hidden_1", "inputs": 64, "units": 48, "activation": "prelu",
       "activation_parameters": {"alpha": [-0.5, 0.25], "other": null}, "lower_tail": [-6, -4.5],
       "upper_tail": 3.5, "parameters": 3168,
       "something new": {}},
      {"name": "output", "inputs": 48, "units": 10, "activation": "softmax",
       "activation_parameters": null, "parameters": 490}])");
  ASSERT_TRUE(layers.ok()) << layers.status();
  ASSERT_EQ(layers->size(), 2);
  const LayerDescription& hidden = (*layers)[0];
  EXPECT_EQ(hidden.name, "hidden_1");
  EXPECT_EQ(hidden.inputs, 64);
  EXPECT_EQ(hidden.units, 48);
  EXPECT_EQ(hidden.activation, "prelu");
  ASSERT_EQ(hidden.activation_parameters.size(), 1);
  EXPECT_EQ(hidden.activation_parameters[0].first, "alpha");
  EXPECT_EQ(hidden.activation_parameters[0].second.smallest, -0.5);
  EXPECT_EQ(hidden.activation_parameters[0].second.largest, 0.25);
  EXPECT_EQ(hidden.lower_tail->largest, -4.5);
  EXPECT_EQ(hidden.upper_tail->smallest, 3.5);
  EXPECT_EQ(hidden.upper_tail->largest, 3.5);
  EXPECT_EQ(hidden.parameters, 3168);
  EXPECT_TRUE((*layers)[1].activation_parameters.empty());
  EXPECT_FALSE((*layers)[1].lower_tail.has_value());
}

struct BadLayers {
  const char* text;
  const char* message;
};

TEST(LayerDescriptionTest, RefusesInvalidDescriptionsAndReportsThePosition) {
  for (
      const BadLayers& c : std::vector<BadLayers>{
          {"", "not a JSON array"},
          {"{}", "not a JSON array"},
          {"[1]", "layer 1 lacks a valid 'name'"},
          {R"([{"name": 3}])", "'name'"},
          {R"([{"name": "a", "units": 1}])", "'inputs'"},
          {R"([{"name": "a", "inputs": 1.5}])", "'inputs'"},
          {R"([{"name": "a", "inputs": 1, "units": -1}])", "'units'"},
          {R"([{"name": "a", "inputs": 1, "units": 18446744073709551615}])", "'units'"},
          {R"([{"name": "a", "inputs": 1, "units": 1}])", "'activation'"},
          {R"([{"name": "a", "inputs": 1, "units": 1, "activation": "x",
                "activation_parameters": 1}])",
           "'activation_parameters'"},
          {R"([{"name": "a", "inputs": 1, "units": 1, "activation": "x",
                "activation_parameters": {"alpha": [1]}}])",
           "'activation_parameters'"},
          {R"([{"name": "a", "inputs": 1, "units": 1, "activation": "x", "upper_tail": [1, null]}])",
           "'upper_tail'"},
          {R"([{"name": "a", "inputs": 1, "units": 1, "activation": "x"}])", "'parameters'"},
      }) {
    const absl::Status status = ParseLayerDescriptions(c.text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInternal) << c.text;
    EXPECT_NE(std::string(status.message()).find(c.message), std::string::npos)
        << c.text << ": " << status;
  }
}

}  // namespace
}  // namespace mlp
