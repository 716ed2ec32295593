/* The receiver as JavaScript uses it: opens the socket, delivers slabs, and closes. */
#define _GNU_SOURCE
#include "addon.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* On the event loop's thread. An exception of the callback is reported as any uncaught one, not carried into the next call. */
static void notify_ready(napi_env env, napi_value callback, void *context, void *data) {
  (void)context;
  (void)data;
  if (env == NULL || callback == NULL) return; /* the environment is being torn down */
  napi_value undefined, error;
  if (napi_get_undefined(env, &undefined) != napi_ok) return;
  if (napi_call_function(env, undefined, callback, 0, NULL, NULL) != napi_pending_exception) return;
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
}

static void at_exit(void *argument) { end_thread(argument); }

static void free_receiver(receiver_t *receiver) {
  release(receiver);
  pthread_mutex_destroy(&receiver->lock);
  pthread_cond_destroy(&receiver->space);
  free(receiver);
}

static void finalize_receiver(napi_env env, void *data, void *hint) {
  (void)hint;
  napi_remove_env_cleanup_hook(env, at_exit, data);
  free_receiver(data);
}

/*
 * receive(address, port, bufferBytes, ringBytes, onReady, shared): a bound socket and its thread. Throws with the system's code.
 * `shared`: several processes of one user bind the address, and the kernel gives each sender's socket to one of them.
 */
napi_value open_receiver(napi_env env, napi_callback_info info) {
  napi_value arguments[6];
  size_t count = 6;
  bool shared = false;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok) return fail_napi(env, "receive");
  struct sockaddr_storage address;
  socklen_t length;
  uint32_t buffer_bytes, ring_bytes;
  if (count < 5 || !read_address(env, arguments[0], arguments[1], &address, &length) ||
      napi_get_value_uint32(env, arguments[2], &buffer_bytes) != napi_ok || napi_get_value_uint32(env, arguments[3], &ring_bytes) != napi_ok) {
    return fail(env, EINVAL, "receive(address, port, bufferBytes, ringBytes, onReady, shared)");
  }
  if (count == 6) napi_get_value_bool(env, arguments[5], &shared);
  receiver_t *receiver = calloc(1, sizeof *receiver);
  if (receiver == NULL) return fail(env, ENOMEM, "no memory");
  receiver->shared = shared;
  pthread_mutex_init(&receiver->lock, NULL);
  pthread_cond_init(&receiver->space, NULL);
  receiver->slab_count = ring_bytes / SLAB_BYTES < 2 ? 2 : ring_bytes / SLAB_BYTES;
  receiver->slabs = calloc(receiver->slab_count, sizeof *receiver->slabs);
  receiver->scratch = malloc((size_t)BATCH * MAX_DATAGRAM);
  receiver->wake = eventfd(0, EFD_CLOEXEC);
  receiver->socket = socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int on = 1, size = (int)buffer_bytes, error = 0;
  if (receiver->slabs == NULL || receiver->scratch == NULL || receiver->wake < 0 || receiver->socket < 0) error = errno;
  if (error == 0) {
    if (address.ss_family == AF_INET6) setsockopt(receiver->socket, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    /* Beyond net.core.rmem_max with CAP_NET_ADMIN, up to it without. */
    if (setsockopt(receiver->socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0) setsockopt(receiver->socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    setsockopt(receiver->socket, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    if (shared && setsockopt(receiver->socket, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) < 0) error = errno;
    if (error == 0 && bind(receiver->socket, (struct sockaddr *)&address, length) < 0) error = errno;
  }
  napi_value name, handle;
  if (error == 0 && napi_create_string_utf8(env, "sipcap datagrams", NAPI_AUTO_LENGTH, &name) != napi_ok) error = EINVAL;
  if (error == 0 && napi_create_threadsafe_function(env, arguments[4], NULL, name, 0, 1, NULL, NULL, NULL, notify_ready, &receiver->ready) != napi_ok) error = EINVAL;
  if (error == 0 && (error = pthread_create(&receiver->thread, NULL, run_receiver, receiver)) != 0) napi_release_threadsafe_function(receiver->ready, napi_tsfn_abort);
  if (error != 0) {
    free_receiver(receiver);
    return fail(env, error, strerror(error));
  }
  receiver->running = true;
  if (napi_add_env_cleanup_hook(env, at_exit, receiver) != napi_ok || napi_create_external(env, receiver, finalize_receiver, NULL, &handle) != napi_ok) {
    napi_remove_env_cleanup_hook(env, at_exit, receiver);
    free_receiver(receiver);
    return fail_napi(env, "receive");
  }
  return handle;
}

/* A slab that could not be delivered goes back to the front, unless the thread has filled its place meanwhile: then it is counted as lost. */
static void put_back(receiver_t *receiver, uint32_t at, uint8_t *bytes, uint32_t used) {
  pthread_mutex_lock(&receiver->lock);
  if (receiver->filled < receiver->slab_count && (receiver->head + receiver->slab_count - 1) % receiver->slab_count == at) {
    receiver->slabs[at] = (slab_t){.bytes = bytes, .used = used};
    receiver->head = at;
    receiver->filled++;
  } else {
    for (uint32_t record = 0; record < used; receiver->lost++) {
      const uint8_t *length = bytes + record;
      record += RECORD_BYTES + (length[0] | (uint32_t)length[1] << 8 | (uint32_t)length[2] << 16 | (uint32_t)length[3] << 24);
    }
    spare_slab(receiver, bytes);
  }
  pthread_mutex_unlock(&receiver->lock);
}

/* take(receiver): the datagrams of one slab with their records in front of them, null if there are none. */
napi_value take(napi_env env, napi_callback_info info) {
  void *data;
  napi_value result, copy;
  if (!read_handle(env, info, &data)) return NULL;
  receiver_t *receiver = data;
  if (napi_get_null(env, &result) != napi_ok) return fail_napi(env, "take");
  if (receiver->slabs == NULL) return result;
  pthread_mutex_lock(&receiver->lock);
  if (receiver->filled == 0) {
    receiver->notified = false;
    pthread_mutex_unlock(&receiver->lock);
    return result;
  }
  slab_t *slab = &receiver->slabs[receiver->head];
  uint8_t *bytes = slab->bytes;
  uint32_t used = slab->used;
  uint32_t at = receiver->head;
  /* The thread continues with the next one; this one is reused once it is copied. */
  receiver->head = (receiver->head + 1) % receiver->slab_count;
  receiver->filled--;
  pthread_cond_signal(&receiver->space);
  pthread_mutex_unlock(&receiver->lock);
  if (napi_create_buffer_copy(env, used, bytes, NULL, &copy) != napi_ok) {
    put_back(receiver, at, bytes, used);
    return fail_napi(env, "take");
  }
  result = copy;
  pthread_mutex_lock(&receiver->lock);
  spare_slab(receiver, bytes);
  pthread_mutex_unlock(&receiver->lock);
  return result;
}

/* describe(receiver): [port, granted buffer bytes, datagrams lost at this socket, by the kernel or in a full ring at the end]. */
napi_value describe(napi_env env, napi_callback_info info) {
  void *data;
  if (!read_handle(env, info, &data)) return NULL;
  receiver_t *receiver = data;
  struct sockaddr_storage address = {0};
  socklen_t length = sizeof address, size = sizeof(int), memory_bytes = 0;
  int granted = 0;
  uint32_t memory[16] = {0}; /* SO_MEMINFO: the ninth number counts the drops */
  if (receiver->socket >= 0) {
    getsockname(receiver->socket, (struct sockaddr *)&address, &length);
    getsockopt(receiver->socket, SOL_SOCKET, SO_RCVBUF, &granted, &size);
    memory_bytes = sizeof memory;
    getsockopt(receiver->socket, SOL_SOCKET, SO_MEMINFO, memory, &memory_bytes);
  }
  pthread_mutex_lock(&receiver->lock);
  uint32_t lost = receiver->lost;
  pthread_mutex_unlock(&receiver->lock);
  uint32_t port = ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port : ((struct sockaddr_in *)&address)->sin_port);
  const double numbers[3] = {port, granted, (double)memory[8] + lost};
  napi_value result, value;
  if (napi_create_array_with_length(env, 3, &result) != napi_ok) return fail_napi(env, "describe");
  for (uint32_t i = 0; i < 3; i++)
    if (napi_create_double(env, numbers[i], &value) != napi_ok || napi_set_element(env, result, i, value) != napi_ok) return fail_napi(env, "describe");
  return result;
}

/* halt(receiver): the thread empties the socket and ends; what it received can still be taken. */
napi_value halt(napi_env env, napi_callback_info info) {
  void *data;
  if (read_handle(env, info, &data)) end_thread(data);
  return NULL;
}

/* closeReceiver(receiver): frees everything; what was not taken is discarded. */
napi_value close_receiver(napi_env env, napi_callback_info info) {
  void *data;
  if (read_handle(env, info, &data)) release(data);
  return NULL;
}
