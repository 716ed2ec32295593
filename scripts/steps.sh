# Sourced: runs the slow steps of an installation with a sign of life.

# step WHAT COMMAND...: says what goes on and, every 5 s, for how long; on a terminal in one line. Shows what the command
# printed once it has ended, and leaves it in step_output. Its exit code is the command's.
step() {
  local what=$1 log pid begun=$SECONDS shown=0 status=0 spent
  shift
  log=$(mktemp)
  "$@" </dev/null >"$log" 2>&1 &
  pid=$!
  # Ctrl-C ends what runs in the background, too.
  trap 'kill "$pid" 2>/dev/null; rm -f "$log"; exit 130' INT TERM
  [ -t 1 ] || echo "$what ..."
  while kill -0 "$pid" 2>/dev/null; do
    spent=$((SECONDS - begun))
    if [ -t 1 ]; then
      printf '\r%s ... %d s ' "$what" "$spent"
    elif [ $((spent - shown)) -ge 5 ]; then
      shown=$spent
      echo "$what ... $spent s"
    fi
    sleep 0.2
  done
  wait "$pid" || status=$?
  trap - INT TERM
  if [ -t 1 ]; then printf '\r'; fi
  if [ "$status" = 0 ]; then echo "$what: done in $((SECONDS - begun)) s"; else echo "$what: failed after $((SECONDS - begun)) s"; fi
  step_output=$(cat "$log")
  sed '/^[[:space:]]*$/d; s/^/  /' "$log"
  rm -f "$log"
  return "$status"
}
