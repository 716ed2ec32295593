#!/usr/bin/env bash
# Private database servers for the tests: in a temporary folder, on unix sockets and free ports, never the
# machine's own ones. Sourced: start_servers sets SIPCAP_TEST_MYSQL and SIPCAP_TEST_POSTGRES, stop_servers ends them.
# `start_servers tuned` gives PostgreSQL the settings of a server that is written to all the time (docs/homer.md), for benchmarks.

servers_folder=""
server_pids=()
postgresql_settings=()

free_port() { node -e "const s=require('net').createServer().listen(0,'127.0.0.1',()=>{console.log(s.address().port);s.close()})"; }

start_servers() {
  servers_folder=$(mktemp -d "${TMPDIR:-/tmp}/sipcap-servers.XXXXXX")
  chmod 755 "$servers_folder"
  postgresql_settings=(-c synchronous_commit=off)
  if [ "${1:-}" = tuned ]; then
    postgresql_settings+=(-c shared_buffers=4GB -c max_wal_size=16GB -c checkpoint_timeout=1h)
  fi
  start_mariadb
  start_postgresql
}

start_mariadb() {
  local daemon install
  daemon=$(command -v mariadbd || true); [ -n "$daemon" ] || daemon=$(ls /usr/sbin/mariadbd 2>/dev/null || true)
  install=$(command -v mariadb-install-db || true)
  if [ -z "$daemon" ] || [ -z "$install" ]; then echo "MariaDB is not installed: its tests are skipped"; return; fi
  local folder=$servers_folder/mariadb port as=()
  port=$(free_port)
  # A separate folder for temporary files: a starting server deletes those of all others in /tmp.
  mkdir -p "$folder/data" "$folder/tmp"
  if [ "$(id -u)" = 0 ]; then chown -R mysql: "$folder"; as=(--user=mysql); fi
  "$install" --no-defaults "${as[@]}" --datadir="$folder/data" --auth-root-authentication-method=normal --skip-test-db >"$folder/install.log" 2>&1
  "$daemon" --no-defaults "${as[@]}" --datadir="$folder/data" --tmpdir="$folder/tmp" --socket="$folder/s" --pid-file="$folder/pid" --bind-address=127.0.0.1 --port="$port" \
    --innodb-flush-log-at-trx-commit=2 --innodb-buffer-pool-size=1G --innodb-log-file-size=512M --max-allowed-packet=64M >"$folder/log" 2>&1 &
  server_pids+=($!)
  for _ in $(seq 100); do mariadb --no-defaults -uroot -S "$folder/s" -e 'SELECT 1' >/dev/null 2>&1 && break; sleep 0.2; done
  mariadb --no-defaults -uroot -S "$folder/s" -e "CREATE DATABASE sipcap; CREATE USER sipcap@'127.0.0.1' IDENTIFIED BY 'capture'; GRANT ALL ON *.* TO sipcap@'127.0.0.1' WITH GRANT OPTION;"
  export SIPCAP_TEST_MYSQL="mysql://sipcap:capture@127.0.0.1:$port/sipcap"
  export SIPCAP_TEST_MYSQL_FOLDER="$folder"
  SIPCAP_TEST_MYSQL_PID=$(cat "$folder/pid"); export SIPCAP_TEST_MYSQL_PID
  echo "private MariaDB on port $port"
}

start_postgresql() {
  local bin
  bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1 || true)
  if [ -z "$bin" ] || [ ! -x "$bin/postgres" ]; then echo "PostgreSQL is not installed: its tests are skipped"; return; fi
  local folder=$servers_folder/postgresql port as=()
  port=$(free_port)
  mkdir -p "$folder"
  if [ "$(id -u)" = 0 ]; then chown -R postgres: "$folder"; as=(runuser -u postgres --); fi
  printf capture > "$folder/password"; chmod 644 "$folder/password"
  (cd "$folder" && "${as[@]}" "$bin/initdb" -D "$folder/data" -U sipcap --pwfile="$folder/password" -A scram-sha-256 -E UTF8 --locale=C.UTF-8 >"$folder/install.log" 2>&1)
  (cd "$folder" && exec "${as[@]}" "$bin/postgres" -D "$folder/data" -k "$folder" -p "$port" -c listen_addresses=127.0.0.1 "${postgresql_settings[@]}" >"$folder/log" 2>&1) &
  server_pids+=($!)
  for _ in $(seq 100); do PGPASSWORD=capture "$bin/psql" -h 127.0.0.1 -p "$port" -U sipcap -d postgres -c 'SELECT 1' >/dev/null 2>&1 && break; sleep 0.2; done
  PGPASSWORD=capture "$bin/psql" -q -h 127.0.0.1 -p "$port" -U sipcap -d postgres -c 'CREATE DATABASE sipcap'
  export SIPCAP_TEST_POSTGRES="postgres://sipcap:capture@127.0.0.1:$port/sipcap"
  SIPCAP_TEST_POSTGRES_PID=$(head -1 "$folder/data/postmaster.pid"); export SIPCAP_TEST_POSTGRES_PID
  echo "private PostgreSQL on port $port"
}

stop_servers() {
  local pid
  for pid in "${server_pids[@]}"; do
    # runuser's child is the server: end the children first.
    pkill -TERM -P "$pid" 2>/dev/null || true
    kill "$pid" 2>/dev/null || true
  done
  for pid in "${server_pids[@]}"; do wait "$pid" 2>/dev/null || true; done
  [ -z "$servers_folder" ] || rm -rf "$servers_folder"
}
