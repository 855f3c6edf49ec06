#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// A config that is read in part is read wrongly: each of its keys must be understood, or be known to matter
// to no shape, or the config is refused with its name.
namespace vramcalc::source {

// Which keys were understood while a config was read, by their paths ("rope_scaling.factor").
class UnderstoodKeys {
 public:
  void add(std::string path) { paths_.insert(std::move(path)); }

  // A reader wanted the key and found a value of a type that it cannot take. Another reader may still.
  void misread(std::string path) { misread_.insert(std::move(path)); }

  // A reader took the value and found that it does not know what it means.
  void reject(const std::string& path);

  // `path` is the author's spelling of `field`: understood where that is.
  void rename(std::string path, std::string_view field) { renamed_.emplace(std::move(path), field); }

  bool contains(const std::string& path) const;
  bool was_misread(const std::string& path) const { return misread_.contains(path); }

 private:
  std::set<std::string, std::less<>> paths_, misread_, rejected_;
  std::map<std::string, std::string, std::less<>> renamed_;
};

// The paths below `config` that nothing understood and that may matter (source/hf_harmless.hpp), objects that
// were understood in part included. `path` stands before each name.
std::vector<std::string> not_understood(const nlohmann::json& config, const UnderstoodKeys& understood,
                                        const std::string& path = "");

// Error (unsupported) with all of them, except those that the user told us to ignore.
// `subject` is the file and what it was read as: "config.json: model_type llama"; `effect` what the fields
// may change: "the shape of the model".
void refuse_not_understood(const std::vector<std::string>& paths, const UnderstoodKeys& understood,
                           const std::string& subject, const std::vector<std::string>& ignored,
                           std::string_view effect);

}  // namespace vramcalc::source
