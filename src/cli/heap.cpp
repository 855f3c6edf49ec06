#include "cli/heap.hpp"

#include <cstdlib>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void vramcalc::cli::keep_freed_memory() {
#if defined(__GLIBC__)
  constexpr int largest_from_heap = 32 << 20;  // the most that glibc accepts
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  ::mallopt(M_MMAP_THRESHOLD, largest_from_heap);
#endif
}
