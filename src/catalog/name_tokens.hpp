#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

// Names as words, to compare an unlisted name with the names in the catalog.
namespace vramcalc::catalog {

// Lower-case words of a name: "Qwen2.5-VL-7B" → qwen 2.5 vl 7b. They end at separators and where
// letters meet digits, except that a single letter stays with its number (r1, 7b, a3b, 8x7b). A dot or an
// underscore between digits is a decimal point (internlm2_5 → internlm 2.5).
std::vector<std::string> name_tokens(std::string_view name);

bool is_one_of(std::span<const std::string_view> words, std::string_view word);

// "7b", "1.7b", "135m", "a3b", "8x7b", "2507", "v0.3", "16e": a size or a release of a family.
bool is_detail(std::string_view token);
// Whether `whole` begins with `part`.
bool is_beginning(const std::vector<std::string>& part, const std::vector<std::string>& whole);
// Whether all of `part` is in `whole`, in that order.
bool is_subsequence(const std::vector<std::string>& part, const std::vector<std::string>& whole);
// The index of `part`, without gaps, in `whole`; npos if it is not there.
std::size_t place_of(const std::vector<std::string>& part, const std::vector<std::string>& whole);

}  // namespace vramcalc::catalog
