// docs/reference/metrics.md and a running server's page name the same metrics, types and labels.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "tests/e2e/healthy_pictures.h"
#include "tests/e2e/http_get.h"
#include "tests/e2e/inference_client.h"
#include "tests/e2e/model_folders.h"
#include "tests/e2e/server_process.h"
#include "tests/eventually.h"
#include "tests/temporary_folder.h"

namespace mlp {
namespace {

struct Family {
  std::string type;
  std::set<std::string> labels;  // of any of its samples, without the `le` of histograms
};
using Families = std::map<std::string, Family>;

std::string WithoutTicks(absl::string_view text) {
  std::string plain(absl::StripAsciiWhitespace(text));
  plain.erase(std::remove(plain.begin(), plain.end(), '`'), plain.end());
  return plain;
}

// Reads the rows of the document's tables: | `name` | type | `label`, `label` | unit | meaning |.
Families DocumentedFamilies() {
  Families families;
  std::ifstream document(InCheckout("docs/reference/metrics.md"));
  for (std::string line; std::getline(document, line);) {
    const std::vector<std::string> cells = absl::StrSplit(line, '|');
    if (cells.size() != 7 || absl::StripAsciiWhitespace(cells[1]).front() != '`') continue;
    Family family;
    family.type = std::string(absl::StripAsciiWhitespace(cells[2]));
    for (const absl::string_view label : absl::StrSplit(cells[3], ',')) {
      const std::string name = WithoutTicks(label);
      if (!name.empty() && name != "–") family.labels.insert(name);
    }
    EXPECT_FALSE(absl::StripAsciiWhitespace(cells[4]).empty()) << line;
    EXPECT_FALSE(absl::StripAsciiWhitespace(cells[5]).empty()) << line;
    EXPECT_TRUE(families.emplace(WithoutTicks(cells[1]), family).second) << line;
  }
  return families;
}

// The names of the labels in a sample's line, which ends with its value.
std::set<std::string> LabelsOf(const std::string& line) {
  std::set<std::string> labels;
  const std::size_t begin = line.find('{');
  const std::size_t end = line.rfind('}');
  if (begin == std::string::npos) return labels;
  // No label value of the sample models contains a comma.
  for (const absl::string_view label :
       absl::StrSplit(line.substr(begin + 1, end - begin - 1), ',')) {
    labels.emplace(label.substr(0, label.find('=')));
  }
  labels.erase("le");
  return labels;
}

Families ExportedFamilies(int http_port) {
  Families families;
  std::string current;
  std::istringstream page(HttpGet(http_port, "/metrics").body);
  for (std::string line; std::getline(page, line);) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ');
    if (words[0] == "#") {
      current = words.at(2);
      if (words[1] == "TYPE") families[current].type = words.at(3);
      continue;
    }
    for (const std::string& label : LabelsOf(line)) families[current].labels.insert(label);
  }
  return families;
}

std::string Names(const Families& families) {
  return absl::StrJoin(families, " ", [](std::string* out, const auto& family) {
    absl::StrAppend(out, family.first);
  });
}

TEST(MetricsDocumentTest, NamesWhatTheServerExportsAndNothingElse) {
  const TemporaryFolder models;
  AddSampleModel(models.path(), "digits-tanh", "digits-tanh",
                 R"(parameters { key: "version_label.stable" value { string_value: "1" } })");
  // One model has a baseline, and another is learning one.
  AddSampleModel(models.path(), "digits-relu", "digits-relu");
  Pictures pictures;
  const std::filesystem::path folder = models.path() / "digits-tanh" / "1";
  std::ofstream(folder / kBaselineFile, std::ios::binary)
      << BaselineFileOf(folder / "model.onnx", pictures);
  const auto server = ServerProcess::Start(
      {"--model-repository", models.path().string(), "--self-baseline", "1000"});
  ASSERT_TRUE(server.ok()) << server.status();
  // The counters and histograms of a model appear with its first request.
  const auto stub =
      inference::GRPCInferenceService::NewStub(OpenChannel((*server)->grpc_address()));
  inference::ModelInferResponse response;
  ASSERT_TRUE(Infer(*stub, DigitsRequest("digits-tanh"), response).ok());
  ASSERT_TRUE(Infer(*stub, DigitsRequest("digits-relu"), response).ok());
  // The server looks at models once a second.
  Families exported;
  EXPECT_TRUE(Eventually([&] {
    exported = ExportedFamilies((*server)->http_port());
    return exported.count("mlp_self_baseline_rows") > 0 && exported.count("mlp_drift_ratio") > 0;
  }));
  const Families documented = DocumentedFamilies();
  ASSERT_FALSE(exported.empty());
  EXPECT_EQ(Names(documented), Names(exported));
  for (const auto& [name, family] : exported) {
    const auto row = documented.find(name);
    if (row == documented.end()) continue;
    EXPECT_EQ(row->second.type, family.type) << name;
    EXPECT_EQ(row->second.labels, family.labels) << name;
  }
}

}  // namespace
}  // namespace mlp
