// A connection of the HTTP library (libmicrohttpd).

#ifndef MLP_SERVER_HTTP_MHD_CONNECTION_H_
#define MLP_SERVER_HTTP_MHD_CONNECTION_H_

#include <microhttpd.h>

namespace mlp {

// Its socket, which the library owns.
inline int DescriptorOf(MHD_Connection* connection) {
  return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
}

}  // namespace mlp

#endif  // MLP_SERVER_HTTP_MHD_CONNECTION_H_
