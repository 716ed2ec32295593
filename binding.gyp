{
  "targets": [
    {
      "target_name": "datagrams",
      "sources": ["native/datagrams.c", "native/receiver.c", "native/receiver-thread.c", "native/sender.c"],
      "cflags": ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-fvisibility=hidden"]
    },
    {
      "target_name": "file_lock",
      "sources": ["native/file-lock.c"],
      "cflags": ["-std=gnu11", "-O2", "-Wall", "-Wextra"]
    }
  ]
}
