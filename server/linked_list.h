// A list of objects that stand somewhere else, each with its links in itself: to enter it takes no
// memory, and so cannot fail.

#ifndef MLP_SERVER_LINKED_LIST_H_
#define MLP_SERVER_LINKED_LIST_H_

#include <cstddef>

namespace mlp {

// `T` is derived from LinkedList<T>::Entry. Outlives its entries, or is empty of them: an entry
// leaves the list when it goes. Not thread-safe.
template <typename T>
class LinkedList final {
 public:
  class Entry {
   public:
    Entry() = default;
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry() { Leave(); }

   private:
    friend class LinkedList;
    void Leave() {
      if (list_ == nullptr) return;
      before_->after_ = after_;
      after_->before_ = before_;
      --list_->size_;
      list_ = nullptr;
    }

    LinkedList* list_ = nullptr;
    Entry* before_ = this;
    Entry* after_ = this;
  };

  LinkedList() = default;
  LinkedList(const LinkedList&) = delete;
  LinkedList& operator=(const LinkedList&) = delete;

  // `entry` is in no list.
  void Add(Entry& entry) {
    entry.list_ = this;
    entry.before_ = ends_.before_;
    entry.after_ = &ends_;
    ends_.before_->after_ = &entry;
    ends_.before_ = &entry;
    ++size_;
  }

  // `entry` is in this list.
  void Remove(Entry& entry) { entry.Leave(); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& front() { return static_cast<T&>(*ends_.after_); }

  // Calls `function` with each object, which may go meanwhile; no other may.
  template <typename Function>
  void ForEach(Function function) {
    for (Entry* entry = ends_.after_; entry != &ends_;) {
      Entry* const next = entry->after_;
      function(static_cast<T&>(*entry));
      entry = next;
    }
  }

 private:
  Entry ends_;  // before the first and after the last
  std::size_t size_ = 0;
};

}  // namespace mlp

#endif  // MLP_SERVER_LINKED_LIST_H_
