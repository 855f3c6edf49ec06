#include "source/http.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "model/printable.hpp"
#include "source/child_process.hpp"
#include "vramcalc/error.hpp"

namespace vramcalc::source {
namespace {

constexpr const char* program = "vramcalc-fetch";
constexpr std::uint64_t longest_body = std::uint64_t{64} << 20;
constexpr std::chrono::seconds grace(5);  // for the helper to report its own timeout

void check_url(const std::string& url) {
  const bool spoiled =
      std::ranges::any_of(url, [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; });
  if (spoiled || url.size() > 2000)
    throw Error(ErrorCode::bad_value, fmt::format("{} is not a URL", in_quotes(url)));
}

[[noreturn]] void fail_without_helper() {
  throw Error(ErrorCode::unsupported,
              "reading from the hub needs vramcalc-fetch, which was not found next to this program; build it "
              "with libcurl's headers installed (Debian: libcurl4-openssl-dev)");
}

}  // namespace

struct HttpClient::Helper {
  explicit Helper(ChildProcess&& started) : process(std::move(started)) {}
  ChildProcess process;
};

HttpClient::HttpClient(std::uint32_t seconds) : seconds_(seconds) {}
HttpClient::~HttpClient() = default;

std::chrono::milliseconds HttpClient::time_left() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(*deadline_ - std::chrono::steady_clock::now());
}

void HttpClient::set_out_of_time() {
  why_not_ = fmt::format("no complete answer within {} s; --hub-timeout allows more time", seconds_);
}

// Asked:    GET TOKEN OFFSET LENGTH MILLISECONDS URL
// Answered: STATUS SIZE ETAG LENGTH, then LENGTH bytes ("-": unknown); or: ERROR reason
std::optional<HttpAnswer> HttpClient::get(const HttpRequest& request) {
  check_url(request.url);
  if (!helper_) {
    std::optional<ChildProcess> process = ChildProcess::start(program);
    if (!process) fail_without_helper();
    helper_ = std::make_unique<Helper>(std::move(*process));
  }
  if (!deadline_) deadline_ = std::chrono::steady_clock::now() + std::chrono::seconds(seconds_);
  const std::chrono::milliseconds left = time_left();
  if (left.count() <= 0) return set_out_of_time(), std::nullopt;
  ChildProcess& process = helper_->process;
  process.wait_at_most(left + grace);
  const bool asked = process.write(fmt::format("GET {} {} {} {} {}\n", request.with_token ? 1 : 0,
                                               request.offset, request.length, left.count(), request.url));
  const std::optional<std::string> line = asked ? process.read_line() : std::nullopt;
  if (!line) {
    helper_.reset();
    if (time_left().count() <= 0) return set_out_of_time(), std::nullopt;
    fail_without_helper();
  }
  if (line->starts_with("ERROR ")) {
    why_not_ = printable(line->substr(6), 300);
    if (time_left().count() <= 0) set_out_of_time();
    return std::nullopt;
  }
  HttpAnswer answer;
  std::istringstream in(*line);
  std::string size;
  std::uint64_t length = 0;
  in >> answer.status >> size >> answer.etag >> length;
  if (!in || length > std::min(request.length, longest_body))
    throw Error(ErrorCode::bad_file, "unexpected answer from vramcalc-fetch; is it from the same release?");
  if (size != "-") answer.size = std::stoull(size);
  answer.body.resize(static_cast<std::size_t>(length));
  if (!process.read(answer.body))
    throw Error(ErrorCode::bad_file, fmt::format("{}: vramcalc-fetch ended before its answer was complete",
                                                 printable(request.url, 300)));
  return answer;
}

}  // namespace vramcalc::source
