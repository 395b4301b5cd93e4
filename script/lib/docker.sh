#!/usr/bin/env bash
# Sees to it that a Docker Engine answers, for the tests with clusters in containers, and prints its DOCKER_HOST:
#
#   script/lib/docker.sh            the engine that answers already, else Debian's docker.io, started here
#   script/lib/docker.sh --locate   print the DOCKER_HOST of an engine that answers, or fail
#   script/lib/docker.sh --stop     end the engine that this script started, and its containers
#
# An engine that answers is that of the variable DOCKER_HOST, else the system's, else one this script started. The
# latter keeps images below ${SHEEPDOG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sheepdog}/docker and all else in
# /run/sheepdog-docker. It changes no firewall rules and has no default network; nothing is pulled. Needs root.
set -euo pipefail
export LC_ALL=C

readonly STATE=/run/sheepdog-docker
readonly OWN=unix://$STATE/docker.sock
readonly PID_FILE=$STATE/dockerd.pid
readonly START_SECONDS=60 STOP_SECONDS=60

say() { printf 'docker: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

answers() { DOCKER_HOST=$1 timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

locate() {
  local host
  # a DOCKER_HOST that does not answer is a mistake, not a reason to look elsewhere
  for host in ${DOCKER_HOST:-unix:///var/run/docker.sock "$OWN"}; do
    answers "$host" && printf '%s\n' "$host" && return 0
  done
  return 1
}

# Prints the process id of the engine that this script started; nothing when it has ended.
engine() {
  local pid
  pid=$(cat "$PID_FILE" 2>/dev/null) || return 0
  # a number left behind by a power cut may be another process by now
  [[ $pid == +([0-9]) ]] && tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -q -- "--pidfile $PID_FILE " || return 0
  printf '%s' "$pid"
}

start() {
  local data=${SHEEPDOG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sheepdog}/docker log=$STATE/log daemon
  ((EUID == 0)) || die "no Docker Engine answers, and only root can start one; set DOCKER_HOST or be root"
  command -v dockerd >/dev/null || die "needs dockerd; install the packages of script/lib/test-packages.txt"
  mkdir -p "$data" "$STATE"
  exec 9>"$STATE/lock"
  flock 9
  answers "$OWN" && return 0
  say "starting $(dockerd --version)"
  # the lock is not the engine's to hold
  setsid dockerd --host "$OWN" --pidfile "$PID_FILE" --data-root "$data" --exec-root "$STATE/exec" \
    --iptables=false --ip6tables=false --bridge=none </dev/null >"$log" 2>&1 9>&- &
  daemon=$!
  for ((i = 0; i < 10 * START_SECONDS; i++)); do
    if answers "$OWN"; then
      # what a run that was killed has left
      DOCKER_HOST=$OWN docker system prune --force >/dev/null
      return 0
    fi
    [[ -d /proc/$daemon ]] || break
    sleep 0.1
  done
  tail -n 20 "$log" >&2
  kill "$daemon" 2>/dev/null || true
  die "dockerd did not start"
}

stop() {
  local pid
  pid=$(engine)
  [[ -n $pid ]] || return 0
  kill "$pid"
  for ((i = 0; i < 10 * STOP_SECONDS; i++)); do
    [[ -z $(engine) ]] && return 0
    sleep 0.1
  done
  die "dockerd ($pid) has not ended $STOP_SECONDS seconds after SIGTERM; see $STATE/log"
}

shopt -s extglob
case ${1:-} in
  '')
    command -v docker >/dev/null || die "needs docker; install the packages of script/lib/test-packages.txt"
    if ! locate; then
      [[ -z ${DOCKER_HOST:-} ]] || die "no Docker Engine answers at DOCKER_HOST=$DOCKER_HOST; unset it or start that engine"
      start
      printf '%s\n' "$OWN"
    fi
    ;;
  --locate) locate || die "no Docker Engine answers; run script/lib/docker.sh" ;;
  --stop) stop ;;
  *) die "unknown argument $1; usage: docker.sh [--locate|--stop]" ;;
esac
