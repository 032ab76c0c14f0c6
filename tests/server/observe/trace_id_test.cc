#include "server/observe/trace_id.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace mlp {
namespace {

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";

struct TraceparentCase {
  const char* what;
  std::string value;
  const char* expected;  // empty if there is no trace
};

void PrintTo(const TraceparentCase& test_case, std::ostream* out) { *out << test_case.what; }

class TraceparentTest : public ::testing::TestWithParam<TraceparentCase> {};

TEST_P(TraceparentTest, NamesATraceOnlyInTheFormOfTheSpecification) {
  const auto& [what, value, expected] = GetParam();
  const TraceId trace = ParseTraceparent(value);
  EXPECT_EQ(trace.IsSet() ? ToHex(trace) : "", expected) << what << ": " << value;
}

INSTANTIATE_TEST_SUITE_P(
    Forms, TraceparentTest,
    ::testing::Values(
        TraceparentCase{"sampled", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                        kTrace},
        TraceparentCase{"not sampled", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
                        kTrace},
        TraceparentCase{"unknown flags", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-ff",
                        kTrace},
        TraceparentCase{"leading zeros", "00-00000000000000000000000000000001-00f067aa0ba902b7-01",
                        "00000000000000000000000000000001"},
        TraceparentCase{"a later version",
                        "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", kTrace},
        TraceparentCase{"a later version that goes on",
                        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what", kTrace},
        TraceparentCase{"a later version that goes on without a dash",
                        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01.what", ""},
        TraceparentCase{"version 00 that goes on",
                        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what", ""},
        TraceparentCase{"the forbidden version",
                        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", ""},
        TraceparentCase{"no trace", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", ""},
        TraceparentCase{"no parent", "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", ""},
        TraceparentCase{"upper case", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                        ""},
        TraceparentCase{"no digit", "00-4bf92f3577b34da6a3ce929d0e0e473g-00f067aa0ba902b7-01", ""},
        TraceparentCase{"flags that are no digits",
                        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x", ""},
        TraceparentCase{"another separator",
                        "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01", ""},
        TraceparentCase{"too short", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0", ""},
        TraceparentCase{"a blank before",
                        " 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", ""},
        TraceparentCase{
            "a zero within",
            std::string("00-4bf92f3577b34da6\0") + "3ce929d0e0e4736-00f067aa0ba902b7-01", ""},
        TraceparentCase{"a line's end", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\n",
                        ""},
        TraceparentCase{"nothing", "", ""}, TraceparentCase{"much", std::string(9'000, '0'), ""}));

}  // namespace
}  // namespace mlp
