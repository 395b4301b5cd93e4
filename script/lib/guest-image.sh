#!/usr/bin/env bash
# Makes the guests that the integration tests boot, from Debian packages, and prints their directory:
#
#   guest.raw   a disk with an MBR, a FAT partition (syslinux, kernel, initramfs) and an ext4 partition, and after it
#               TEST_AREA_MIB of unpartitioned room that tests may write; its size is no multiple of a 4 MiB object
#   guest.iso   a CD with the same kernel, booted by isolinux
#
#   script/lib/guest-image.sh            make them when they are not there yet (seconds), print the directory
#   script/lib/guest-image.sh --locate   print the directory, or fail when they were not made
#
# Neither root nor a mount is needed, only the packages of script/lib/test-packages.txt. The directory is
#   ${SHEEPDOG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sheepdog}/guest-KEY
# where KEY is the checksum of this recipe.
#
# What the guest does, on the serial line ttyS0: it mounts what it booted from read-only, compares the files there
# with their checksums, and prints "SHEEPDOG-GUEST-READY disk" or "SHEEPDOG-GUEST-READY cd". Then it touches no disk
# at all until a line asks for something:
#   size                        -> "SIZE <sectors of the disk>"
#   write LETTER START COUNT    -> fills COUNT MiB of the disk from START MiB on, syncs, "WROTE"
#   verify LETTER START COUNT   -> drops its caches and reads that back, "VERIFIED" or "DIFFERS"
#   poweroff                    -> ends the machine
set -euo pipefail
export LC_ALL=C

readonly NEEDED=(busybox cpio dpkg-deb mcopy mke2fs mkfs.fat sfdisk syslinux xorriso)
readonly MODULES=(
  lib/libcrc32c drivers/scsi/scsi_common drivers/scsi/scsi_mod drivers/ata/libata drivers/ata/ata_generic
  drivers/ata/ata_piix drivers/cdrom/cdrom drivers/scsi/sd_mod drivers/scsi/sr_mod fs/isofs/isofs
)
readonly MIB=1048576
readonly BOOT_START_MIB=1 BOOT_MIB=48 ROOT_MIB=64 TEST_AREA_MIB=47 TAIL_BYTES=1536
readonly ROOT_START_MIB=$((BOOT_START_MIB + BOOT_MIB))
readonly ROOT_END_MIB=$((ROOT_START_MIB + ROOT_MIB))

say() { printf 'guest-image: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

cache_dir() { printf '%s' "${SHEEPDOG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/sheepdog}"; }

check_tools() {
  local tool
  export PATH=$PATH:/usr/sbin:/sbin
  for tool in "${NEEDED[@]}"; do
    command -v "$tool" >/dev/null || die "needs $tool; install the packages of script/lib/test-packages.txt"
  done
  [[ -r /usr/lib/syslinux/mbr/mbr.bin && -r /usr/lib/ISOLINUX/isolinux.bin ]] ||
    die "needs syslinux-common and isolinux; install the packages of script/lib/test-packages.txt"
}

download_kernel() {
  local package
  package=$(apt-cache depends linux-image-cloud-amd64 2>/dev/null | awk '/Depends: linux-image-/ {print $2; exit}')
  [[ -n $package ]] &&
    apt-get -qq -o APT::Sandbox::User=root -o Acquire::Retries=2 download "$package" 2>download.log
}

# Debian's kernel for virtual machines, unpacked into kernel/.
fetch_kernel() {
  # what apt knows may be nothing, or older than the archive
  download_kernel || { [[ $(id -u) == 0 ]] && apt-get -qq update && download_kernel; } || {
    [[ ! -s download.log ]] || cat download.log >&2
    die "could not download linux-image-cloud-amd64; does \"apt-get update\" help?"
  }
  dpkg-deb -x linux-image-*.deb kernel
  cp kernel/boot/vmlinuz-* vmlinuz
}

write_init() {
  cat >"$1" <<'INIT'
#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /media
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
for module in $(cat /modules/order); do insmod "/modules/$module.ko"; done
exec </dev/ttyS0 >/dev/ttyS0 2>&1
stty -echo

medium=$(sed -n 's/.*sheepdog.boot=\([a-z]*\).*/\1/p' /proc/cmdline)
case $medium in
  disk) device=/dev/sda2 type=ext4 options=ro,noload ;;
  cd) device=/dev/sr0 type=iso9660 options=ro ;;
esac
tries=0
until [ -b "$device" ]; do
  tries=$((tries + 1))
  [ "$tries" -gt 300 ] && { echo "SHEEPDOG-GUEST-FAILED no $device"; poweroff -f; }
  usleep 100000
done
mount -t "$type" -o "$options" "$device" /media || { echo "SHEEPDOG-GUEST-FAILED mount $device"; poweroff -f; }
(cd /media && sha256sum -c -s SHA256SUMS) || { echo "SHEEPDOG-GUEST-FAILED checksums"; poweroff -f; }
umount /media
echo "SHEEPDOG-GUEST-READY $medium"

while read -r request letter start count; do
  case $request in
    size) echo "SIZE $(cat /sys/block/sda/size)" ;;
    write)
      if yes "$letter" | tr -d '\n' |
        dd of=/dev/sda bs=1M seek="$start" count="$count" iflag=fullblock conv=notrunc,fsync 2>/dev/null
      then echo WROTE; else echo FAILED; fi
      ;;
    verify)
      echo 3 >/proc/sys/vm/drop_caches
      others=$(dd if=/dev/sda bs=1M skip="$start" count="$count" 2>/dev/null | tr -d "$letter" | wc -c)
      length=$(dd if=/dev/sda bs=1M skip="$start" count="$count" 2>/dev/null | wc -c)
      if [ "$others" = 0 ] && [ "$length" = $((count * 1048576)) ]; then echo VERIFIED; else echo DIFFERS; fi
      ;;
    poweroff) poweroff -f ;;
    '') ;;
    *) echo "UNKNOWN $request" ;;
  esac
done
INIT
  chmod 755 "$1"
}

make_initramfs() {
  local module
  mkdir -p initramfs/bin initramfs/modules
  cp "$(command -v busybox)" initramfs/bin/busybox
  for module in "${MODULES[@]}"; do
    # what the kernel has built in needs no module
    for file in kernel/lib/modules/*/kernel/"$module".ko; do
      [[ -e $file ]] || continue
      cp "$file" initramfs/modules/
      basename "$module" >>initramfs/modules/order
    done
  done
  write_init initramfs/init
  (cd initramfs && find . -print0 | cpio --quiet --null -o -H newc -R 0:0) | gzip -9 >initrd.gz
}

boot_menu() {
  printf 'DEFAULT linux\nPROMPT 0\nTIMEOUT 0\nLABEL linux\n  KERNEL vmlinuz\n  INITRD initrd.gz\n  APPEND %s\n' \
    "console=ttyS0 loglevel=3 tsc=unstable no_timer_check sheepdog.boot=$1"
}

put_checksums() {
  (cd "$1" && find . -type f -print0 | sort -z | xargs -0 sha256sum) >SHA256SUMS && mv SHA256SUMS "$1/"
}

make_disk() {
  local image=$1
  mkfs.fat -C -F 16 -n BOOT -h $((BOOT_START_MIB * 2048)) boot.img $((BOOT_MIB * 1024)) >/dev/null
  boot_menu disk >syslinux.cfg
  mcopy -i boot.img vmlinuz initrd.gz syslinux.cfg ::
  syslinux --install boot.img
  mkdir -p root/boot root/bin root/lib
  cp vmlinuz root/boot/
  cp "$(command -v busybox)" root/bin/
  cp -R initramfs/modules root/lib/
  put_checksums root
  mke2fs -q -t ext4 -d root root.img "${ROOT_MIB}M" >/dev/null
  truncate -s $(((ROOT_END_MIB + TEST_AREA_MIB) * MIB + TAIL_BYTES)) "$image"
  printf 'label: dos\nunit: sectors\n%s,%s,6,*\n%s,%s,83\n' \
    $((BOOT_START_MIB * 2048)) $((BOOT_MIB * 2048)) $((ROOT_START_MIB * 2048)) $((ROOT_MIB * 2048)) |
    sfdisk --quiet "$image"
  dd if=/usr/lib/syslinux/mbr/mbr.bin of="$image" conv=notrunc bs=440 count=1 status=none
  dd if=boot.img of="$image" conv=notrunc,sparse bs=1M seek=$BOOT_START_MIB status=none
  dd if=root.img of="$image" conv=notrunc,sparse bs=1M seek=$ROOT_START_MIB status=none
}

make_cd() {
  mkdir -p cd/isolinux
  cp vmlinuz initrd.gz /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 cd/isolinux/
  boot_menu cd >cd/isolinux/isolinux.cfg
  put_checksums cd
  # isolinux.bin gets a boot information table written into it, which its checksum does not survive
  sed -i '\#/isolinux\.bin$#d' cd/SHA256SUMS
  xorriso -as mkisofs -quiet -R -V SHEEPDOG -b isolinux/isolinux.bin -c isolinux/boot.cat -no-emul-boot \
    -boot-load-size 4 -boot-info-table -o "$1" cd 2>xorriso.log || {
    cat xorriso.log >&2
    die "xorriso could not make the CD"
  }
}

build() {
  local home=$1 cache work
  cache=$(dirname "$home")
  rm -rf "$cache"/guest-build.?????? # left by a run that was killed; the lock is held
  work=$(mktemp -d "$cache/guest-build.XXXXXX")
  # shellcheck disable=SC2064  # the directory of this very run
  trap "rm -rf '$work'" EXIT
  check_tools
  cd "$work"
  fetch_kernel
  make_initramfs
  mkdir result
  make_disk result/guest.raw
  make_cd result/guest.iso
  rm -rf "$home"
  mv result "$home"
}

main() {
  local home
  home=$(cache_dir)/guest-$(sha256sum "${BASH_SOURCE[0]}" | cut -c1-12)
  case ${1:-} in
    '')
      if [[ ! -d $home ]]; then
        mkdir -p "$(dirname "$home")"
        exec 9>"$(dirname "$home")/guest.lock"
        flock 9
        [[ -d $home ]] || build "$home"
      fi
      ;;
    --locate) [[ -d $home ]] || die "the guests were not made yet ($home); run script/lib/guest-image.sh" ;;
    *) die "unknown argument $1; usage: guest-image.sh [--locate]" ;;
  esac
  printf '%s\n' "$home"
}

main "$@"
