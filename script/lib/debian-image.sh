#!/usr/bin/env bash
# Makes the root file system of a small Debian 12 that the integration tests install the package into and make
# container images of, and prints the path of its tar:
#
#   script/lib/debian-image.sh            make it when it is not there yet (a minute or two), print its path
#   script/lib/debian-image.sh --locate   print the path, or fail when it was not made
#
# It holds what apt takes for the least, and PACKAGES below. The tar is
#   ${SHEEPDOG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sheepdog}/debian-KEY.tar
# where KEY is the checksum of this recipe. Debian's archive is the one that apt of this machine uses if this is a
# Debian 12, else the public one. Needs mmdebstrap, and root (else unprivileged user namespaces).
set -euo pipefail
export LC_ALL=C

readonly SUITE=bookworm
# the package's dependencies, what a test's cluster consists of, and what its tests look at it with
readonly PACKAGES=(
  adduser corosync libcfg7 libcmap4 libcpg4 libquorum5 openjdk-17-jre-headless
  iproute2 nftables procps
)

say() { printf 'debian-image: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

cache_dir() { printf '%s' "${SHEEPDOG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sheepdog}"; }

# Prints the files that tell apt of this machine where Debian is; nothing when it is another Debian.
sources() {
  local file
  # shellcheck disable=SC1091 # a file of the system
  [[ $(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}") == "$SUITE" ]] || return 0
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
    [[ -s $file ]] && printf '%s\n' "$file"
  done
  return 0
}

build() {
  local image=$1 work packages
  command -v mmdebstrap >/dev/null || die "needs mmdebstrap; install the packages of script/lib/test-packages.txt"
  rm -f "$(dirname "$image")"/debian-build.??????.tar # left by a run that was killed; the lock is held
  work=$(mktemp "$(dirname "$image")/debian-build.XXXXXX.tar")
  # shellcheck disable=SC2064 # the file of this very run
  trap "rm -f '$work'" EXIT
  printf -v packages '%s,' "${PACKAGES[@]}"
  mapfile -t sources < <(sources)
  say "making a Debian 12 ($SUITE) with ${PACKAGES[*]}"
  # without the lists and packages of apt; what is installed into it later comes as files
  mmdebstrap --quiet --variant=apt --include="${packages%,}" --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$SUITE" "$work" "${sources[@]}" >&2 || die "mmdebstrap failed; does \"apt-get update\" work here?"
  chmod 644 "$work"
  mv "$work" "$image"
}

main() {
  local image
  image=$(cache_dir)/debian-$(sha256sum "${BASH_SOURCE[0]}" | cut -c1-12).tar
  case ${1:-} in
    '')
      if [[ ! -e $image ]]; then
        mkdir -p "$(dirname "$image")"
        exec 9>"$(dirname "$image")/debian.lock"
        flock 9
        [[ -e $image ]] || build "$image"
      fi
      ;;
    --locate) [[ -e $image ]] || die "it was not made yet ($image); run script/lib/debian-image.sh" ;;
    *) die "unknown argument $1; usage: debian-image.sh [--locate]" ;;
  esac
  printf '%s\n' "$image"
}

main "$@"
