/* Sending many packets in one call, and the kernel's view of a TCP connection. */
#define _GNU_SOURCE
#include "addon.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MAX_SENT 255

static void finalize_socket(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  int *descriptor = data;
  if (*descriptor >= 0) close(*descriptor);
  free(descriptor);
}

/* A handle that owns the descriptor: it is closed with the handle at the latest. */
static napi_value own_socket(napi_env env, int *descriptor) {
  napi_value handle;
  if (napi_create_external(env, descriptor, finalize_socket, NULL, &handle) == napi_ok) return handle;
  finalize_socket(env, descriptor, NULL);
  return fail_napi(env, "socket");
}

/* connect(address, port, bufferBytes): a connected socket that never waits. */
napi_value open_sender(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  size_t count = 3;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok) return fail_napi(env, "connect");
  struct sockaddr_storage address;
  socklen_t length;
  uint32_t buffer_bytes;
  if (count < 3 || !read_address(env, arguments[0], arguments[1], &address, &length) || napi_get_value_uint32(env, arguments[2], &buffer_bytes) != napi_ok) {
    return fail(env, EINVAL, "connect(address, port, bufferBytes)");
  }
  int *sender = malloc(sizeof *sender);
  if (sender == NULL) return fail(env, ENOMEM, "no memory");
  *sender = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int size = (int)buffer_bytes;
  if (*sender >= 0) setsockopt(*sender, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  if (*sender < 0 || connect(*sender, (struct sockaddr *)&address, length) < 0) {
    int error = errno;
    finalize_socket(env, sender, NULL);
    return fail(env, error, strerror(error));
  }
  return own_socket(env, sender);
}

/*
 * hold(descriptor): a second descriptor of a TCP socket of Node's, so that the kernel can still be asked about it after Node
 * has closed its own. The connection is closed by the later of the two.
 */
napi_value hold(napi_env env, napi_callback_info info) {
  napi_value argument;
  size_t count = 1;
  int32_t descriptor;
  if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) != napi_ok || count < 1 || napi_get_value_int32(env, argument, &descriptor) != napi_ok) {
    return fail(env, EINVAL, "hold(descriptor)");
  }
  int *held = malloc(sizeof *held);
  if (held == NULL) return fail(env, ENOMEM, "no memory");
  *held = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
  if (*held < 0) {
    int error = errno;
    finalize_socket(env, held, NULL);
    return fail(env, error, strerror(error));
  }
  return own_socket(env, held);
}

/* unacknowledged(held): bytes, including a FIN, accepted by the kernel and not acknowledged by the peer (tcp(7), SIOCOUTQ); -1 if unknown. */
napi_value unacknowledged(napi_env env, napi_callback_info info) {
  void *data;
  napi_value result;
  if (!read_handle(env, info, &data)) return NULL;
  int bytes = -1;
  if (*(int *)data < 0 || ioctl(*(int *)data, SIOCOUTQ, &bytes) < 0) bytes = -1;
  return napi_create_int32(env, bytes, &result) == napi_ok ? result : fail_napi(env, "unacknowledged");
}

/* acknowledged(held): sequence numbers, including SYN and FIN, acknowledged by the peer (tcpi_bytes_acked, Linux 4.1); -1 if unknown. */
napi_value acknowledged(napi_env env, napi_callback_info info) {
  void *data;
  napi_value result;
  if (!read_handle(env, info, &data)) return NULL;
  struct tcp_info about = {0};
  socklen_t length = sizeof about;
  bool known = *(int *)data >= 0 && getsockopt(*(int *)data, IPPROTO_TCP, TCP_INFO, &about, &length) == 0 &&
               length >= offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof about.tcpi_bytes_acked;
  return napi_create_double(env, known ? (double)about.tcpi_bytes_acked : -1, &result) == napi_ok ? result : fail_napi(env, "acknowledged");
}

/*
 * send(sender, packets, from, count): how many of packets[from, from + count) were sent, 255 at most, in the low eight bits;
 * above them the error that stopped it. One send(2) for each: sendmmsg(2) forgets the error that ends a batch.
 */
napi_value send_packets(napi_env env, napi_callback_info info) {
  napi_value arguments[4], result;
  size_t arguments_given = 4;
  void *data = NULL;
  uint32_t from = 0, count = 0, sent = 0;
  int error = 0;
  if (napi_get_cb_info(env, info, &arguments_given, arguments, NULL, NULL) != napi_ok || arguments_given < 4 || napi_get_value_external(env, arguments[0], &data) != napi_ok || napi_get_value_uint32(env, arguments[2], &from) != napi_ok ||
      napi_get_value_uint32(env, arguments[3], &count) != napi_ok) {
    return fail(env, EINVAL, "send(sender, packets, from, count)");
  }
  for (; sent < count && sent < MAX_SENT && error == 0; sent++) {
    napi_value packet;
    void *bytes;
    size_t length;
    if (napi_get_element(env, arguments[1], from + sent, &packet) != napi_ok || napi_get_buffer_info(env, packet, &bytes, &length) != napi_ok) {
      return fail(env, EINVAL, "send: expected an array of Buffers");
    }
    if (send(*(int *)data, bytes, length, MSG_DONTWAIT) < 0) {
      error = errno;
      break;
    }
  }
  return napi_create_uint32(env, (uint32_t)error << 8 | sent, &result) == napi_ok ? result : fail_napi(env, "send");
}

/* errorOf(sender): the error that ICMP reported for packets sent before, 0 for none. */
napi_value error_of(napi_env env, napi_callback_info info) {
  void *data;
  if (!read_handle(env, info, &data)) return NULL;
  int descriptor = *(int *)data, error = EBADF;
  socklen_t length = sizeof error;
  if (descriptor >= 0) getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length);
  napi_value result;
  return napi_create_int32(env, error, &result) == napi_ok ? result : fail_napi(env, "errorOf");
}

/* closeSender(sender), release(held): closes the descriptor now. */
napi_value close_socket(napi_env env, napi_callback_info info) {
  void *data;
  if (!read_handle(env, info, &data)) return NULL;
  int *descriptor = data;
  if (*descriptor >= 0) close(*descriptor);
  *descriptor = -1;
  return NULL;
}
