#include "report/judged_rows.hpp"

// Linked if the build computes no tables.
namespace vramcalc::report::judged {
constinit const PackedTable models, rows;
}  // namespace vramcalc::report::judged
