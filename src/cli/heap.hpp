#pragma once

namespace vramcalc::cli {

// Keeps what is freed for what is allocated next. A search builds graphs of some megabytes by the hundred;
// given back to the system and asked for again each time, they cost it twice its own time in page faults.
// For programs that end soon.
void keep_freed_memory();

}  // namespace vramcalc::cli
