// An addon that writes past its memory when it is loaded: what the sanitizers of sanitizers.long.test.ts must see.
#include <node_api.h>
#include <stdlib.h>

NAPI_MODULE_INIT() {
  (void)env;
  volatile char *bytes = malloc(8);
  bytes[8] = 1;
  free((void *)bytes);
  return exports;
}
