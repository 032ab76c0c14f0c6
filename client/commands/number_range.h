// Validators for numeric options.

#ifndef MLP_CLIENT_COMMANDS_NUMBER_RANGE_H_
#define MLP_CLIENT_COMMANDS_NUMBER_RANGE_H_

#include <CLI/CLI.hpp>

namespace mlp {

// From `least` to `most`, inclusive. CLI::Range would accept NaN.
CLI::Validator NumberIn(double least, double most);

// Any number that a float can hold, except NaN and infinity.
CLI::Validator FiniteNumber();

}  // namespace mlp

#endif  // MLP_CLIENT_COMMANDS_NUMBER_RANGE_H_
