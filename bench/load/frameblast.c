// frameblast: sends the frames of a pcap file (Ethernet, this machine's byte order) repeatedly out of an interface.
//   frameblast -i IF -f FILE [-r frames/s | 0 = flat out] [-t secs | -n frames]
// For measurements and tests on veth pairs; prints {"sent":N,"seconds":S,"failed":N}.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <stdint.h>
#include <unistd.h>
#include <errno.h>
#include <time.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <net/if.h>
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/if_ether.h>

#define BATCH 64

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what) {
  perror(what);
  exit(1);
}

int main(int argc, char **argv) {
  const char *interface = NULL, *file = NULL;
  double rate = 0, seconds = 1;
  uint64_t count = 0;
  for (int option; (option = getopt(argc, argv, "i:f:r:t:n:")) != -1;) {
    switch (option) {
      case 'i': interface = optarg; break;
      case 'f': file = optarg; break;
      case 'r': rate = atof(optarg); break;
      case 't': seconds = atof(optarg); break;
      case 'n': count = strtoull(optarg, NULL, 10); break;
      default: return 2;
    }
  }
  if (!interface || !file) return 2;

  FILE *in = fopen(file, "rb");
  if (!in) die(file);
  fseek(in, 0, SEEK_END);
  long size = ftell(in);
  rewind(in);
  uint8_t *bytes = malloc(size);
  if (fread(bytes, 1, size, in) != (size_t)size || size < 24 || *(uint32_t *)bytes != 0xa1b2c3d4) { fprintf(stderr, "no pcap file\n"); return 1; }
  struct iovec *frames = malloc((size / 16 + 1) * sizeof *frames);
  size_t have = 0;
  for (long at = 24; at + 16 <= size;) {
    uint32_t length = *(uint32_t *)(bytes + at + 8);
    frames[have].iov_base = bytes + at + 16;
    frames[have++].iov_len = length;
    at += 16 + length;
  }
  if (have == 0) { fprintf(stderr, "no frames\n"); return 1; }

  int packet = socket(AF_PACKET, SOCK_RAW, 0);
  if (packet < 0) die("socket");
  int one = 1;
  setsockopt(packet, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one);
  struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(interface), .sll_protocol = htons(ETH_P_ALL) };
  if (to.sll_ifindex == 0) die(interface);
  if (bind(packet, (struct sockaddr *)&to, sizeof to) < 0) die("bind");

  struct mmsghdr messages[BATCH];
  memset(messages, 0, sizeof messages);
  uint64_t sent = 0, failed = 0;
  double began = now(), end = count ? 1e18 : began + seconds;
  while ((!count || sent < count) && now() < end) {
    uint64_t batch = BATCH;
    if (rate > 0) {
      double due = (now() - began) * rate - (double)sent;
      if (due < 1) { usleep(200); continue; }
      if (due < batch) batch = (uint64_t)due;
    }
    if (count && count - sent < batch) batch = count - sent;
    for (uint64_t i = 0; i < batch; i++) {
      messages[i].msg_hdr.msg_iov = &frames[(sent + i) % have];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
    int went = sendmmsg(packet, messages, batch, 0);
    if (went < 0) {
      if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR) die("send");
      failed++;
      continue;
    }
    sent += went;
  }
  double took = now() - began;
  printf("{\"sent\":%llu,\"seconds\":%.3f,\"failed\":%llu}\n", (unsigned long long)sent, took, (unsigned long long)failed);
  return 0;
}
