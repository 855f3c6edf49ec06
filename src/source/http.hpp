#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

// HTTP for headers of model files. A separate program, vramcalc-fetch, is started by the first request. Only
// it is linked with libcurl, which takes longer to load than vramcalc to start and which a static program
// cannot load.
namespace vramcalc::source {

struct HttpRequest {
  std::string url;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;  // at most
  bool with_token = false;   // sends HF_TOKEN, to this host only
};

struct HttpAnswer {
  int status = 0;                     // 200, 206, 404 …
  std::optional<std::uint64_t> size;  // of the whole file
  std::string etag;
  std::string body;
};

// One connection to vramcalc-fetch, shared by all readers.
class HttpClient {
 public:
  explicit HttpClient(std::uint32_t seconds);  // for all answers together
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Empty if the network or server cannot be reached; `why_not` then gives the reason in one line. Error
  // (unsupported) if vramcalc-fetch is missing.
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
