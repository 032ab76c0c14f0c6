// Values that options refuse.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "tests/server/options/parsed.h"

namespace mlp {
namespace {

using ::testing::HasSubstr;

struct BadValue {
  const char* flag;
  const char* value;
  const char* expected;
};

void PrintTo(const BadValue& bad, std::ostream* out) { *out << bad.flag << " " << bad.value; }

class BadValueTest : public ::testing::TestWithParam<BadValue> {};

TEST_P(BadValueTest, IsNamedWithItsOptionAndWhatWasExpected) {
  const auto [flag, value, expected] = GetParam();
  const Parsed parsed = Parse({"--model", "m.onnx", flag, value});
  EXPECT_EQ(parsed.exit_code, 2);
  EXPECT_THAT(parsed.err, HasSubstr(flag));
  EXPECT_THAT(parsed.err, HasSubstr(std::string("'") + value + "'"));
  EXPECT_THAT(parsed.err, HasSubstr(expected));
}

// A set that no CPU of the architecture has.
#if defined(__aarch64__)
constexpr char kOtherSet[] = "avx512";
#else
constexpr char kOtherSet[] = "neon";
#endif

INSTANTIATE_TEST_SUITE_P(
    Numbers, BadValueTest,
    ::testing::Values(BadValue{"--rpc-threads", "many", "from 1 to 1024"},
                      BadValue{"--rpc-threads", "0", "from 1 to 1024"},
                      BadValue{"--rpc-threads", "1025", "from 1 to 1024"},
                      BadValue{"--rpc-threads", "2.5", "whole number"},
                      BadValue{"--rpc-threads", "0x2", "whole number"},
                      BadValue{"--evaluator-threads", "-1", "from 1 to 1024"},
                      BadValue{"--max-batch-rows", "1048577", "from 1 to 1048576"},
                      BadValue{"--max-batch-rows", "99999999999999999999", "from 1 to 1048576"},
                      BadValue{"--max-message-bytes", "1", "0, or a whole number from 1024 to"},
                      BadValue{"--max-grpc-memory-bytes", "64",
                               "0, or a whole number from 1048576"},
                      BadValue{"--drain-seconds", "3601", "from 0 to 3600"},
                      BadValue{"--saturation-window", "199", "from 200 to 1000000000"},
                      BadValue{"--self-baseline", "299", "0, or a whole number from 300"}));

INSTANTIATE_TEST_SUITE_P(
    Epsilons, BadValueTest,
    ::testing::Values(BadValue{"--saturation-epsilon", "0", "between 0 and 1"},
                      BadValue{"--saturation-epsilon", "1", "between 0 and 1"},
                      BadValue{"--saturation-epsilon", "nan", "between 0 and 1"},
                      BadValue{"--saturation-epsilon", "small", "between 0 and 1"}));

INSTANTIATE_TEST_SUITE_P(
    Names, BadValueTest,
    ::testing::Values(BadValue{"--log-level", "loud", "debug, info, warning, error"},
                      BadValue{"--log-level", "99", "debug, info, warning, error"},
                      BadValue{"--isa", "avx1024", "expected one of baseline, neon, "},
                      BadValue{"--isa", "0", "expected one of baseline, neon, "},
                      BadValue{"--isa", kOtherSet, "this CPU does not have"},
                      BadValue{"--weights", "int4", "expected one of float32, bfloat16, int8"},
                      BadValue{"--weights", "1", "expected one of float32, bfloat16, int8"},
                      BadValue{"--log-format", "xml", "text, json"},
                      BadValue{"--log-format", "7", "text, json"}));

INSTANTIATE_TEST_SUITE_P(
    Modes, BadValueTest,
    ::testing::Values(BadValue{"--unix-socket-mode", "066", "from 0600 to 0777"},
                      BadValue{"--unix-socket-mode", "0680", "from 0600 to 0777"},
                      BadValue{"--admin-address", "0.0.0.0:8003", "a loopback address"}));

INSTANTIATE_TEST_SUITE_P(Addresses, BadValueTest,
                         ::testing::Values(BadValue{"--grpc-address", "nowhere", "host:port"},
                                           BadValue{"--grpc-address", ":8001", "host:port"},
                                           BadValue{"--grpc-address", "0.0.0.0:", "host:port"},
                                           BadValue{"--grpc-address", "0.0.0.0:65536", "host:port"},
                                           BadValue{"--grpc-address", "0.0.0.0:-1", "host:port"},
                                           BadValue{"--grpc-address", "0.0.0.0:+1", "host:port"},
                                           BadValue{"--grpc-address", "0.0.0.0: 1", "host:port"},
                                           BadValue{"--grpc-address", "::1:8001", "host:port"},
                                           BadValue{"--rest-address", "8000", "host:port"},
                                           BadValue{"--http-address", "localhost:http",
                                                    "host:port"}));

}  // namespace
}  // namespace mlp
