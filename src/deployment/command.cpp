#include "deployment/finding_codes.hpp"
#include "deployment/session.hpp"

namespace vramcalc::deployment {

Reading read_command(const std::vector<std::string>& words, const Supplied& supplied) {
  Reading reading;
  Session session{.supplied = supplied, .reading = reading};
  const Position at{"command line", 0};
  const Launch base = launch_at("", at);
  std::vector<Word> all;
  for (const std::string& word : words) all.push_back({word, at});
  // A command line in quotes is one word.
  const bool is_script = words.size() == 1 && words[0].find_first_of(" \t\n") != std::string::npos;
  const Started started =
      is_script ? start_script(words[0], base, {}, {.first_line = at, .one_line = true}, session)
                : start_words(all, base, session);
  if (started.launches == 0 && reading.launches.empty())
    reading.findings.push_back(finding("unresolved", "no engine is started here", at));
  return reading;
}

}  // namespace vramcalc::deployment
