#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// Every key of a config must be understood or known not to affect the shape; otherwise the config is refused
// and the key named.
namespace vramcalc::source {

// Which keys were understood while a config was read, by their paths ("rope_scaling.factor").
class UnderstoodKeys {
 public:
  void add(std::string path) { paths_.insert(std::move(path)); }

  // A reader found a value of a type that it cannot use. Another reader may still understand it.
  void misread(std::string path) { misread_.insert(std::move(path)); }

  // A reader does not know what this value means.
  void reject(const std::string& path);

  // `path` is the author's spelling of `field`: understood if `field` is.
  void rename(std::string path, std::string_view field) { renamed_.emplace(std::move(path), field); }

  bool contains(const std::string& path) const;
  bool was_misread(const std::string& path) const { return misread_.contains(path); }

 private:
  std::set<std::string, std::less<>> paths_, misread_, rejected_;
  std::map<std::string, std::string, std::less<>> renamed_;
};

// The paths below `config` that are not understood and may matter (source/hf_harmless.hpp), including objects
// understood in part. `path` prefixes each name.
std::vector<std::string> not_understood(const nlohmann::json& config, const UnderstoodKeys& understood,
                                        const std::string& path = "");

// Error (unsupported) that lists them, except those the user ignores. `subject` is the file and how it was
// read: "config.json: model_type llama"; `effect` is what the fields may change: "the shape of the model".
void refuse_not_understood(const std::vector<std::string>& paths, const UnderstoodKeys& understood,
                           const std::string& subject, const std::vector<std::string>& ignored,
                           std::string_view effect);

}  // namespace vramcalc::source
