/*
 * flock(2) on a descriptor that Node has opened: the lock lasts as long as the descriptor, and the kernel takes it back
 * when the process ends, however it ends, across pid and network namespaces.
 */
#include <errno.h>
#include <node_api.h>
#include <sys/file.h>

/* lock(descriptor, exclusive): 0, or the errno: EWOULDBLOCK where another process holds it. Never waits. */
static napi_value lock_file(napi_env env, napi_callback_info info) {
  napi_value arguments[2], result;
  size_t given = 2;
  int32_t descriptor = -1;
  bool exclusive = true;
  if (napi_get_cb_info(env, info, &given, arguments, NULL, NULL) != napi_ok || given < 2 ||
      napi_get_value_int32(env, arguments[0], &descriptor) != napi_ok || napi_get_value_bool(env, arguments[1], &exclusive) != napi_ok) {
    napi_throw_type_error(env, NULL, "lock(descriptor, exclusive)");
    return NULL;
  }
  int error = 0;
  while (flock(descriptor, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
    error = errno;
    if (error != EINTR) break;
    error = 0;
  }
  return napi_create_int32(env, error, &result) == napi_ok ? result : NULL;
}

NAPI_MODULE_INIT() {
  napi_value function;
  if (napi_create_function(env, "lock", NAPI_AUTO_LENGTH, lock_file, NULL, &function) != napi_ok) return NULL;
  if (napi_set_named_property(env, exports, "lock", function) != napi_ok) return NULL;
  return exports;
}
