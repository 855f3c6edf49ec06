#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>

// HTTP servers on loopback for the tests of the hub: nginx with a folder of files, and one that sends
// arbitrary bytes.
namespace vramcalc::test {

class Nginx {
 public:
  // Serves `root`; `locations` goes into its server block. Throws where nginx is not installed.
  Nginx(const std::string& folder, const std::string& root, const std::string& locations);
  ~Nginx();
  Nginx(const Nginx&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::string other_name() const { return "http://localhost:" + std::to_string(port_); }
  void stop();

  // Lines of its log since the last call: "STATUS BYTES_SENT AUTHORIZATION PATH".
  std::string log();

 private:
  int process_ = -1;
  std::uint16_t port_ = 0;
  std::string log_file_;
  std::size_t logged_ = 0;
};

// Answers every connection with the same bytes and closes it, keeps it open silently, or sends a few bytes
// every 20 ms.
class RawServer {
 public:
  explicit RawServer(std::string answer, bool keeps_open = false, std::size_t bytes_at_once = SIZE_MAX);
  ~RawServer();
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  int connections() const { return connections_; }

 private:
  void serve();
  std::string answer_;
  bool keeps_open_;
  std::size_t bytes_at_once_;
  std::uint16_t port_ = 0;  // filled with the next one
  int listener_ = -1;
  std::atomic<int> connections_ = 0;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

}  // namespace vramcalc::test
