// An intrusive linked list: the objects live elsewhere and hold their own links. Adding one
// allocates nothing and cannot fail.

#ifndef MLP_SERVER_LINKED_LIST_H_
#define MLP_SERVER_LINKED_LIST_H_

#include <cstddef>

namespace mlp {

// `T` derives from LinkedList<T>::Entry. An entry leaves the list when it is destroyed, so the list
// outlives its entries or is empty. Not thread-safe.
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
      previous_->next_ = next_;
      next_->previous_ = previous_;
      --list_->size_;
      list_ = nullptr;
    }

    LinkedList* list_ = nullptr;
    Entry* previous_ = this;
    Entry* next_ = this;
  };

  LinkedList() = default;
  LinkedList(const LinkedList&) = delete;
  LinkedList& operator=(const LinkedList&) = delete;

  // REQUIRES: `entry` is in no list.
  void Add(Entry& entry) {
    entry.list_ = this;
    entry.previous_ = ends_.previous_;
    entry.next_ = &ends_;
    ends_.previous_->next_ = &entry;
    ends_.previous_ = &entry;
    ++size_;
  }

  // REQUIRES: `entry` is in this list.
  void Remove(Entry& entry) { entry.Leave(); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& front() { return static_cast<T&>(*ends_.next_); }

  // Calls `function` with each object. `function` may remove or destroy that object, but no other.
  template <typename Function>
  void ForEach(Function function) {
    for (Entry* entry = ends_.next_; entry != &ends_;) {
      Entry* const next = entry->next_;
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
