// Checks the messages of refusals: that each one in the sources says what is expected or what works
// instead, and that docs/reference/refusals.md shows what the reader says.

#include "tests/model/formats/onnx/refusals.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "model/formats/onnx/operators/unsupported_operators.h"
#include "model/formats/onnx/reader.h"
#include "tests/bytes_of_file.h"
#include "tests/model/formats/status_codes.h"

namespace mlp {
namespace {

using ::testing::AnyOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::filesystem::path SourceFile(const std::string& name) {
  return std::filesystem::path(MLP_SOURCE_DIR) / name;
}

TEST(RefusalsTest, HaveTheirCodeAndSayWhatWorks) {
  for (const Refusal& refusal : Refusals()) {
    if (refusal.file.empty()) continue;
    SCOPED_TRACE(refusal.what);
    const absl::Status status = ReadOnnx(refusal.file).status();
    EXPECT_EQ(status.code(), refusal.code) << status;
    if (refusal.code == kInvalid) {
      EXPECT_THAT(std::string(status.message()),
                  AnyOf(HasSubstr("expect"), HasSubstr("known are")));
    } else {
      EXPECT_THAT(std::string(status.message()), HasSubstr("supported"));
    }
  }
}

TEST(RefusalsTest, AreQuotedInTheDocument) {
  EXPECT_EQ(BytesOfFile(SourceFile("docs/reference/refusals.md")), RefusalsDocument())
      << "build/release/bin/refusals_table > docs/reference/refusals.md";
}

TEST(UnsupportedOperatorsTest, AreRefusedForTheirKind) {
  for (const UnsupportedKind& kind : UnsupportedKinds()) {
    EXPECT_THAT(std::string(kind.reason), HasSubstr("supported")) << kind.name;
    EXPECT_TRUE(std::is_sorted(kind.operators.begin(), kind.operators.end())) << kind.name;
    for (const absl::string_view name : kind.operators) {
      for (const char* domain : {"", "ai.onnx.ml", "com.microsoft"}) {
        const auto read = ReadOnnx(FileWithOperator(domain, std::string(name)));
        EXPECT_EQ(read.status().code(), kUnimplemented) << name << ": " << read.status();
        EXPECT_THAT(std::string(read.status().message()),
                    EndsWith(absl::StrCat("of type '", name, "': ", kind.reason)));
      }
    }
  }
}

// The arguments of each call of `function` in `source`.
std::vector<std::string> CallsIn(const std::string& source, const std::string& function) {
  std::vector<std::string> calls;
  for (std::size_t at = source.find(function); at != std::string::npos;
       at = source.find(function, at)) {
    at += function.size() + 1;
    const std::size_t begin = at;
    bool quoted = false;
    for (int depth = 1; depth > 0 && at < source.size(); ++at) {
      if (source[at] == '\\') {
        ++at;
      } else if (source[at] == '"') {
        quoted = !quoted;
      } else if (!quoted) {
        depth += source[at] == '(' ? 1 : source[at] == ')' ? -1 : 0;
      }
    }
    calls.push_back(source.substr(begin, at - begin - 1));
  }
  return calls;
}

struct TextRule {
  const char* function;
  std::vector<std::string> words;  // a text must contain one of these
};

// Someone who knows the exporter but not ONNX must see what to do next.
TEST(RefusalTextsTest, SayWhatIsExpectedOrSupported) {
  const std::vector<TextRule> rules = {
      {"absl::InvalidArgumentError", {"expect", "known are"}},
      {"absl::UnimplementedError", {"supported", "kind.reason"}},
  };
  std::size_t texts = 0;
  std::vector<std::string> bare;
  for (const char* folder : {"model/formats/onnx", "model/formats/graph"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(SourceFile(folder))) {
      // The writer's messages differ: a network that it refuses can be written in another format.
      const bool reads = !absl::StrContains(entry.path().string(), "/writer/");
      if (entry.path().extension() != ".cc" || !reads) continue;
      const std::string source = BytesOfFile(entry.path());
      for (const auto& [function, words] : rules) {
        for (const std::string& text : CallsIn(source, function)) {
          ++texts;
          const bool tells = std::any_of(words.begin(), words.end(), [&](const std::string& word) {
            return absl::StrContains(text, word);
          });
          if (!tells) bare.push_back(absl::StrCat(entry.path().filename().string(), ": ", text));
        }
      }
    }
  }
  EXPECT_THAT(bare, IsEmpty());
  EXPECT_GE(texts, 200U);
}

}  // namespace
}  // namespace mlp
