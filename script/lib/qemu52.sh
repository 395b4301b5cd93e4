#!/usr/bin/env bash
# Builds unmodified QEMU 5.2 with its sheepdog driver, once, and prints the directory of its binaries.
#
#   script/lib/qemu52.sh            build when it is not there yet (about ten minutes on two cores), print the directory
#   script/lib/qemu52.sh --locate   print the directory, or fail when it was not built
#
# QEMU dropped the driver after 6.0 and no distribution packages it any more, so it comes from the source
# archive of Debian 11 (bullseye). The result is kept outside of the tree, in
#   ${SHEEPDOG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sheepdog}/qemu-5.2-KEY
# where KEY changes with the source, the configuration and the distribution that compiles it.
#
#   SHEEPDOG_QEMU52_TARBALL=/path/to/qemu_5.2+dfsg.orig.tar.xz   takes the source from there; the checksum is the same
set -euo pipefail

readonly TARBALL=qemu_5.2+dfsg.orig.tar.xz
readonly TARBALL_SHA256=be5ae7ddc88d68af81c7b2435b95c1cad4e9416c9a1426ee5a6a4b9a9c0bf87e
readonly BINARIES=(qemu-img qemu-io qemu-nbd qemu-system-x86_64)

readonly BUILD_PACKAGES=(
  bison bzip2 flex g++ gcc libc6-dev libglib2.0-dev libpixman-1-dev make meson ninja-build perl pkg-config
  python3 seabios xz-utils zlib1g-dev
)

# Everything the tests do not use is off. The firmware is the distribution's own (package seabios): Debian's
# source archive holds none.
readonly CONFIGURE_FLAGS=(
  --target-list=x86_64-softmmu --enable-system --enable-tools --enable-sheepdog --enable-tcg --enable-vnc
  --meson=/usr/bin/meson --ninja=/usr/bin/ninja --cc=gcc
  --firmwarepath=/usr/share/seabios:/usr/share/qemu
  --audio-drv-list= --disable-blobs --disable-debug-info --disable-docs --disable-guest-agent --disable-user
  --disable-werror
  --disable-attr --disable-auth-pam --disable-bochs --disable-brlapi --disable-bzip2 --disable-cap-ng
  --disable-capstone --disable-cloop --disable-curl --disable-curses --disable-dmg --disable-fdt
  --disable-gcrypt --disable-glusterfs --disable-gnutls --disable-gtk --disable-hax --disable-iconv
  --disable-kvm --disable-libiscsi --disable-libnfs --disable-libpmem --disable-libssh --disable-libudev
  --disable-libusb --disable-libxml2 --disable-linux-aio --disable-linux-io-uring
  --disable-live-block-migration --disable-lzfse --disable-lzo --disable-mpath --disable-netmap
  --disable-nettle --disable-numa --disable-opengl --disable-parallels --disable-pvrdma --disable-qed
  --disable-rbd --disable-rdma --disable-replication --disable-sdl --disable-sdl-image --disable-seccomp
  --disable-slirp --disable-smartcard --disable-snappy --disable-spice --disable-tpm --disable-u2f
  --disable-usb-redir --disable-vde --disable-vhost-crypto --disable-vhost-kernel --disable-vhost-net
  --disable-vhost-scsi --disable-vhost-user --disable-vhost-vdpa --disable-vhost-vsock
  --disable-virglrenderer --disable-virtfs --disable-virtiofsd --disable-vnc-jpeg --disable-vnc-png
  --disable-vnc-sasl --disable-vvfat --disable-xen --disable-xfsctl --disable-xkbcommon --disable-zstd
)

say() { printf 'qemu52: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

distribution() { (. /etc/os-release && printf '%s-%s' "${ID:-unknown}" "${VERSION_ID:-unknown}"); }

cache_dir() { printf '%s' "${SHEEPDOG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sheepdog}"; }

recipe_key() {
  printf '%s\n' "$TARBALL_SHA256" "${CONFIGURE_FLAGS[@]}" "$(distribution)" "$(uname -m)" | sha256sum | cut -c1-12
}

is_intact() { printf '%s  %s\n' "$TARBALL_SHA256" "$1" | sha256sum --check --status; }

missing_packages() {
  local package
  for package in "${BUILD_PACKAGES[@]}"; do
    dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || printf '%s\n' "$package"
  done
}

install_build_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]} == 0)) && return
  [[ $(id -u) == 0 ]] ||
    die "building QEMU 5.2 needs packages that are not installed; as root: apt-get install ${missing[*]}"
  say "installing ${missing[*]}"
  { apt-get -qq update &&
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}"; } \
    </dev/null >"$1" 2>&1 || {
    tail -n 40 "$1" >&2
    die "could not install ${missing[*]}"
  }
}

# The archives this machine's apt is configured to use; a mirror that serves the running release usually serves
# the older ones from the same pool, and the retired ones from a debian-archive directory beside it.
configured_archives() {
  apt-get --print-uris update 2>/dev/null |
    sed -n "s#^'\(\(https\?\|file\):.*\)/dists/[^']*InRelease'.*#\1#p" | awk '!seen[$0]++'
}

source_candidates() {
  local archive
  for archive in $(configured_archives); do printf '%s\n' "$archive/pool/main/q/qemu/$TARBALL"; done
  for archive in $(configured_archives); do
    printf '%s\n' "$archive/pool/updates/main/q/qemu/$TARBALL" \
      "${archive%/*}/debian-archive/debian/pool/main/q/qemu/$TARBALL"
  done
}

# Puts the checked source archive at the path given.
fetch_source() {
  local target=$1 log=$2 candidate
  if [[ -n ${SHEEPDOG_QEMU52_TARBALL:-} ]]; then
    [[ -r $SHEEPDOG_QEMU52_TARBALL ]] ||
      die "SHEEPDOG_QEMU52_TARBALL names $SHEEPDOG_QEMU52_TARBALL, which cannot be read"
    is_intact "$SHEEPDOG_QEMU52_TARBALL" ||
      die "$SHEEPDOG_QEMU52_TARBALL is not $TARBALL (its SHA-256 is not $TARBALL_SHA256)"
    cp "$SHEEPDOG_QEMU52_TARBALL" "$target"
    return
  fi
  for candidate in $(source_candidates); do
    say "trying $candidate"
    if /usr/lib/apt/apt-helper -o APT::Sandbox::User=root -o Acquire::Retries=2 -o Acquire::http::Timeout=30 \
      -o Acquire::https::Timeout=30 download-file "$candidate" "$target" "SHA256:$TARBALL_SHA256" \
      >>"$log" 2>&1 && is_intact "$target"; then
      return
    fi
    rm -f "$target"
  done
  tail -n 20 "$log" >&2
  die "no archive that apt knows serves $TARBALL; fetch it from Debian 11 (source package qemu) and set" \
    "SHEEPDOG_QEMU52_TARBALL to its path"
}

# QEMU's build wants every firmware file to exist even when none is installed; Debian left them out.
put_firmware_placeholders() {
  local name
  for name in aarch64-code arm-code arm-vars i386-code i386-secure-code i386-vars x86_64-code x86_64-secure-code; do
    [[ -e pc-bios/edk2-$name.fd.bz2 ]] || bzip2 -c </dev/null >"pc-bios/edk2-$name.fd.bz2"
  done
  sed -n "/^blobs = files(/,/^)/s/^ *'\([^']*\)'.*/\1/p" pc-bios/meson.build | while read -r name; do
    [[ -e pc-bios/$name ]] || : >"pc-bios/$name"
  done
}

# Called in a condition, where "set -e" has no effect: every step is chained.
compile() {
  local prefix=$1 sources=$2
  # meson and the scripts run the distribution's python, whatever else the caller's PATH offers
  export PATH=/usr/sbin:/usr/bin:/sbin:/bin
  cd "$sources" &&
    put_firmware_placeholders &&
    ./configure --prefix="$prefix" "${CONFIGURE_FLAGS[@]}" &&
    ninja -C build "${BINARIES[@]}" &&
    (cd build && strip "${BINARIES[@]}") &&
    mkdir -p "$prefix/bin" "$prefix/share/qemu" &&
    (cd build && cp "${BINARIES[@]}" "$prefix/bin/") &&
    make -C build/pc-bios/optionrom &&
    cp -R pc-bios/keymaps build/pc-bios/optionrom/*.bin "$prefix/share/qemu/"
}

is_built() { [[ -f $1/.complete ]]; }

build() {
  local home=$1 cache work log
  cache=$(dirname "$home")
  rm -rf "$cache"/qemu-5.2-build.?????? # left by a run that was killed; the lock is held
  work=$(mktemp -d "$cache/qemu-5.2-build.XXXXXX")
  log=$cache/qemu-5.2-build.log
  # shellcheck disable=SC2064  # the directory of this very run
  trap "rm -rf '$work'" EXIT
  : >"$log"
  install_build_packages "$log"
  fetch_source "$work/$TARBALL" "$log"
  mkdir "$work/source"
  tar -xJf "$work/$TARBALL" -C "$work/source" --strip-components=1
  say "compiling QEMU 5.2 with the sheepdog driver, about ten minutes on two cores; log: $log"
  if ! (compile "$work/prefix" "$work/source") </dev/null >>"$log" 2>&1; then
    tail -n 60 "$log" >&2
    die "QEMU 5.2 did not compile; the end of $log is above"
  fi
  "$work/prefix/bin/qemu-img" --help | grep -q '^Supported formats:.* sheepdog' ||
    die "the QEMU that was built has no sheepdog driver; see $log"
  "$work/prefix/bin/qemu-img" --version | head -n 1 >"$work/prefix/.complete"
  rm -rf "$home"
  mv "$work/prefix" "$home"
}

main() {
  local home
  home=$(cache_dir)/qemu-5.2-$(recipe_key)
  case ${1:-} in
    '') ;;
    --locate)
      is_built "$home" || die "QEMU 5.2 with the sheepdog driver was not built yet ($home); run script/lib/qemu52.sh"
      printf '%s\n' "$home/bin"
      return
      ;;
    *) die "unknown argument $1; usage: qemu52.sh [--locate]" ;;
  esac
  [[ $(uname -m) == x86_64 ]] || die "QEMU 5.2 is built for x86_64 machines only, this one is $(uname -m)"
  if ! is_built "$home"; then
    mkdir -p "$(dirname "$home")"
    exec 9>"$(dirname "$home")/qemu-5.2.lock"
    flock --nonblock 9 || {
      say "another run is building QEMU 5.2, waiting for it"
      flock 9
    }
    is_built "$home" || build "$home"
  fi
  printf '%s\n' "$home/bin"
}

main "$@"
