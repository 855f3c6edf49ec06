#include "cli/heap.hpp"
#include "cli/run.hpp"

int main(int count, char** words) {
  vramcalc::cli::keep_freed_memory();
  return vramcalc::cli::run(vramcalc::cli::Arguments(words + (count > 0 ? 1 : 0), words + count),
                            vramcalc::answer);
}
