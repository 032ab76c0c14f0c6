#include "server/repository/triton_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "absl/status/status.h"
#include "server/repository/model_settings.h"

namespace mlp {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// What Triton answers over HTTP when asked for the configuration of an ONNX model on a GPU: every
// field, whether set or not.
constexpr char kDumpJson[] = R"({"name":"digits","platform":"onnxruntime_onnx",
"backend":"onnxruntime","runtime":"","version_policy":{"latest":{"num_versions":1}},
"max_batch_size":8,"input":[{"name":"pixels","data_type":"TYPE_FP32","format":"FORMAT_NONE",
"dims":[64],"is_shape_tensor":false,"allow_ragged_batch":false,"optional":false,
"is_non_linear_format_io":false}],"output":[{"name":"probabilities","data_type":"TYPE_FP32",
"dims":[10],"label_filename":"","is_shape_tensor":false,"is_non_linear_format_io":false}],
"batch_input":[],"batch_output":[],"optimization":{"priority":"PRIORITY_DEFAULT",
"input_pinned_memory":{"enable":true},"output_pinned_memory":{"enable":true},
"gather_kernel_buffer_threshold":0,"eager_batching":false},"dynamic_batching":{
"preferred_batch_size":[8],"max_queue_delay_microseconds":100,"preserve_ordering":false,
"priority_levels":0,"default_priority_level":0,"priority_queue_policy":{}},
"instance_group":[{"name":"digits","kind":"KIND_GPU","count":2,"gpus":[0],
"secondary_devices":[],"profile":[],"passive":false,"host_policy":""}],
"default_model_filename":"model.onnx","cc_model_filenames":{},"metric_tags":{},"parameters":{},
"model_warmup":[],"model_transaction_policy":{"decoupled":false}})";

// The same as a config.pbtxt, converted by hand with the same names.
constexpr char kDumpText[] = R"(
name: "digits"
platform: "onnxruntime_onnx"
backend: "onnxruntime"
runtime: ""
version_policy { latest { num_versions: 1 } }
max_batch_size: 8
input [ {
  name: "pixels"
  data_type: TYPE_FP32
  format: FORMAT_NONE
  dims: [ 64 ]
  is_shape_tensor: false
  allow_ragged_batch: false
  optional: false
  is_non_linear_format_io: false
} ]
output [ {
  name: "probabilities"
  data_type: TYPE_FP32
  dims: [ 10 ]
  label_filename: ""
  is_shape_tensor: false
  is_non_linear_format_io: false
} ]
batch_input: []
batch_output: []
optimization {
  priority: PRIORITY_DEFAULT
  input_pinned_memory { enable: true }
  output_pinned_memory { enable: true }
  gather_kernel_buffer_threshold: 0
  eager_batching: false
}
dynamic_batching {
  preferred_batch_size: [ 8 ]
  max_queue_delay_microseconds: 100
  preserve_ordering: false
  priority_levels: 0
  default_priority_level: 0
}
instance_group [ {
  name: "digits"
  kind: KIND_GPU
  count: 2
  gpus: [ 0 ]
  secondary_devices: []
  profile: []
  passive: false
  host_policy: ""
} ]
default_model_filename: "model.onnx"
model_warmup: []
model_transaction_policy { decoupled: false }
)";

void ExpectServed(const absl::StatusOr<ModelSettings>& settings) {
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_THAT(settings->ignored,
              ElementsAre("optimization.input_pinned_memory", "optimization.output_pinned_memory",
                          "instance_group of GPUs"));
  EXPECT_EQ(settings->config.max_batch_size(), 8);
  EXPECT_EQ(settings->config.version_policy().latest().num_versions(), 1U);
  EXPECT_THAT(settings->config.input(0).dims(), ElementsAre(64));
  EXPECT_THAT(settings->scheduling.preferred_batch_rows, ElementsAre(8));
  EXPECT_EQ(settings->scheduling.max_queue_delay, std::chrono::microseconds(100));
  // The number of instances on a GPU does not limit a CPU.
  EXPECT_EQ(settings->scheduling.instances, 0);
}

TEST(TritonSettingsTest, AcceptsTritonsAnswerAsText) {
  ExpectServed(ParseModelSettings(kDumpText, "digits"));
}

TEST(TritonSettingsTest, AcceptsTritonsAnswerAsJson) {
  ExpectServed(ParseModelSettingsJson(kDumpJson, "digits"));
}

// As Triton's Python client prints its answer over gRPC.
TEST(TritonSettingsTest, AcceptsTheAnswerWithItsOuterField) {
  ExpectServed(ParseModelSettings(std::string("config {") + kDumpText + "}", "digits"));
  ExpectServed(ParseModelSettingsJson(std::string(R"({"config":)") + kDumpJson + "}", "digits"));
}

TEST(TritonSettingsTest, SilentlyIgnoresDefaults) {
  const auto settings = ReadTritonSettings(
      "optimization { graph { } cuda { } execution_accelerators { } } response_cache { } "
      "model_transaction_policy { decoupled: false } model_repository_agents { } "
      "instance_group { kind: KIND_CPU count: 1 passive: false rate_limiter { } }");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_THAT(settings->ignored, IsEmpty());
  EXPECT_THAT(settings->unsupported, IsEmpty());
  EXPECT_EQ(settings->config.instance_group(0).count(), 1);
}

TEST(TritonSettingsTest, IgnoresSettingsThatChangeNoAnswer) {
  const auto settings = ReadTritonSettings(
      "optimization { graph { level: 1 } priority: PRIORITY_MAX cuda { graphs: true graph_spec { "
      "batch_size: 1 } } } response_cache { enable: true } runtime: 'libtriton_onnxruntime.so' "
      "dynamic_batching { preserve_ordering: true } instance_group { host_policy: 'cpu' }");
  ASSERT_TRUE(settings.ok()) << settings.status();
  EXPECT_THAT(settings->ignored,
              ElementsAre("instance_group.host_policy", "dynamic_batching.preserve_ordering",
                          "optimization.graph", "optimization.priority", "optimization.cuda",
                          "response_cache.enable", "runtime"));
  EXPECT_THAT(settings->unsupported, IsEmpty());
}

TEST(TritonSettingsTest, NamesEverythingUnsupportedInOneMessage) {
  const auto settings = ParseModelSettings(R"(
name: "other"
platform: "tensorrt_plan"
input { name: "pixels" format: FORMAT_NCHW optional: true reshape { } }
input { name: "more" optional: true }
output { name: "y" reshape { shape: [ 1 ] } }
sequence_batching { direct { } control_input { name: "START" } }
optimization { execution_accelerators { gpu_execution_accelerator { name: "tensorrt" } } }
model_transaction_policy { decoupled: true }
metric_tags { key: "team" value: "a" }
batch_input { kind: BATCH_ELEMENT_COUNT target_name: "n" }
model_repository_agents { agents { name: "checksum" } }
instance_group { passive: true rate_limiter { priority: 1 } }
max_batchsize: 8
)",
                                           "digits");
  ASSERT_EQ(settings.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(
      std::string(settings.status().message()),
      HasSubstr("config.pbtxt: name is 'other'; the folder is 'digits'; platform is "
                "'tensorrt_plan'; expected 'mlpserve_onnx' or 'onnxruntime_onnx'; unsupported "
                "fields: input.format, input.reshape, input.optional, output.reshape, "
                "instance_group.rate_limiter.priority, instance_group.passive, metric_tags, "
                "optimization.execution_accelerators.gpu_execution_accelerator, sequence_batching, "
                "model_transaction_policy.decoupled, batch_input, model_repository_agents.agents, "
                "'max_batchsize' (line 14); supported: name, platform,"));
}

TEST(TritonSettingsTest, SaysWhereTheTextIsInvalid) {
  EXPECT_EQ(ReadTritonSettings("max_batch_size: many").status().message().substr(0, 18),
            "line 1, column 17:");
  EXPECT_FALSE(ReadTritonSettings("config { max_batch_size: 8").ok());
  const auto typo = ParseModelSettingsJson(R"({"max_batchsize": 8})", "digits");
  EXPECT_THAT(std::string(typo.status().message()), HasSubstr("max_batchsize"));
}

}  // namespace
}  // namespace mlp
