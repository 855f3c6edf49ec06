#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "source/byte_source.hpp"
#include "source/http.hpp"

namespace vramcalc::source {

// A file over HTTP, read from the beginning only as far as requested.
struct RemoteFile {
  std::string url;
  std::string name;  // for messages
  bool with_token = false;
  std::optional<std::uint64_t> size;                     // empty: the server will tell
  std::uint64_t first_piece = std::uint64_t{512} << 10;  // later ones are larger
  std::filesystem::path kept_as;                         // where read bytes are cached; empty: nowhere
};

// Error (bad_file) if the server refuses, or does not answer and nothing is cached.
ByteSource remote_source(std::shared_ptr<HttpClient> client, RemoteFile file);

// An HTTP status in words.
[[noreturn]] void fail_status(const std::string& name, int status);

// There was no answer; cached data may serve instead.
[[noreturn]] void fail_unreachable(const std::string& name, const std::string& why);

}  // namespace vramcalc::source
