#include "hub/servers.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <stdexcept>
#include <vector>

extern char** environ;

namespace vramcalc::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

int listen_on_any(std::uint16_t& port) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  if (bind(listener, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener, 16) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) != 0)
    throw std::runtime_error("no port on loopback");
  fcntl(listener, F_SETFD, FD_CLOEXEC);
  port = ntohs(address.sin_port);
  return listener;
}

std::uint16_t free_port() {
  std::uint16_t port = 0;
  close(listen_on_any(port));
  return port;
}

bool connects(int connection, std::uint16_t port) {
  const sockaddr_in address = loopback(port);
  return connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool answers(std::uint16_t port) {
  const int probe = socket(AF_INET, SOCK_STREAM, 0);
  const bool connected = connects(probe, port);
  close(probe);
  return connected;
}

// Asks for a path, and waits for the end of the answer.
void ask(std::uint16_t port, const std::string& path) {
  const std::string request = "GET " + path + " HTTP/1.0\r\n\r\n";
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  char answer[4096];
  if (connects(connection, port) && send(connection, request.data(), request.size(), MSG_NOSIGNAL) > 0)
    while (recv(connection, answer, sizeof answer, 0) > 0) continue;
  close(connection);
}

std::string text_of(const std::string& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool answers_in_time(std::uint16_t port) {
  for (int i = 0; i < 500; ++i, std::this_thread::sleep_for(std::chrono::milliseconds(10)))
    if (answers(port)) return true;
  return false;
}

std::string configuration(const std::string& folder, const std::string& root, std::uint16_t port,
                          const std::string& locations) {
  std::string temporary;
  for (const char* path : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
    temporary += std::string(path) + "_temp_path " + folder + "/temp;\n";
  return "daemon off; master_process off; error_log " + folder + "/error.log; pid " + folder +
         "/pid;\n"
         "events {}\nhttp {\n" +
         temporary +
         "log_format short '$status $body_bytes_sent $http_authorization $request_uri';\naccess_log " +
         folder +
         "/access.log short;\n"
         "default_type application/octet-stream;\n"
         "server {\nlisten 127.0.0.1:" +
         std::to_string(port) + ";\nroot " + root + ";\n" + locations + "\n}\n}\n";
}

}  // namespace

Nginx::Nginx(const std::string& folder, const std::string& root, const std::string& locations)
    : port_(free_port()), log_file_(folder + "/access.log") {
  std::ofstream(folder + "/nginx.conf") << configuration(folder, root, port_, locations);
  std::vector<std::string> words{"/usr/sbin/nginx", "-c", folder + "/nginx.conf", "-e",
                                 folder + "/error.log"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  if (posix_spawn(&process_, arguments[0], nullptr, nullptr, arguments.data(), environ) != 0)
    throw std::runtime_error(words[0] + " cannot be started; ./setup.sh --tests installs it");
  if (answers_in_time(port_)) return;
  stop();
  throw std::runtime_error("nginx does not answer; see " + folder + "/error.log");
}

Nginx::~Nginx() { stop(); }

void Nginx::stop() {
  if (process_ < 0) return;
  kill(process_, SIGTERM);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

// A request is logged after its answer is sent, so its line may be late. A final request of our own marks the
// end of the log.
std::string Nginx::log() {
  const std::string last = "/end-of-log-" + std::to_string(logged_);
  ask(port_, last);
  std::string text = text_of(log_file_);
  for (int i = 0; i < 500 && text.find(last, logged_) == std::string::npos; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    text = text_of(log_file_);
  }
  const std::size_t found = text.find(last, logged_);
  if (found == std::string::npos) throw std::runtime_error("nginx does not log; see " + log_file_);
  const std::string fresh = text.substr(logged_, text.rfind('\n', found) + 1 - logged_);
  logged_ = text.find('\n', found) + 1;
  return fresh;
}

RawServer::RawServer(std::string answer, bool keeps_open, std::size_t bytes_at_once)
    : answer_(std::move(answer)),
      keeps_open_(keeps_open),
      bytes_at_once_(bytes_at_once),
      listener_(listen_on_any(port_)),
      thread_([this] { serve(); }) {}

RawServer::~RawServer() {
  ended_ = true;
  thread_.join();
  close(listener_);
}

void RawServer::serve() {
  std::vector<int> open;
  std::map<int, std::string_view> unsent;
  while (!ended_) {
    for (auto& [connection, rest] : unsent) {
      const ssize_t sent = send(connection, rest.data(), std::min(rest.size(), bytes_at_once_), MSG_NOSIGNAL);
      rest.remove_prefix(sent > 0 ? static_cast<std::size_t>(sent) : rest.size());
    }
    pollfd waiting{listener_, POLLIN, 0};
    if (poll(&waiting, 1, 20) <= 0) continue;
    const int connection = accept(listener_, nullptr, nullptr);
    if (connection < 0) continue;
    ++connections_;
    char request[4096];
    [[maybe_unused]] const ssize_t asked = recv(connection, request, sizeof request, 0);
    if (bytes_at_once_ < answer_.size()) {
      unsent[connection] = answer_;
    } else {
      [[maybe_unused]] const ssize_t sent = send(connection, answer_.data(), answer_.size(), MSG_NOSIGNAL);
    }
    if (keeps_open_)
      open.push_back(connection);
    else
      close(connection);
  }
  for (int connection : open) close(connection);
}

}  // namespace vramcalc::test
