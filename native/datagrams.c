/*
 * Datagrams in batches, for Linux: a receiver whose own thread empties the socket with recvmmsg(2) into a bounded ring,
 * so that nothing the event loop does can overflow the kernel's buffer, and a sender of many packets in one call.
 * Node's dgram pays two system calls and several callbacks for each datagram; this pays them for a batch.
 */
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <node_api.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SLAB_BYTES (256u * 1024u)
#define MAX_DATAGRAM 65535u
#define BATCH 32
/* Before each datagram in a slab, little-endian: its length, its sender's port and family, the address, seconds since 1970 and microseconds. */
#define RECORD_BYTES 32u
#define MAX_ROUNDS 4096
#define MAX_SENT 255
/* While datagrams trickle in, this long is waited for more: one wake-up of the event loop for all of them. */
#define GATHER_NANOSECONDS 500000L

typedef struct {
  uint8_t *bytes;
  uint32_t used;
} slab_t;

typedef struct {
  int socket;
  int wake;
  pthread_t thread;
  bool running;
  pthread_mutex_t lock;
  pthread_cond_t space;
  uint8_t *scratch; /* where a batch is received before its datagrams, close together, go into a slab */
  slab_t *slabs;
  uint32_t slab_count;
  uint32_t head;
  uint32_t filled; /* slabs that hold something, the one being written included */
  bool notified;   /* the event loop was woken and has not yet found the ring empty */
  bool stopping;
  uint32_t lost; /* received while stopping, when the ring was full and nothing would empty it any more */
  napi_threadsafe_function ready;
} receiver_t;

/* Throws; the error's code is the system's error number. */
static napi_value fail(napi_env env, int error, const char *what) {
  char code[12];
  snprintf(code, sizeof code, "%d", error);
  napi_throw_error(env, code, what);
  return NULL;
}

/* Throws what a failed call into Node left behind, unless an exception is pending already. */
static napi_value fail_napi(napi_env env, const char *what) {
  bool pending = false;
  if (napi_is_exception_pending(env, &pending) == napi_ok && pending) return NULL;
  const napi_extended_error_info *info = NULL;
  char text[160];
  const char *reason = napi_get_last_error_info(env, &info) == napi_ok && info != NULL && info->error_message != NULL ? info->error_message : "unknown error";
  snprintf(text, sizeof text, "%s: %s", what, reason);
  return fail(env, EINVAL, text);
}

static void put(uint8_t *at, uint32_t value, int bytes) {
  for (int i = 0; i < bytes; i++) at[i] = (uint8_t)(value >> (8 * i));
}

static struct timespec time_of(struct msghdr *message) {
  struct timespec at;
  for (struct cmsghdr *control = CMSG_FIRSTHDR(message); control != NULL; control = CMSG_NXTHDR(message, control)) {
    if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPNS) {
      memcpy(&at, CMSG_DATA(control), sizeof at);
      return at;
    }
  }
  clock_gettime(CLOCK_REALTIME, &at);
  return at;
}

/* The slab that has room for a record of `needed` bytes; waits for one, NULL when stopped meanwhile. Called with the lock held. */
static slab_t *slab_for(receiver_t *receiver, uint32_t needed) {
  for (;;) {
    if (receiver->filled > 0) {
      slab_t *last = &receiver->slabs[(receiver->head + receiver->filled - 1) % receiver->slab_count];
      if (last->used + needed <= SLAB_BYTES) return last;
    }
    if (receiver->filled < receiver->slab_count) {
      slab_t *next = &receiver->slabs[(receiver->head + receiver->filled) % receiver->slab_count];
      if (next->bytes == NULL) next->bytes = malloc(SLAB_BYTES);
      if (next->bytes != NULL) {
        next->used = 0;
        receiver->filled++;
        return next;
      }
    }
    if (receiver->stopping) return NULL;
    pthread_cond_wait(&receiver->space, &receiver->lock);
  }
}

static bool keep(receiver_t *receiver, struct mmsghdr *message, const uint8_t *bytes, const struct sockaddr_storage *from) {
  uint32_t length = message->msg_len;
  slab_t *slab = slab_for(receiver, RECORD_BYTES + length);
  if (slab == NULL) return false;
  uint8_t *record = slab->bytes + slab->used;
  memset(record, 0, RECORD_BYTES);
  put(record, length, 4);
  uint16_t port;
  if (from->ss_family == AF_INET6) {
    const struct sockaddr_in6 *address = (const struct sockaddr_in6 *)from;
    port = ntohs(address->sin6_port);
    record[6] = 6;
    memcpy(record + 8, &address->sin6_addr, 16);
  } else {
    const struct sockaddr_in *address = (const struct sockaddr_in *)from;
    port = ntohs(address->sin_port);
    record[6] = 4;
    memcpy(record + 8, &address->sin_addr, 4);
  }
  put(record + 4, port, 2);
  struct timespec at = time_of(&message->msg_hdr);
  put(record + 24, (uint32_t)at.tv_sec, 4);
  put(record + 28, (uint32_t)(at.tv_nsec / 1000), 4);
  memcpy(record + RECORD_BYTES, bytes, length);
  slab->used += RECORD_BYTES + length;
  return true;
}

/* Empties the socket, for a bounded number of rounds: under traffic it never runs dry. False when a datagram could not be kept because the receiver stops. */
static bool receive(receiver_t *receiver, struct mmsghdr *messages, uint8_t *scratch, struct sockaddr_storage *from, size_t control_bytes) {
  for (int rounds = 0; rounds < MAX_ROUNDS; rounds++) {
    for (int i = 0; i < BATCH; i++) {
      messages[i].msg_hdr.msg_namelen = sizeof(struct sockaddr_storage);
      messages[i].msg_hdr.msg_controllen = control_bytes;
    }
    int count = recvmmsg(receiver->socket, messages, BATCH, MSG_DONTWAIT, NULL);
    /* Empty, or an error of one datagram or of the moment: poll decides what comes next. */
    if (count < 0) return true;
    pthread_mutex_lock(&receiver->lock);
    bool kept = true;
    for (int i = 0; i < count; i++) {
      kept = kept && keep(receiver, &messages[i], scratch + (size_t)i * MAX_DATAGRAM, &from[i]);
      if (!kept) receiver->lost++;
    }
    bool notify = !receiver->notified;
    receiver->notified = true;
    pthread_mutex_unlock(&receiver->lock);
    /* A wake-up that could not be queued must be tried again with the next batch. */
    if (notify && napi_call_threadsafe_function(receiver->ready, NULL, napi_tsfn_nonblocking) != napi_ok) {
      pthread_mutex_lock(&receiver->lock);
      receiver->notified = false;
      pthread_mutex_unlock(&receiver->lock);
    }
    if (count < BATCH) return kept;
  }
  return true;
}

static void *run(void *argument) {
  receiver_t *receiver = argument;
  enum { CONTROL_BYTES = CMSG_SPACE(sizeof(struct timespec)) };
  uint8_t *scratch = receiver->scratch;
  struct mmsghdr messages[BATCH];
  struct iovec parts[BATCH];
  struct sockaddr_storage from[BATCH];
  _Alignas(struct cmsghdr) uint8_t controls[BATCH][CONTROL_BYTES];
  memset(messages, 0, sizeof messages);
  for (int i = 0; i < BATCH; i++) {
    parts[i] = (struct iovec){.iov_base = scratch + (size_t)i * MAX_DATAGRAM, .iov_len = MAX_DATAGRAM};
    messages[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_iov = &parts[i], .msg_iovlen = 1, .msg_control = controls[i]};
  }
  struct pollfd waits[2] = {{.fd = receiver->socket, .events = POLLIN}, {.fd = receiver->wake, .events = POLLIN}};
  const struct timespec gather = {.tv_nsec = GATHER_NANOSECONDS};
  for (;;) {
    if (poll(waits, 2, -1) < 0 && errno != EINTR) break;
    if (waits[1].revents == 0) nanosleep(&gather, NULL);
    if (!receive(receiver, messages, scratch, from, CONTROL_BYTES) || waits[1].revents != 0) break;
  }
  /* What came while the ring was full is still in the socket. */
  receive(receiver, messages, scratch, from, CONTROL_BYTES);
  napi_release_threadsafe_function(receiver->ready, napi_tsfn_release);
  return NULL;
}

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

/* Ends the thread, which first takes what lies in the socket; what it has received stays in the ring. */
static void end_thread(receiver_t *receiver) {
  if (!receiver->running) return;
  pthread_mutex_lock(&receiver->lock);
  receiver->stopping = true;
  pthread_cond_signal(&receiver->space);
  pthread_mutex_unlock(&receiver->lock);
  uint64_t one = 1;
  while (write(receiver->wake, &one, sizeof one) < 0 && errno == EINTR) continue;
  pthread_join(receiver->thread, NULL);
  receiver->running = false;
}

static void at_exit(void *argument) { end_thread(argument); }

static void release(receiver_t *receiver) {
  end_thread(receiver);
  if (receiver->socket >= 0) close(receiver->socket);
  if (receiver->wake >= 0) close(receiver->wake);
  receiver->socket = receiver->wake = -1;
  if (receiver->slabs != NULL) {
    for (uint32_t i = 0; i < receiver->slab_count; i++) free(receiver->slabs[i].bytes);
    free(receiver->slabs);
  }
  free(receiver->scratch);
  receiver->scratch = NULL;
  receiver->slabs = NULL;
  receiver->filled = 0;
}

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

static bool read_address(napi_env env, napi_value host, napi_value port, struct sockaddr_storage *address, socklen_t *length) {
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

/* receive(address, port, bufferBytes, ringBytes, onReady): a bound socket and its thread. Throws with the system's code. */
static napi_value open_receiver(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  size_t count = 5;
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok) return fail_napi(env, "receive");
  struct sockaddr_storage address;
  socklen_t length;
  uint32_t buffer_bytes, ring_bytes;
  if (count < 5 || !read_address(env, arguments[0], arguments[1], &address, &length) ||
      napi_get_value_uint32(env, arguments[2], &buffer_bytes) != napi_ok || napi_get_value_uint32(env, arguments[3], &ring_bytes) != napi_ok) {
    return fail(env, EINVAL, "receive(address, port, bufferBytes, ringBytes, onReady)");
  }
  receiver_t *receiver = calloc(1, sizeof *receiver);
  if (receiver == NULL) return fail(env, ENOMEM, "no memory");
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
    if (bind(receiver->socket, (struct sockaddr *)&address, length) < 0) error = errno;
  }
  napi_value name, handle;
  if (error == 0 && napi_create_string_utf8(env, "sipcap datagrams", NAPI_AUTO_LENGTH, &name) != napi_ok) error = EINVAL;
  if (error == 0 && napi_create_threadsafe_function(env, arguments[4], NULL, name, 0, 1, NULL, NULL, NULL, notify_ready, &receiver->ready) != napi_ok) error = EINVAL;
  if (error == 0 && (error = pthread_create(&receiver->thread, NULL, run, receiver)) != 0) napi_release_threadsafe_function(receiver->ready, napi_tsfn_abort);
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

/* Sets *data to what the handle in the only argument stands for; false, and an exception, where it is not a handle. */
static bool read_handle(napi_env env, napi_callback_info info, void **data) {
  napi_value argument;
  size_t count = 1;
  if (napi_get_cb_info(env, info, &count, &argument, NULL, NULL) == napi_ok && count == 1 && napi_get_value_external(env, argument, data) == napi_ok) return true;
  fail_napi(env, "invalid handle");
  return false;
}

/* A slab that could not be handed over goes back to the front, unless the thread has filled its place meanwhile: then it is counted as lost. */
static void put_back(receiver_t *receiver, uint32_t at, uint8_t *bytes, uint32_t used) {
  pthread_mutex_lock(&receiver->lock);
  if (receiver->filled < receiver->slab_count && (receiver->head + receiver->slab_count - 1) % receiver->slab_count == at) {
    free(receiver->slabs[at].bytes);
    receiver->slabs[at] = (slab_t){.bytes = bytes, .used = used};
    receiver->head = at;
    receiver->filled++;
    bytes = NULL;
  }
  if (bytes != NULL) {
    for (uint32_t record = 0; record < used; receiver->lost++) {
      const uint8_t *length = bytes + record;
      record += RECORD_BYTES + (length[0] | (uint32_t)length[1] << 8 | (uint32_t)length[2] << 16 | (uint32_t)length[3] << 24);
    }
  }
  pthread_mutex_unlock(&receiver->lock);
  free(bytes);
}

/* take(receiver): the datagrams of one slab with their records in front of them, null where nothing waits. */
static napi_value take(napi_env env, napi_callback_info info) {
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
  slab->bytes = NULL;
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
  uint32_t spare = (receiver->head + receiver->slab_count - 1) % receiver->slab_count;
  if (receiver->filled < receiver->slab_count && receiver->slabs[spare].bytes == NULL) {
    receiver->slabs[spare].bytes = bytes;
    bytes = NULL;
  }
  pthread_mutex_unlock(&receiver->lock);
  free(bytes);
  return result;
}

/* describe(receiver): [port, granted buffer bytes, datagrams lost at this socket, by the kernel or in a full ring at the end]. */
static napi_value describe(napi_env env, napi_callback_info info) {
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
static napi_value halt(napi_env env, napi_callback_info info) {
  void *data;
  if (read_handle(env, info, &data)) end_thread(data);
  return NULL;
}

/* closeReceiver(receiver): frees everything; what was not taken is discarded. */
static napi_value close_receiver(napi_env env, napi_callback_info info) {
  void *data;
  if (read_handle(env, info, &data)) release(data);
  return NULL;
}

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
static napi_value open_sender(napi_env env, napi_callback_info info) {
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
static napi_value hold(napi_env env, napi_callback_info info) {
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

/* unacknowledged(held): bytes, a FIN included, that the kernel has taken and the other side has not acknowledged (tcp(7), SIOCOUTQ); -1 where unknown. */
static napi_value unacknowledged(napi_env env, napi_callback_info info) {
  void *data;
  napi_value result;
  if (!read_handle(env, info, &data)) return NULL;
  int bytes = -1;
  if (*(int *)data < 0 || ioctl(*(int *)data, SIOCOUTQ, &bytes) < 0) bytes = -1;
  return napi_create_int32(env, bytes, &result) == napi_ok ? result : fail_napi(env, "unacknowledged");
}

/* acknowledged(held): sequence numbers, SYN and FIN included, that the other side has acknowledged (tcpi_bytes_acked, Linux 4.1); -1 where unknown. */
static napi_value acknowledged(napi_env env, napi_callback_info info) {
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
static napi_value send_packets(napi_env env, napi_callback_info info) {
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
static napi_value error_of(napi_env env, napi_callback_info info) {
  void *data;
  if (!read_handle(env, info, &data)) return NULL;
  int descriptor = *(int *)data, error = EBADF;
  socklen_t length = sizeof error;
  if (descriptor >= 0) getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length);
  napi_value result;
  return napi_create_int32(env, error, &result) == napi_ok ? result : fail_napi(env, "errorOf");
}

/* closeSender(sender), release(held): closes the descriptor now. */
static napi_value close_socket(napi_env env, napi_callback_info info) {
  void *data;
  if (!read_handle(env, info, &data)) return NULL;
  int *descriptor = data;
  if (*descriptor >= 0) close(*descriptor);
  *descriptor = -1;
  return NULL;
}

NAPI_MODULE_INIT() {
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
