// Statuses that show the page on a good day, on bad days and at its limits.

#ifndef MLP_TESTS_SERVER_STATUS_PAGE_SAMPLE_STATUSES_H_
#define MLP_TESTS_SERVER_STATUS_PAGE_SAMPLE_STATUSES_H_

#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "server/insight/status.h"

namespace mlp {

Status HealthyStatus();     // three models, one of them with two versions; all healthy
Status SaturatingStatus();  // hidden_1 of digits-sigmoid has been saturating for 40 minutes
Status DriftingStatus();    // torn digits: the hidden layers drift, the inputs do not
Status EmptyStatus();       // a model that was just loaded: no requests, no baseline
Status StartingStatus();    // no model yet
Status ManyModelsStatus(int models);
Status ManyLayersStatus(int layers);
Status HostileStatus();  // every text tries to break out of its place, and no figure is known

// Each has a name and the path of the page that shows most of it.
struct SampleStatus {
  std::string name;
  std::string path;
  Status status;
};
std::vector<SampleStatus> SampleStatuses();

// For GoogleTest, which otherwise prints all bytes.
inline void PrintTo(const SampleStatus& sample, std::ostream* out) { *out << sample.name; }

}  // namespace mlp

#endif  // MLP_TESTS_SERVER_STATUS_PAGE_SAMPLE_STATUSES_H_
