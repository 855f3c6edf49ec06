#pragma once

namespace vramcalc::cli {

// Keeps freed memory for later allocations. A search builds hundreds of graphs of a few megabytes; returning
// them to the system each time doubles its time in page faults. For short-lived programs.
void keep_freed_memory();

}  // namespace vramcalc::cli
