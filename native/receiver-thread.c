/* The receiver's thread: empties the socket with recvmmsg(2) into a ring of slabs, and wakes the event loop. */
#define _GNU_SOURCE
#include "addon.h"
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define MAX_ROUNDS 4096
/* While datagrams trickle in, wait this long for more: one wake-up of the event loop for all of them. Longer where the socket's
   buffer (in the kernel's count, about 2 KiB for each) holds what a burst of 100,000 a second brings in that time ten times;
   longer again where other processes get a part of the datagrams, so that a wake-up is for as many; and longest while few arrive
   (6,400 a second at most): that buffer takes 200,000 a second for so long, and where they are relayed at once, the usual buffer of
   a target (208 KiB, which hold about 92) takes what was gathered. */
#define GATHER_NANOSECONDS 500000L
#define LONG_GATHER_NANOSECONDS 2000000L
#define SHARED_GATHER_NANOSECONDS 4000000L
#define LONGEST_GATHER_NANOSECONDS 10000000L
#define LARGE_BUFFER (4 * 1024 * 1024)
#define FEW_A_LONGEST 64

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

/* Pages of its own: freed memory of the C library would stay with the process. NULL without memory. */
static uint8_t *new_slab(receiver_t *receiver) {
  if (receiver->spare_count > 0) return receiver->spares[--receiver->spare_count];
  void *bytes = mmap(NULL, SLAB_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return bytes == MAP_FAILED ? NULL : bytes;
}

void spare_slab(receiver_t *receiver, uint8_t *bytes) {
  if (receiver->spare_count < SPARE_SLABS) receiver->spares[receiver->spare_count++] = bytes;
  else munmap(bytes, SLAB_BYTES);
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
      next->bytes = new_slab(receiver);
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

/* Empties the socket, for a bounded number of rounds: under traffic it never runs dry. How many datagrams there were; -1 when one
   could not be kept because the receiver stops. */
static int receive(receiver_t *receiver, struct mmsghdr *messages, uint8_t *scratch, struct sockaddr_storage *from, size_t control_bytes) {
  int total = 0;
  bool kept = true;
  for (int rounds = 0; rounds < MAX_ROUNDS; rounds++) {
    for (int i = 0; i < BATCH; i++) {
      messages[i].msg_hdr.msg_namelen = sizeof(struct sockaddr_storage);
      messages[i].msg_hdr.msg_controllen = control_bytes;
    }
    int count = recvmmsg(receiver->socket, messages, BATCH, MSG_DONTWAIT, NULL);
    /* Empty, or an error of one datagram or of the moment: poll decides what comes next. */
    if (count < 0) break;
    total += count;
    pthread_mutex_lock(&receiver->lock);
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
    if (count < BATCH) break;
  }
  return kept ? total : -1;
}

void *run_receiver(void *argument) {
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
  int granted = 0;
  socklen_t size = sizeof granted;
  if (getsockopt(receiver->socket, SOL_SOCKET, SO_RCVBUF, &granted, &size) < 0) granted = 0;
  long usual = receiver->shared ? SHARED_GATHER_NANOSECONDS : LONG_GATHER_NANOSECONDS;
  if (granted < LARGE_BUFFER) usual = GATHER_NANOSECONDS;
  long longest = granted < LARGE_BUFFER ? GATHER_NANOSECONDS : LONGEST_GATHER_NANOSECONDS;
  struct timespec gather = {.tv_nsec = longest};
  int received = 0;
  while (received >= 0) {
    if (poll(waits, 2, -1) < 0 && errno != EINTR) break;
    gather.tv_nsec = received * (longest / gather.tv_nsec) < FEW_A_LONGEST ? longest : usual;
    if (waits[1].revents == 0) nanosleep(&gather, NULL);
    received = receive(receiver, messages, scratch, from, CONTROL_BYTES);
    if (waits[1].revents != 0) break;
  }
  /* What arrived while the ring was full is still in the socket. */
  receive(receiver, messages, scratch, from, CONTROL_BYTES);
  napi_release_threadsafe_function(receiver->ready, napi_tsfn_release);
  return NULL;
}

void end_thread(receiver_t *receiver) {
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

void release(receiver_t *receiver) {
  end_thread(receiver);
  if (receiver->socket >= 0) close(receiver->socket);
  if (receiver->wake >= 0) close(receiver->wake);
  receiver->socket = receiver->wake = -1;
  if (receiver->slabs != NULL) {
    for (uint32_t i = 0; i < receiver->filled; i++) munmap(receiver->slabs[(receiver->head + i) % receiver->slab_count].bytes, SLAB_BYTES);
    free(receiver->slabs);
  }
  while (receiver->spare_count > 0) munmap(receiver->spares[--receiver->spare_count], SLAB_BYTES);
  free(receiver->scratch);
  receiver->scratch = NULL;
  receiver->slabs = NULL;
  receiver->filled = 0;
}
