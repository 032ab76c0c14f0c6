// How models are evaluated.

#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/options/option_table.h"

namespace mlp {
namespace {

// Names the instruction sets of every architecture, but refuses those that this CPU lacks.
OptionValue InstructionSetValue(InstructionSet& instruction_set) {
  std::vector<std::pair<std::string, InstructionSet>> names;
  for (const InstructionSet set : kEveryInstructionSet) {
    names.emplace_back(std::string(NameOf(set)), set);
  }
  OptionValue value = NameValue(instruction_set, names);
  value.target = [&instruction_set](const std::string& name) -> std::string {
    const auto chosen = ChooseInstructionSet(name, SupportedInstructionSets());
    if (!chosen.ok()) return std::string(chosen.status().message());
    instruction_set = *chosen;
    return "";
  };
  return FromMachine(std::move(value));
}

OptionValue WeightStorageValue(WeightStorage& weights) {
  std::vector<std::pair<std::string, WeightStorage>> names;
  for (int i = 0; i < kWeightStorageCount; ++i) {
    const auto storage = static_cast<WeightStorage>(i);
    names.emplace_back(std::string(NameOf(storage)), storage);
  }
  return NameValue(weights, names);
}

}  // namespace

std::vector<Option> EvaluationRows(ServerOptions& options) {
  return {
      {"rpc-threads", FromMachine(IntegerValue(options.rpc_threads, 1, 1024)),
       "Threads that take requests and evaluate them"},
      {"evaluator-threads", FromMachine(IntegerValue(options.evaluator_threads, 1, 1024)),
       "Threads that share the evaluation of one large batch"},
      {"isa", InstructionSetValue(options.instruction_set),
       absl::StrCat("Instruction set, one of ", NamesOf(kEveryInstructionSet),
                    "; the best that the CPU has by default")},
      {"weights", WeightStorageValue(options.weights),
       "How dense layers' weights are kept: float32, bfloat16 or int8"},
      {"max-batch-rows", IntegerValue(options.max_batch_rows, 1, 1 << 20),
       "Most rows of a request and of a batch"},
  };
}

}  // namespace mlp
