#include "model/cpu/instruction_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace mlp {
namespace {

using ::testing::Contains;

TEST(InstructionSetTest, ParsesItsOwnNames) {
  for (const InstructionSet set : kEveryInstructionSet) {
    EXPECT_EQ(ParseInstructionSet(NameOf(set)).value(), set);
  }
}

// Users' settings and metric queries contain these names.
TEST(InstructionSetTest, KeepsItsNames) {
  EXPECT_EQ(NameOf(InstructionSet::kBaseline), "baseline");
  EXPECT_EQ(NameOf(InstructionSet::kNeon), "neon");
  EXPECT_EQ(NameOf(InstructionSet::kAvx2), "avx2");
  EXPECT_EQ(NameOf(InstructionSet::kAvx512), "avx512");
  EXPECT_EQ(ParseInstructionSet("AVX2").value(), InstructionSet::kAvx2);
  constexpr InstructionSet kTwo[] = {InstructionSet::kNeon, InstructionSet::kAvx2};
  EXPECT_EQ(NamesOf(kTwo), "neon, avx2");
}

TEST(InstructionSetTest, NamesAnUnknownSet) {
  const auto parsed = ParseInstructionSet("avx1024");
  EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(parsed.status().message(),
            absl::StrCat("'avx1024' is not an instruction set; expected one of ",
                         NamesOf(kEveryInstructionSet)));
}

TEST(InstructionSetTest, SupportsTheArchitecturesBaselineAndTheBestSet) {
#if defined(__aarch64__)
  EXPECT_TRUE(IsSupported(InstructionSet::kNeon));
  EXPECT_FALSE(IsSupported(InstructionSet::kBaseline));
#else
  EXPECT_TRUE(IsSupported(InstructionSet::kBaseline));
  EXPECT_FALSE(IsSupported(InstructionSet::kNeon));
#endif
  EXPECT_TRUE(IsSupported(BestInstructionSet()));
  EXPECT_THAT(SupportedInstructionSets(), Contains(BestInstructionSet()));
  // A CPU with AVX-512 has AVX2 and FMA too.
  EXPECT_LE(IsSupported(InstructionSet::kAvx512), IsSupported(InstructionSet::kAvx2));
}

TEST(ChooseInstructionSetTest, ChoosesASetThatTheCpuHas) {
  for (const InstructionSet set : kEveryInstructionSet) {
    EXPECT_EQ(ChooseInstructionSet(NameOf(set), kEveryInstructionSet).value(), set);
  }
}

struct Refusal {
  const char* name;
  absl::StatusCode code;
  std::string message;
};

void PrintTo(const Refusal& refusal, std::ostream* out) { *out << "'" << refusal.name << "'"; }

class ChooseInstructionSetRefusalTest : public ::testing::TestWithParam<Refusal> {};

TEST_P(ChooseInstructionSetRefusalTest, NamesTheSetAndThoseOfTheCpu) {
  constexpr InstructionSet kOldCpu[] = {InstructionSet::kBaseline, InstructionSet::kAvx2};
  const auto chosen = ChooseInstructionSet(GetParam().name, kOldCpu);
  EXPECT_EQ(chosen.status().code(), GetParam().code);
  EXPECT_EQ(chosen.status().message(), GetParam().message);
}

INSTANTIATE_TEST_SUITE_P(
    All, ChooseInstructionSetRefusalTest,
    ::testing::Values(Refusal{"avx512", absl::StatusCode::kFailedPrecondition,
                              "this CPU does not have 'avx512'; it has baseline, avx2"},
                      Refusal{"neon", absl::StatusCode::kFailedPrecondition,
                              "this CPU does not have 'neon'; it has baseline, avx2"},
                      Refusal{"", absl::StatusCode::kInvalidArgument,
                              absl::StrCat("'' is not an instruction set; expected one of ",
                                           NamesOf(kEveryInstructionSet),
                                           ", of which this CPU has baseline, avx2")},
                      Refusal{"AVX2 ", absl::StatusCode::kInvalidArgument,
                              absl::StrCat("'AVX2 ' is not an instruction set; expected one of ",
                                           NamesOf(kEveryInstructionSet),
                                           ", of which this CPU has baseline, avx2")}));

}  // namespace
}  // namespace mlp
