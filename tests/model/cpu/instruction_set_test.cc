#include "model/cpu/instruction_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace mlp {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

TEST(InstructionSetTest, ParsesTheNamesItGives) {
  for (const InstructionSet set :
       {InstructionSet::kBaseline, InstructionSet::kAvx2, InstructionSet::kAvx512}) {
    EXPECT_EQ(ParseInstructionSet(NameOf(set)).value(), set);
  }
}

TEST(InstructionSetTest, NamesWhatItDoesNotKnow) {
  const auto parsed = ParseInstructionSet("avx1024");
  EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(parsed.status().message()), HasSubstr("'avx1024'"));
}

TEST(InstructionSetTest, SupportsTheBaselineAndTheBest) {
  EXPECT_TRUE(IsSupported(InstructionSet::kBaseline));
  EXPECT_TRUE(IsSupported(BestInstructionSet()));
  EXPECT_THAT(SupportedInstructionSets(), Contains(BestInstructionSet()));
  // A CPU with AVX-512 has AVX2 and FMA too.
  EXPECT_LE(IsSupported(InstructionSet::kAvx512), IsSupported(InstructionSet::kAvx2));
}

}  // namespace
}  // namespace mlp
