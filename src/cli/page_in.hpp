#pragma once

namespace vramcalc::cli {

// Has the system map all of the program's code at once. Left alone it maps a few pages each time the program
// comes to code that it has not run yet, some forty times in one answer: a tenth of it. Does nothing where
// there is no way to ask for it.
void page_in_program();

}  // namespace vramcalc::cli
