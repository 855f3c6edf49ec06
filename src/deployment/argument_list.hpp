#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "deployment/argument_words.hpp"
#include "deployment/flag_spelling.hpp"

namespace vramcalc::deployment {

// Where a value comes from; later ones override earlier ones.
enum class Origin : std::uint8_t { environment, config, line };

// What was given to a flag: words, or none.
struct Given {
  NamedFlag named;
  std::vector<Word> values;
  Position at;
  Origin origin = Origin::line;
};

// Gathers arguments into a command: values are read and checked, later ones override.
class ArgumentList {
 public:
  ArgumentList(const Program& program, Command& command) : program_(program), command_(command) {}

  void add(Given given);
  void add_model(const Word& word);
  bool has_model() const;  // as a word or as --model
  void finish();           // after all of them

  void refuse(std::string_view code, std::string message, const Position& at, std::string fix = "");
  void leave_open(const Word& word);
  void unknown(const Word& word);
  void ambiguous(const Word& word, const std::vector<std::string>& candidates);

 private:
  bool is_removed(const Given& given);
  std::optional<Argument> read(const Given& given);
  bool read_into(Argument& argument, const Given& given, const Word& value);
  void place(const ProgramFlag& flag, Argument argument, Origin origin);

  struct Placed {
    std::size_t index;
    Origin origin;
    bool repeated;
  };

  const Program& program_;
  Command& command_;
  std::map<std::string, Placed, std::less<>> placed_;  // by the canonical spelling
  bool has_model_ = false;
  std::size_t unknown_ = 0;
};

// A text as a message may show it: in one short line.
std::string shortened(std::string_view text);

}  // namespace vramcalc::deployment
