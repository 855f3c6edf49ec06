#include "report/judged_rows.hpp"

// What is linked where nothing was computed while building.
namespace vramcalc::report::judged {
constinit const PackedTable models, rows;
}  // namespace vramcalc::report::judged
