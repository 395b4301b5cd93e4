#!/usr/bin/env bash
# Makes a Linux that uses a VDI by its own NBD client, from Debian packages, and prints the directory of its two files,
# which QEMU boots with -kernel and -initrd:
#
#   vmlinuz     Debian's kernel for virtual machines
#   initrd.gz   busybox, nbd-client with its libraries, the modules for NBD and a virtio network
#
#   script/lib/nbd-guest.sh            make them when they are not there yet (seconds), print the directory
#   script/lib/nbd-guest.sh --locate   print the directory, or fail when they were not made
#
# Needs the packages of script/lib/test-packages.txt, and the network for the kernel. The directory is
#   ${SHEEPDOG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sheepdog}/nbd-guest-KEY
# where KEY is the checksum of this recipe.
#
# What the guest does: it calls nbd-client with the words of sheepdog.nbd= on its command line, commas for blanks, in a
# network where the host is 10.0.2.2, and prints "SHEEPDOG-GUEST-READY nbd" on the serial line ttyS0. Then a line asks:
#   size                        -> "SIZE <sectors of /dev/nbd0>"
#   write LETTER START COUNT    -> fills COUNT MiB of the device from START MiB on, syncs, "WROTE" or "FAILED"
#   verify LETTER START COUNT   -> drops its caches and reads that back, "VERIFIED" or "DIFFERS"
#   discard START COUNT         -> discards COUNT MiB, "DISCARDED" or "FAILED"
#   files                       -> mounts the file system of the device, makes a file, reads it back, "FILES" or "FAILED"
#   poweroff                    -> detaches the device and ends the machine
set -euo pipefail
export LC_ALL=C

readonly MODULES=(
  drivers/virtio/virtio_ring drivers/virtio/virtio drivers/virtio/virtio_pci_modern_dev
  drivers/virtio/virtio_pci_legacy_dev drivers/virtio/virtio_pci
  net/core/failover drivers/net/net_failover drivers/net/virtio_net
  drivers/block/nbd lib/crc16 fs/mbcache fs/jbd2/jbd2 fs/ext4/ext4
)

say() { printf 'nbd-guest: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

download_kernel() {
  local package
  package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image-/ {print $2; exit}')
  [[ -n $package ]] &&
    apt-get -qq -o APT::Sandbox::User=root -o Acquire::Retries=2 download "$package" 2>download.log
}

fetch_kernel() {
  # what apt knows may be nothing, or older than the archive
  download_kernel || { [[ $(id -u) == 0 ]] && apt-get -qq update && download_kernel; } || {
    [[ ! -s download.log ]] || cat download.log >&2
    die "could not download linux-image-cloud-amd64; does \"apt-get update\" help?"
  }
  dpkg-deb -x linux-image-*.deb kernel
}

write_init() {
  cat >"$1" <<'INIT'
#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /mnt
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in $(cat /modules/order); do insmod "/modules/$module.ko"; done
exec </dev/ttyS0 >/dev/ttyS0 2>&1
stty -echo

ifconfig lo 127.0.0.1 up
ifconfig eth0 10.0.2.15 netmask 255.255.255.0 up
words=$(sed -n 's/.*sheepdog.nbd=\([^ ]*\).*/\1/p' /proc/cmdline | tr , ' ')
nbd-client $words || { echo "SHEEPDOG-GUEST-FAILED nbd-client $words"; poweroff -f; }
tries=0
until [ "$(cat /sys/block/nbd0/size)" -gt 0 ]; do
  tries=$((tries + 1))
  [ "$tries" -gt 300 ] && { echo "SHEEPDOG-GUEST-FAILED no /dev/nbd0"; poweroff -f; }
  usleep 100000
done
echo "SHEEPDOG-GUEST-READY nbd"

while read -r request letter start count; do
  case $request in
    size) echo "SIZE $(cat /sys/block/nbd0/size)" ;;
    write)
      if yes "$letter" | tr -d '\n' |
        dd of=/dev/nbd0 bs=1M seek="$start" count="$count" iflag=fullblock conv=notrunc,fsync 2>/dev/null
      then echo WROTE; else echo FAILED; fi
      ;;
    verify)
      echo 3 >/proc/sys/vm/drop_caches
      others=$(dd if=/dev/nbd0 bs=1M skip="$start" count="$count" 2>/dev/null | tr -d "$letter" | wc -c)
      length=$(dd if=/dev/nbd0 bs=1M skip="$start" count="$count" 2>/dev/null | wc -c)
      if [ "$others" = 0 ] && [ "$length" = $((count * 1048576)) ]; then echo VERIFIED; else echo DIFFERS; fi
      ;;
    discard)
      if blkdiscard -o $((letter * 1048576)) -l $((start * 1048576)) /dev/nbd0; then echo DISCARDED; else echo FAILED; fi
      ;;
    files)
      if mount -t ext4 /dev/nbd0 /mnt && cp /bin/busybox /mnt/file && umount /mnt &&
        mount -t ext4 -o ro /dev/nbd0 /mnt && cmp /bin/busybox /mnt/file && umount /mnt
      then echo FILES; else echo FAILED; fi
      ;;
    poweroff)
      nbd-client -d /dev/nbd0
      poweroff -f
      ;;
    '') ;;
    *) echo "UNKNOWN $request" ;;
  esac
done
INIT
  chmod 755 "$1"
}

make_initramfs() {
  local module file client
  mkdir -p initramfs/bin initramfs/modules
  cp "$(command -v busybox)" initramfs/bin/busybox
  client=$(PATH=$PATH:/usr/sbin:/sbin command -v nbd-client) || die "needs nbd-client"
  cp "$client" initramfs/bin/nbd-client
  ldd "$client" | grep -o '/[^ ]*' | while IFS= read -r file; do
    mkdir -p "initramfs${file%/*}"
    cp -L "$file" "initramfs$file"
  done
  for module in "${MODULES[@]}"; do
    # what the kernel has built in needs no module
    for file in kernel/lib/modules/*/kernel/"$module".ko; do
      [[ -e $file ]] || continue
      cp "$file" initramfs/modules/
      basename "$module" >>initramfs/modules/order
    done
  done
  write_init initramfs/init
  (cd initramfs && find . -print0 | cpio --quiet --null -o -H newc -R 0:0) | gzip -9 >"$1"
}

build() {
  local home=$1 cache work
  cache=$(dirname "$home")
  rm -rf "$cache"/nbd-guest-build.?????? # left by a run that was killed; the lock is held
  work=$(mktemp -d "$cache/nbd-guest-build.XXXXXX")
  # shellcheck disable=SC2064  # the directory of this very run
  trap "rm -rf '$work'" EXIT
  cd "$work"
  fetch_kernel
  mkdir result
  make_initramfs result/initrd.gz
  cp kernel/boot/vmlinuz-* result/vmlinuz
  rm -rf "$home"
  mv result "$home"
}

main() {
  local home
  home=$(cache_dir)/nbd-guest-$(sha256sum "${BASH_SOURCE[0]}" | cut -c1-12)
  case ${1:-} in
    '')
      if [[ ! -d $home ]]; then
        mkdir -p "$(dirname "$home")"
        exec 9>"$(dirname "$home")/nbd-guest.lock"
        flock 9
        [[ -d $home ]] || build "$home"
      fi
      ;;
    --locate) [[ -d $home ]] || die "it was not made yet ($home); run script/lib/nbd-guest.sh" ;;
    *) die "unknown argument $1; usage: nbd-guest.sh [--locate]" ;;
  esac
  printf '%s\n' "$home"
}

cache_dir() { printf '%s' "${SHEEPDOG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sheepdog}"; }

main "$@"
