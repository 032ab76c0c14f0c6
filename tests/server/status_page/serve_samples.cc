// Serves each sample status by a separate HTTP server, as the program does, until it is killed.
// Prints a line for each: its name and the address of the page that shows most of it. Then prints
// `all`.

#include <unistd.h>

#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/http/http_server.h"
#include "server/status_page/status_page.h"
#include "tests/server/status_page/sample_statuses.h"

int main() {
  std::vector<std::unique_ptr<mlp::HttpServer>> servers;
  for (mlp::SampleStatus& sample : mlp::SampleStatuses()) {
    mlp::HttpHandlers handlers;
    handlers.ready = [] { return true; };
    handlers.metrics = [](mlp::MetricsFormat) { return std::string(); };
    handlers.page = [status = std::move(sample.status)](const mlp::PageTarget& target) {
      return mlp::StatusPage(status, target);
    };
    auto server = mlp::HttpServer::Start("127.0.0.1:0", std::move(handlers));
    if (!server.ok()) {
      std::cerr << server.status() << '\n';
      return 1;
    }
    std::cout << sample.name << " http://127.0.0.1:" << (*server)->port() << sample.path << '\n';
    servers.push_back(*std::move(server));
  }
  std::cout << "all\n" << std::flush;
  pause();
}
