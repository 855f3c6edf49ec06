#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "render/document.hpp"
#include "render/numbers.hpp"

// Parts that several answers share.
namespace vramcalc::render {

// weights 404.0 + KV cache 0.1 + compute 0.4 + runtime 0.3..0.6, with a legend
void add_terms(Section& to, const Estimate& estimate, const Figures& figures);

// The legend of an answer's words; only the verdicts that occur.
void add_verdicts_legend(Section& to, const Settings& settings, std::span<const Verdict> verdicts,
                         bool with_speeds = false);

// How fast a load is, and what that is based on: `why`, or the basis alone. Adds nothing if it is unknown.
void add_speed(Section& to, const Speed& speed, std::string_view why = {});

// What each place needs and has; `with_free` adds what is left.
void add_places(Section& to, const Settings& settings, const std::vector<PlaceFit>& places, bool with_free,
                const Figures& figures);

// How many sequences fit at once.
void add_room(Section& to, const std::optional<Room>& room);

// --explain: the formula, its numbers and their origins, and whose rule it is.
void add_explanation(Section& to, const std::optional<ExplanationReport>& explanation,
                     const Figures& figures);

void add_warnings(Section& to, const std::vector<std::string>& warnings);

}  // namespace vramcalc::render
