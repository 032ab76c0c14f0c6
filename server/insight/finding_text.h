// Words of the findings.

#ifndef MLP_SERVER_INSIGHT_FINDING_TEXT_H_
#define MLP_SERVER_INSIGHT_FINDING_TEXT_H_

#include <chrono>
#include <string>
#include <vector>

namespace mlp {

// A share for people: "3.1 %", "41 %".
std::string PercentText(double share);

// "a, b, c and 4 more".
std::string ListText(const std::vector<std::string>& names);

// "since 14:05 UTC", with the date if it is 20 hours ago or more.
std::string SinceText(std::chrono::system_clock::time_point when,
                      std::chrono::system_clock::time_point now);

}  // namespace mlp

#endif  // MLP_SERVER_INSIGHT_FINDING_TEXT_H_
