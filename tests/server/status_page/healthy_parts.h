// Parts of the status of a healthy server: minutes of traffic, layers and models. The sample
// statuses change some of them. The same in every run.

#ifndef MLP_TESTS_SERVER_STATUS_PAGE_HEALTHY_PARTS_H_
#define MLP_TESTS_SERVER_STATUS_PAGE_HEALTHY_PARTS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "server/insight/status.h"

namespace mlp {

// 2026-11-29 14:47:30 UTC.
inline constexpr std::chrono::system_clock::time_point kNow =
    std::chrono::system_clock::time_point(std::chrono::seconds(1795963650));

// The same value in every minute, except for a relative `spread`. A part with another `seed`
// wobbles in another way.
MinuteSeries Around(double value, double spread, std::size_t seed);

// From `before` to `after`, within a few minutes after `minute`.
MinuteSeries Step(double before, double after, std::size_t minute, std::size_t seed);

// Pre-activations spread around a middle, on the curve of a sigmoid.
StatusShape SigmoidShape(double middle, double spread);

// Layer hidden_<number>, with sigmoids.
StatusLayer Hidden(int number, std::size_t seed);

// A layer for the inputs or the outputs, which never saturate.
StatusLayer End(const std::string& name, std::int64_t units, std::size_t seed);

// A model of handwritten digits with two hidden layers and a baseline.
StatusModel Digits(const std::string& name, std::size_t seed);

// A server that has served these models for a day.
Status Around(std::vector<StatusModel> models);

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_STATUS_PAGE_HEALTHY_PARTS_H_
