// vramcalc-fetch: reads pieces of files over HTTP for vramcalc (the protocol is in source/http.cpp). It ends
// when its input ends.

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>

#include "model/letters.hpp"

namespace {

// A server below this speed would take more than two minutes for a header of 100 kB.
constexpr std::chrono::milliseconds transfer_limit = std::chrono::minutes(3);
constexpr long connect_limit_s = 15, stalled_after_s = 20, slowest_bytes_per_second = 1000;
constexpr int attempts = 4;
constexpr std::uint64_t most_skipped = std::uint64_t{64} << 20;  // if a server does not support ranges

using Clock = std::chrono::steady_clock;

struct Asked {
  bool with_token = false;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::string url;
  Clock::time_point deadline;

  std::chrono::milliseconds time_left() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  }
};

struct Transfer {
  const Asked* asked = nullptr;
  CURL* curl = nullptr;
  std::string body;
  std::string size = "-", etag = "-";
  std::uint64_t skip = 0;  // bytes before the requested ones, if the server sends the whole file
  long retry_after_s = -1;
  bool started = false, complete = false, too_far = false;
};

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 20 && std::ranges::all_of(text, vramcalc::is_digit);
}

// One header line; each response of a redirect chain starts over.
std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* pointer) {
  auto& transfer = *static_cast<Transfer*>(pointer);
  const std::string_view line = vramcalc::trimmed({bytes, size * count});
  const std::size_t colon = line.find(':');
  if (line.starts_with("HTTP/")) transfer.size = transfer.etag = "-";
  if (colon == line.npos) return size * count;
  const std::string name = vramcalc::lowered(line.substr(0, colon));
  const std::string_view value = vramcalc::trimmed(line.substr(colon + 1));
  if (name == "content-range" && value.find('/') != value.npos &&
      is_number(value.substr(value.rfind('/') + 1)))
    transfer.size = value.substr(value.rfind('/') + 1);
  if (name == "content-length" && transfer.size == "-" && is_number(value)) transfer.size = value;
  if (name == "retry-after" && is_number(value))
    transfer.retry_after_s = std::stol(std::string(value.substr(0, 6)));
  if (name == "etag" && value.find(' ') == value.npos && !value.empty()) transfer.etag = value.substr(0, 200);
  return size * count;
}

void start_body(Transfer& transfer) {
  long status = 0;
  curl_easy_getinfo(transfer.curl, CURLINFO_RESPONSE_CODE, &status);
  transfer.started = true;
  transfer.skip = status == 200 ? transfer.asked->offset : 0;
  transfer.too_far = transfer.skip > most_skipped;
}

// Takes the requested bytes and then ends the transfer, whatever else the server sends.
std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* pointer) {
  auto& transfer = *static_cast<Transfer*>(pointer);
  if (!transfer.started) start_body(transfer);
  std::string_view piece(bytes, size * count);
  const auto skipped = static_cast<std::size_t>(std::min<std::uint64_t>(transfer.skip, piece.size()));
  transfer.skip -= skipped;
  piece.remove_prefix(skipped);
  const std::uint64_t wanted = transfer.asked->length - transfer.body.size();
  transfer.body += piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(wanted, piece.size())));
  transfer.complete = transfer.body.size() == transfer.asked->length;
  return transfer.complete || transfer.too_far ? 0 : size * count;
}

struct Outcome {
  CURLcode code = CURLE_OK;
  long status = 0;
  Transfer transfer;
};

// Tests use a shorter time limit.
long from_environment(const char* name, long otherwise, long most) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::clamp(std::strtol(text, nullptr, 10), 1L, most);
}

void set_limits(CURL* curl, std::chrono::milliseconds time_left) {
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 10L);
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, connect_limit_s);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(std::clamp<std::int64_t>(time_left.count(), 1, transfer_limit.count())));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, slowest_bytes_per_second);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME,
                   from_environment("VRAMCALC_HTTP_STALL_S", stalled_after_s, 600));
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "vramcalc");
}

Outcome perform(CURL* curl, const Asked& asked) {
  Outcome outcome;
  outcome.transfer.asked = &asked;
  outcome.transfer.curl = curl;
  curl_easy_reset(curl);
  set_limits(curl, asked.time_left());
  const std::string range =
      std::to_string(asked.offset) + "-" + std::to_string(asked.offset + asked.length - 1);
  curl_easy_setopt(curl, CURLOPT_URL, asked.url.c_str());
  curl_easy_setopt(curl, CURLOPT_RANGE, range.c_str());
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &outcome.transfer);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &outcome.transfer);
  // A redirect does not pass a custom header on to another host (libcurl 7.58 and later).
  const char* token = asked.with_token ? std::getenv("HF_TOKEN") : nullptr;
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(nullptr, curl_slist_free_all);
  if (token != nullptr && *token != '\0')
    headers.reset(curl_slist_append(nullptr, ("Authorization: Bearer " + std::string(token)).c_str()));
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  outcome.code = curl_easy_perform(curl);
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &outcome.status);
  if (outcome.code == CURLE_WRITE_ERROR && outcome.transfer.complete) outcome.code = CURLE_OK;
  return outcome;
}

bool is_passing(const Outcome& outcome) {
  switch (outcome.code) {
    case CURLE_OK:
      return outcome.status == 408 || outcome.status == 429 || outcome.status == 500 ||
             (outcome.status >= 502 && outcome.status <= 504);
    case CURLE_COULDNT_CONNECT:
    case CURLE_PARTIAL_FILE:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return true;
    default: return false;
  }
}

Outcome perform_with_patience(CURL* curl, const Asked& asked) {
  std::chrono::milliseconds pause(from_environment("VRAMCALC_HTTP_PAUSE_MS", 500, 10'000));
  Outcome outcome = perform(curl, asked);
  for (int attempt = 1; attempt < attempts && is_passing(outcome); ++attempt, pause *= 2) {
    const std::chrono::seconds asked_pause(std::min(outcome.transfer.retry_after_s, 30L));
    const auto sleep = std::max<std::chrono::milliseconds>(pause, asked_pause);
    if (sleep >= asked.time_left()) break;
    std::this_thread::sleep_for(sleep);
    outcome = perform(curl, asked);
  }
  return outcome;
}

void answer(CURL* curl, const Asked& asked) {
  const Outcome outcome = perform_with_patience(curl, asked);
  const Transfer& transfer = outcome.transfer;
  if (transfer.too_far)
    std::cout << "ERROR the server does not send parts of files\n";
  else if (outcome.code != CURLE_OK)
    std::cout << "ERROR " << curl_easy_strerror(outcome.code) << "\n";
  else
    std::cout << outcome.status << ' ' << transfer.size << ' ' << transfer.etag << ' ' << transfer.body.size()
              << '\n'
              << transfer.body;
  std::cout.flush();
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL* curl = curl_easy_init();
  for (std::string line; curl != nullptr && std::getline(std::cin, line);) {
    std::istringstream in(line);
    std::string verb;
    Asked asked;
    std::int64_t milliseconds = 0;
    in >> verb >> asked.with_token >> asked.offset >> asked.length >> milliseconds >> asked.url;
    asked.deadline = Clock::now() + std::chrono::milliseconds(milliseconds);
    if (!in || verb != "GET" || asked.length == 0) break;
    answer(curl, asked);
  }
  curl_easy_cleanup(curl);
  curl_global_cleanup();
}
