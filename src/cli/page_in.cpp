#include "cli/page_in.hpp"

#include <cstddef>

#if defined(__linux__)
#include <sys/mman.h>
#endif

#if defined(__linux__) && defined(MADV_POPULATE_READ)  // Linux 5.14; an older kernel refuses, which is as well

extern "C" const char __executable_start, etext;  // from the linker

void vramcalc::cli::page_in_program() {
  ::madvise(const_cast<char*>(&__executable_start), static_cast<std::size_t>(&etext - &__executable_start),
            MADV_POPULATE_READ);
}

#else

void vramcalc::cli::page_in_program() {}

#endif
