// The table of models that is in force. A change of models is a new table, published in one
// exchange. Work under way keeps the table it has.

#ifndef MLP_SERVER_SERVED_MODELS_MODEL_CATALOG_H_
#define MLP_SERVER_SERVED_MODELS_MODEL_CATALOG_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "server/observe/metrics.h"
#include "server/served_models/model_table.h"

namespace mlp {

// Thread-safe.
class ModelCatalog final {
 public:
  // Starts with an empty table. `metrics` show which models are ready, and must outlive the
  // catalog.
  explicit ModelCatalog(Metrics& metrics)
      : metrics_(metrics), table_(std::make_shared<const ModelTable>(std::vector<ModelRecord>())) {}

  // Puts `table` in force: Get returns it from now on. If ModelTable::With made it from the table
  // in force, this takes time proportional to what differs.
  void Publish(std::shared_ptr<const ModelTable> table)
      ABSL_LOCKS_EXCLUDED(publishing_mutex_, mutex_);

  std::shared_ptr<const ModelTable> Get() const ABSL_LOCKS_EXCLUDED(mutex_) {
    const std::lock_guard lock(mutex_);
    return table_;
  }

  // How many tables have been published.
  std::int64_t generation() const { return generation_.load(std::memory_order_acquire); }

 private:
  Metrics& metrics_;
  std::mutex publishing_mutex_;  // held while a table is compared with the last one; taken first
  mutable std::mutex mutex_;
  std::shared_ptr<const ModelTable> table_ ABSL_GUARDED_BY(mutex_);
  std::atomic<std::int64_t> generation_ = 0;
};

// One thread's view of a catalog. Checks for a new table without a lock. Not thread-safe.
class CatalogView final {
 public:
  // `catalog` must outlive the view.
  explicit CatalogView(const ModelCatalog& catalog) : catalog_(catalog), table_(catalog.Get()) {}

  // Takes the table in force. Returns whether it has changed.
  bool Refresh() {
    const std::int64_t generation = catalog_.generation();
    if (generation == generation_) return false;
    generation_ = generation;
    table_ = catalog_.Get();
    return true;
  }

  const ModelTable& table() const { return *table_; }

 private:
  const ModelCatalog& catalog_;
  std::int64_t generation_ = -1;  // so that the first Refresh takes what was published before
  std::shared_ptr<const ModelTable> table_;
};

}  // namespace mlp

#endif  // MLP_SERVER_SERVED_MODELS_MODEL_CATALOG_H_
