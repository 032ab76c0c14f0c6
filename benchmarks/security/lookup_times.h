// Measures how long an access list takes to look up tokens, by how nearly right they are.

#ifndef MLP_BENCHMARKS_SECURITY_LOOKUP_TIMES_H_
#define MLP_BENCHMARKS_SECURITY_LOOKUP_TIMES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mlp {

// A guess at a token.
struct Guess {
  const char* name;
  int right_bytes;         // leading bytes of its digest that a caller's digest shares; 32: all
  std::size_t characters;  // of the token
};

// The others are compared with the first.
inline constexpr Guess kGuesses[] = {
    {"wrong, 0 bytes of the digest right", 0, 64},
    {"wrong, 8 bytes right", 8, 64},
    {"wrong, 16 bytes right", 16, 64},
    {"wrong, 31 bytes right", 31, 64},
    {"right", 32, 64},
    {"wrong, of 1 character", 0, 1},
    {"wrong, of 512 characters", 0, 512},
};
inline constexpr std::size_t kGuessKinds = sizeof(kGuesses) / sizeof(kGuesses[0]);

// How a token is compared.
enum class Comparison {
  kAccessList,  // the server's
  // Byte by byte until two differ: a leak that the measurement must find.
  kEarlyExit,
};

struct LookupCase {
  Comparison comparison;
  std::size_t callers;  // in the list
  int epochs;           // each with new tokens and new lists
  int lookups;          // of each guess in an epoch
};

// The mean time of the faster three quarters of an epoch's lookups, in nanoseconds, for each guess
// and epoch. The guesses are looked up in turn, in a new random order each time.
std::vector<std::vector<double>> MeasureLookups(const LookupCase& lookup_case, std::uint64_t seed);

}  // namespace mlp

#endif  // MLP_BENCHMARKS_SECURITY_LOOKUP_TIMES_H_
