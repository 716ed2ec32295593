/*
 * Datagrams in batches, for Linux: a receiver whose own thread empties the socket with recvmmsg(2) into a bounded ring,
 * so that nothing the event loop does can overflow the kernel's buffer, and a sender of many packets in one call.
 * Node's dgram pays two system calls and several callbacks for each datagram; this pays them for a batch.
 */
#include "addon.h"
#include <arpa/inet.h>
#include <errno.h>
#include <malloc.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

napi_value fail(napi_env env, int error, const char *what) {
  char code[12];
  snprintf(code, sizeof code, "%d", error);
  napi_throw_error(env, code, what);
  return NULL;
}

napi_value fail_napi(napi_env env, const char *what) {
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending) return NULL;
  const napi_extended_error_info *info = NULL;
  char text[160];
  const char *reason = napi_get_last_error_info(env, &info) == napi_ok && info != NULL && info->error_message != NULL ? info->error_message : "unknown error";
  snprintf(text, sizeof text, "%s: %s", what, reason);
  return fail(env, EINVAL, text);
}

bool read_handle(napi_env env, napi_callback_info info, void **data) {
  napi_value argument;
  size_t count = 1;
  if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) == napi_ok && count == 1 && napi_get_value_external(env, argument, data) == napi_ok) return true;
  fail_napi(env, "invalid handle");
  return false;
}

bool read_address(napi_env env, napi_value host, napi_value port, struct sockaddr_storage *address, socklen_t *length) {
  char text[INET6_ADDRSTRLEN + 1];
  size_t used;
  uint32_t number;
  if (napi_get_value_string_latin1(env, host, text, sizeof text, &used) != napi_ok || napi_get_value_uint32(env, port, &number) != napi_ok) return false;
  memset(address, 0, sizeof *address);
  struct sockaddr_in *four = (struct sockaddr_in *)address;
  struct sockaddr_in6 *six = (struct sockaddr_in6 *)address;
  if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
    four->sin_family = AF_INET;
    four->sin_port = htons((uint16_t)number);
    *length = sizeof *four;
    return true;
  }
  if (inet_pton(AF_INET6, text, &six->sin6_addr) != 1) return false;
  six->sin6_family = AF_INET6;
  six->sin6_port = htons((uint16_t)number);
  *length = sizeof *six;
  return true;
}

NAPI_MODULE_INIT() {
#ifdef __GLIBC__
  /* By default each freed copy of a slab raises the size from which memory goes back to the system, until none of them does. */
  mallopt(M_MMAP_THRESHOLD, 128 * 1024);
#endif
  const struct {
    const char *name;
    napi_callback function;
  } functions[] = {{"receive", open_receiver}, {"take", take}, {"describe", describe}, {"halt", halt}, {"closeReceiver", close_receiver},
                   {"connect", open_sender}, {"send", send_packets}, {"errorOf", error_of}, {"closeSender", close_socket},
                   {"hold", hold}, {"unacknowledged", unacknowledged}, {"acknowledged", acknowledged}, {"release", close_socket}};
  for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
    napi_value function;
    if (napi_create_function(env, functions[i].name, NAPI_AUTO_LENGTH, functions[i].function, NULL, &function) != napi_ok ||
        napi_set_named_property(env, exports, functions[i].name, function) != napi_ok) {
      return fail_napi(env, "module");
    }
  }
  return exports;
}
