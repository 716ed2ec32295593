{
  "targets": [
    {
      "target_name": "datagrams",
      "sources": ["native/datagrams.c"],
      "cflags": ["-std=gnu11", "-O2", "-Wall", "-Wextra"]
    },
    {
      "target_name": "file_lock",
      "sources": ["native/file-lock.c"],
      "cflags": ["-std=gnu11", "-O2", "-Wall", "-Wextra"]
    }
  ]
}
