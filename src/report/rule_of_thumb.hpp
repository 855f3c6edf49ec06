#pragma once

#include "report/report.hpp"

namespace vramcalc::report {

// What model cards would say beside this answer, and why it differs; empty where the rule itself was asked
// for or has nothing to say about the file type.
std::optional<RuleOfThumb> rule_of_thumb_beside(const OverviewReport& report, Estimator& truth,
                                                const FileType& file_type, std::uint64_t context,
                                                std::optional<std::uint64_t> full_context);

}  // namespace vramcalc::report
