/* Shared by the parts of the addon: errors, arguments, and the receiver that a thread fills and the event loop empties. */
#ifndef SIPCAP_ADDON_H
#define SIPCAP_ADDON_H
#define NAPI_VERSION 8
#include <node_api.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#define SLAB_BYTES (256u * 1024u)
/* Empty slabs that are kept; more are needed in bursts only, and go back to the system afterwards. */
#define SPARE_SLABS 8u
#define MAX_DATAGRAM 65535u
#define BATCH 32
/* Before each datagram in a slab, little-endian: its length, its sender's port and family, the address, seconds since 1970 and microseconds. */
#define RECORD_BYTES 32u

typedef struct {
  uint8_t *bytes;
  uint32_t used;
} slab_t;

typedef struct {
  int socket;
  int wake;
  pthread_t thread;
  bool running;
  bool shared; /* other processes bind the same address */
  pthread_mutex_t lock;
  pthread_cond_t space;
  uint8_t *scratch; /* where a batch is received before its datagrams, close together, go into a slab */
  slab_t *slabs;
  uint32_t slab_count;
  uint32_t head;
  uint32_t filled; /* slabs that hold something, the one being written included; the others have no bytes */
  uint8_t *spares[SPARE_SLABS];
  uint32_t spare_count;
  bool notified;   /* the event loop was woken and has not yet found the ring empty */
  bool stopping;
  uint32_t lost; /* received while stopping, when the ring was full and nothing would empty it any more */
  napi_threadsafe_function ready;
} receiver_t;

/* Throws; the error's code is the system's error number. */
napi_value fail(napi_env env, int error, const char *what);
/* Throws the error of a failed Node-API call, unless an exception is pending already. */
napi_value fail_napi(napi_env env, const char *what);
/* Sets *data to the object of the handle in the only argument; false, and an exception, if it is not a handle. */
bool read_handle(napi_env env, napi_callback_info info, void **data);
/* False if host and port are not an IP address and a number. */
bool read_address(napi_env env, napi_value host, napi_value port, struct sockaddr_storage *address, socklen_t *length);

/* receiver-thread.c */
void *run_receiver(void *receiver);
/* Keeps the bytes of an empty slab, or frees them. Called with the lock held. */
void spare_slab(receiver_t *receiver, uint8_t *bytes);
/* Ends the thread, which first empties the socket; what it has received stays in the ring. */
void end_thread(receiver_t *receiver);
/* Ends the thread and frees what it used; the receiver itself stays. */
void release(receiver_t *receiver);

/* receiver.c */
napi_value open_receiver(napi_env env, napi_callback_info info);
napi_value take(napi_env env, napi_callback_info info);
napi_value describe(napi_env env, napi_callback_info info);
napi_value halt(napi_env env, napi_callback_info info);
napi_value close_receiver(napi_env env, napi_callback_info info);

/* sender.c */
napi_value open_sender(napi_env env, napi_callback_info info);
napi_value send_packets(napi_env env, napi_callback_info info);
napi_value error_of(napi_env env, napi_callback_info info);
napi_value close_socket(napi_env env, napi_callback_info info);
napi_value hold(napi_env env, napi_callback_info info);
napi_value unacknowledged(napi_env env, napi_callback_info info);
napi_value acknowledged(napi_env env, napi_callback_info info);

#endif
