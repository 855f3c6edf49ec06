#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

// HTTP as far as headers of model files need it. The work is done by a program of its own, vramcalc-fetch,
// which is started when the first request is made: it alone is linked with libcurl, whose loading would take
// longer than all of a start of vramcalc, and which a program linked statically cannot load at all.
namespace vramcalc::source {

struct HttpRequest {
  std::string url;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // at most so many bytes
  bool with_token = false;   // HF_TOKEN goes along, to this host alone
};

struct HttpAnswer {
  int status = 0;                     // 200, 206, 404 …
  std::optional<std::uint64_t> size;  // of the whole file
  std::string etag;
  std::string body;
};

// One connection to vramcalc-fetch, shared by all that read through it.
class HttpClient {
 public:
  explicit HttpClient(std::uint32_t seconds);  // that all answers may take together
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Empty where the network or the server cannot be reached; `why_not` then says why, in a line.
  // Error (unsupported) where this vramcalc was built without libcurl.
  std::optional<HttpAnswer> get(const HttpRequest& request);
  const std::string& why_not() const { return why_not_; }

 private:
  struct Helper;
  std::chrono::milliseconds time_left() const;
  void set_out_of_time();

  std::uint32_t seconds_;
  std::optional<std::chrono::steady_clock::time_point> deadline_;  // set by the first request
  std::unique_ptr<Helper> helper_;
  std::string why_not_;
};

}  // namespace vramcalc::source
