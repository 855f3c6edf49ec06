#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "source/byte_source.hpp"
#include "source/http.hpp"

namespace vramcalc::source {

// A file behind HTTP, read from its beginning as far as somebody asks and no further.
struct RemoteFile {
  std::string url;
  std::string name;  // for messages
  bool with_token = false;
  std::optional<std::uint64_t> size;                     // empty: the server will say
  std::uint64_t first_piece = std::uint64_t{512} << 10;  // later ones are larger
  std::filesystem::path
      kept_as;  // what was read before is here, and what is read now will be; empty: nowhere
};

// Error (bad_file) for what the server refuses; Unreachable where it does not answer and nothing is kept.
ByteSource remote_source(std::shared_ptr<HttpClient> client, RemoteFile file);

// What a status means to a person.
[[noreturn]] void fail_status(const std::string& name, int status);

// No answer: what is kept from before may do.
[[noreturn]] void fail_unreachable(const std::string& name, const std::string& why);
bool is_unreachable(const std::exception& error);

}  // namespace vramcalc::source
