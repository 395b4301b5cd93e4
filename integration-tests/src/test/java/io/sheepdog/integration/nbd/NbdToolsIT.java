package io.sheepdog.integration.nbd;

import static io.sheepdog.integration.nbd.NbdUser.unix;
import static io.sheepdog.integration.nbd.NbdUser.url;
import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.cluster.Repository;
import io.sheepdog.integration.process.Shell;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** QEMU's tools, libnbd's, FUSE and fio, all as Debian 12 has them. */
@Timeout(300)
final class NbdToolsIT {
  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 3);

  private final Shell shell = CLUSTER.shell();
  private final NbdUser user = new NbdUser(shell);

  @Test
  void qemuImgCreatesConvertsComparesMapsAndMeasures() {
    user.run("collie vdi create Img 64M");
    Path raw = file("img.raw");
    user.run("head -c 9000001 /dev/urandom >" + raw + " && truncate -s 64M " + raw);
    user.run("qemu-img create -f raw " + url("Img") + " 64M");
    user.run("qemu-img convert -n -f raw -O raw " + raw + " " + url("Img"));
    assertThat(user.run("qemu-img compare -f raw -F raw " + raw + " " + url("Img")).stdout())
        .contains("Images are identical.");
    assertThat(user.run("qemu-img map --output=json -f raw " + url("Img")).stdout())
        .contains(
            "\"start\": 0, \"length\": 12582912", "\"start\": 12582912, \"length\": 54525952");
    assertThat(user.run("qemu-img measure -O qcow2 -f raw " + url("Img")).stdout())
        .contains("required size");
    user.run("collie vdi read Img >" + file("img.back"));
    user.run("cmp " + raw + " " + file("img.back"));
  }

  @Test
  void qemuIoWritesZerosDiscardsAndFlushes() {
    user.run("collie vdi create Io 64M");
    io("Io", "-c 'write -P 3 1000 70001' -c 'read -P 3 1000 70001' -c 'read -P 0 71001 8M'");
    io("Io", "-c 'write -P 4 0 16M' -c flush -c 'write -z -u 4M 8M' -c 'discard 12M 4M'");
    io("Io", "-c 'read -P 4 0 4M' -c 'read -P 0 4M 12M'");
    io("Io", "-c 'write -P 5 40M 4M' -c 'write -P 6 47M 1'");
    assertThat(map("Io"))
        .containsExactly(
            "0 4194304 0 data",
            "4194304 37748736 3 hole,zero",
            "41943040 8388608 0 data",
            "50331648 16777216 3 hole,zero");
    for (int node = 0; node < 3; node++) {
      assertThat(user.run("ls " + CLUSTER.store(node) + "/obj | grep -c '^00'").stdout())
          .as("objects of node " + node)
          .isNotBlank();
    }
  }

  @Test
  void spaceThatIsTrimmedIsGivenBackAtOnce() {
    user.run("collie vdi create Thin 64M");
    io("Thin", "-c 'write -P 4 0 32M'");
    String objects = "ls %s/obj/ | grep -c '^00%s'".formatted(CLUSTER.store(0), user.vidOf("Thin"));
    assertThat(user.run(objects).stdout().strip()).isEqualTo("8");
    io("Thin", "-c 'discard 0 32M'");
    assertThat(shell.run(objects).stdout().strip()).isEqualTo("0");
    io("Thin", "-c 'write -P 4 0 32M' -c 'write -z -u 1M 31M'");
    assertThat(user.run(objects).stdout().strip()).isEqualTo("1");
  }

  @Test
  void zerosThatShallHaveTheirSpaceTakeItOnTheDisk() {
    user.run("collie vdi create Zeros 64M");
    io("Zeros", "-c 'write -z 1M 8M'");
    String used =
        "du -cB1 %s/obj/00%s* | tail -n 1 | cut -f1"
            .formatted(CLUSTER.store(0), user.vidOf("Zeros"));
    assertThat(Long.parseLong(user.run(used).stdout().strip())).isGreaterThanOrEqualTo(8L << 20);
    io("Zeros", "-c 'read -P 0 0 64M'");
  }

  /** Lines of offset, length, type and what the type is called. */
  private List<String> map(String vdi) {
    return user.run("nbdinfo --map " + url(vdi)).lines().stream()
        .map(line -> line.strip().replaceAll("\\s+", " "))
        .toList();
  }

  private void io(String vdi, String requests) {
    assertThat(user.run("qemu-io -f raw " + requests + " " + url(vdi)).stdout())
        .doesNotContain("failed");
  }

  @Test
  void nbdinfoShowsWhatThereIs() {
    user.run("collie vdi create Info 40M");
    user.run("collie vdi snapshot -s noon Info");
    assertThat(user.run("nbdinfo " + url("Info")).stdout())
        .contains(
            "export-size: 41943040",
            "base:allocation",
            "can_multi_conn: false",
            "can_fast_zero: true",
            "is_read_only: false",
            "block_size_minimum: 1",
            "block_size_maximum: 33554432");
    assertThat(user.run("nbdinfo " + url("Info@noon")).stdout()).contains("is_read_only: true");
    assertThat(user.run("nbdinfo --list " + url("")).stdout())
        .contains("export=\"Info\"", "export=\"Info@noon\"");
    assertThat(user.run("nbdinfo --size " + unix(CLUSTER.store(2), "Info")).stdout())
        .isEqualTo("41943040\n");
  }

  @Test
  void nbdcopyCopiesOverSeveralConnectionsAndLeavesHolesOut() {
    user.run("collie vdi create Copy 128M");
    Path raw = file("copy.raw");
    user.run("truncate -s 128M " + raw);
    user.run("dd if=/dev/urandom of=" + raw + " bs=1M count=9 seek=50 conv=notrunc");
    user.run("nbdcopy --connections=4 --flush " + raw + " " + unix(CLUSTER.store(2), "Copy"));
    Path back = file("copy.back");
    user.awaitNotRunning("Copy");
    user.run("nbdcopy --connections=4 " + unix(CLUSTER.store(1), "Copy") + " " + back);
    user.run("cmp " + raw + " " + back);
    assertThat(Integer.parseInt(user.run("du -m " + back + " | cut -f1").stdout().strip()))
        .isBetween(9, 12);
  }

  @Test
  void copyingAThinVdiReadsWhatWasWrittenAndLittleMore() {
    user.run("collie vdi create Big 10G");
    io("Big", "-c 'write -P 1 1G 52M' -c 'write -P 2 8G 52M'");
    for (String copy :
        new String[] {
          "nbdcopy --connections=1 " + url("Big") + " " + file("big.raw"),
          "qemu-img convert -f raw -O qcow2 " + url("Big") + " " + file("big.qcow2")
        }) {
      long before = loopbackBytes();
      user.run(copy);
      // from the disks of this host to the client, once
      assertThat(loopbackBytes() - before).isBetween(104L << 20, 110L << 20);
    }
    user.run("rm " + file("big.raw") + " " + file("big.qcow2"));
  }

  private long loopbackBytes() {
    return Long.parseLong(
        user.run("sed -n 's/^ *lo: *\\([0-9]*\\) .*/\\1/p' /proc/net/dev").stdout().strip());
  }

  @Test
  void aSecondWriterHearsWhoTheFirstIsAndAReaderIsWelcome() {
    user.run("collie vdi create Locked 16M");
    assertThat(user.statusOf("Locked")).isEqualTo("not running");
    var outcome =
        user.python(
            """
            import subprocess
            h.connect_uri("nbd://127.0.0.1/Locked")
            h.pwrite(b"1" * 512, 0)
            def run(line):
              return subprocess.run(line, shell=True, capture_output=True, text=True)
            print(run("collie vm list").stdout)
            second = run("qemu-io -f raw -c 'read 0 512' nbd://127.0.0.1/Locked")
            assert second.returncode != 0
            print(second.stderr)
            native = run("collie vdi delete Locked")
            assert native.returncode != 0
            print(native.stderr)
            g.connect_uri("nbd://127.0.0.1/Locked%3Freadonly")
            assert g.pread(512, 0) == b"1" * 512 and g.is_read_only()
            h.shutdown()
            """);
    assertThat(outcome.orFail().stdout())
        .contains("running on 127.0.0.1", "VDI 'Locked' is locked", "in use by 127.0.0.1")
        .contains("VDI is already locked");
    user.awaitNotRunning("Locked");
    user.run("collie vdi delete Locked");
  }

  @Test
  void theLockOfAClientThatWasKilledEndsAfterItsGrace() {
    user.run("collie vdi create Killed 16M");
    user.python(
        """
        import os
        h.connect_uri("nbd://127.0.0.1/Killed")
        h.pwrite(b"1" * 512, 0)
        os.kill(os.getpid(), 9)
        """);
    assertThat(user.statusOf("Killed")).isEqualTo("running on 127.0.0.1");
    user.awaitNotRunning("Killed");
  }

  @Test
  void errorsAreThoseOfTheProtocol() {
    user.run("collie vdi create Errors 16M");
    user.python(
            """
            import errno
            def fails(number, action):
              try:
                action()
              except nbd.Error as e:
                assert e.errnum == number, str(e)
                return
              raise AssertionError("no error")
            h.set_strict_mode(0)
            h.add_meta_context("base:allocation")
            h.connect_uri("nbd://127.0.0.1/Errors")
            size = h.get_size()
            assert size == 16 << 20
            fails(errno.EINVAL, lambda: h.pread(2, size - 1))
            fails(errno.ENOSPC, lambda: h.pwrite(b"12", size - 1))
            fails(errno.EINVAL, lambda: h.trim(2, size - 1))
            fails(errno.EINVAL, lambda: h.pread(1, 0, 0x8000))
            h.pwrite(b"x" * 100, 4194300, nbd.CMD_FLAG_FUA)
            fails(errno.ENOTSUP, lambda: h.zero(512, 4194300, nbd.CMD_FLAG_FAST_ZERO))
            both = nbd.CMD_FLAG_FAST_ZERO | nbd.CMD_FLAG_NO_HOLE
            fails(errno.ENOTSUP, lambda: h.zero(8388608, 8388608, both))
            h.zero(8388608, 8388608, nbd.CMD_FLAG_NO_HOLE)
            h.cache(size, 0)
            h.flush()
            extents = []
            h.block_status(size, 0, lambda c, o, e, err: extents.extend(e))
            assert extents == [size, 0], extents
            h.shutdown()
            fails(errno.ENOENT, lambda: g.connect_uri("nbd://127.0.0.1/Nobody"))
            """)
        .orFail();
  }

  @Test
  void optionsAreAnsweredOneByOne() {
    user.run("collie vdi create Options 20M");
    user.run("collie vdi snapshot -s noon Options");
    String script =
        """
        h.set_opt_mode(True)
        h.set_full_info(True)
        h.add_meta_context("base:allocation")
        h.connect_tcp("127.0.0.1", "10809")
        found = []
        h.opt_list(lambda name, description: found.append((name, description)))
        names = [name for name, description in found]
        assert "Options" in names and "Options@noon" in names, found
        h.set_export_name("Options@noon")
        h.opt_info()
        assert h.get_size() == 20 << 20 and h.is_read_only()
        assert h.get_canonical_export_name() == "Options@noon"
        assert h.get_export_description().startswith("sheepdog snapshot 1 of Options")
        contexts = []
        h.opt_list_meta_context(contexts.append)
        assert contexts == ["base:allocation"], contexts
        h.set_export_name("Nobody")
        for ask in (h.opt_info, h.opt_go):
          try:
            ask()
            raise AssertionError("an export that does not exist")
          except nbd.Error as e:
            assert e.errno == "ENOENT", e
        h.set_export_name("Options")
        h.opt_go()
        assert not h.is_read_only() and h.can_meta_context("base:allocation")
        assert h.get_block_size(nbd.SIZE_PREFERRED) == 4096
        h.shutdown()
        h2 = nbd.NBD()
        h2.set_opt_mode(True)
        h2.connect_tcp("127.0.0.1", "10809")
        h2.opt_abort()
        """;
    user.run("cat >" + file("options.py") + " <<'END'\n" + script + "END");
    user.run(
        "PATH=/usr/bin:/bin nbdsh -n -c 'h = nbd.NBD()' -c \"$(cat " + file("options.py") + ")\"");
    user.awaitNotRunning("Options");
  }

  @Test
  void theSystemdUnitIsInOrder() {
    Path unit = Repository.root().resolve("integrations/systemd/sheepdog-nbd@.service");
    var verified = user.run("systemd-analyze verify --man=no " + unit);
    assertThat(verified.stdout() + verified.stderr()).doesNotContain("sheepdog-nbd");
    // the program it calls knows its options: it comes as far as the device, which is none here
    assertThat(user.run("nbd-client -l 127.0.0.1").stdout()).contains("Negotiation");
  }

  @Test
  void theConnectionsOfAProcessOnTheSocketAreOneClient() {
    user.run("collie vdi create Multi 16M");
    user.python(
            """
            h.connect_uri("%s")
            g.connect_uri("%1$s")
            assert h.can_multi_conn()
            h.pwrite(b"a" * 4096, 0)
            g.flush()
            assert g.pread(4096, 0) == b"a" * 4096
            h.shutdown()
            g.shutdown()
            """
                .formatted(unix(CLUSTER.store(1), "Multi")))
        .orFail();
    io("Multi", "-c 'read -P 97 0 4096'");
  }

  @Test
  void byTcpAnotherConnectionIsASecondWriterFromTheBeginning() {
    user.run("collie vdi create Single 16M");
    user.python(
            """
            h.connect_uri("nbd://127.0.0.1/Single")
            assert not h.can_multi_conn()
            try:
              g.connect_uri("nbd://127.0.0.1/Single")
              raise AssertionError("two writers")
            except nbd.Error as e:
              assert "policy" in str(e), str(e)
            h.shutdown()
            h = nbd.NBD()
            h.connect_uri("nbd://127.0.0.1/Single%3Freadonly")
            assert h.can_multi_conn()
            g = nbd.NBD()
            g.connect_uri("nbd://127.0.0.1/Single%3Freadonly")
            h.shutdown()
            g.shutdown()
            """)
        .orFail();
  }

  @Test
  void aFileSystemLivesOnAVdiThroughFuse() {
    user.run("collie vdi create Fuse 96M");
    Path tree = file("tree");
    user.run("mkdir -p " + file("fuse") + " " + file("mounted") + " " + tree + "/deep/er");
    user.run("cp /usr/bin/qemu-img " + tree + "/deep/er/ && seq 1 200000 >" + tree + "/numbers");
    user.run("ln -s deep/er/qemu-img " + tree + "/link");
    fuse(
        "mke2fs -q -t ext4 -F DISK && mount -o loop DISK MOUNT && cp -a TREE/. MOUNT/ && umount MOUNT");
    user.awaitNotRunning("Fuse");
    fuse(
        "e2fsck -fn DISK && mount -o loop,ro DISK MOUNT"
            + " && diff -r --no-dereference -x lost+found TREE MOUNT && umount MOUNT");
    user.awaitNotRunning("Fuse");
  }

  /** Runs a line while nbdfuse shows the VDI Fuse as the file DISK. */
  private void fuse(String line) {
    String disk = file("fuse") + "/nbd";
    user.run(
        ("set -e; nbdfuse %1$s %2$s & trap 'umount -q %4$s || :; umount %1$s; wait' EXIT; "
                    + "for i in $(seq 200); do [ -e %3$s ] && break; sleep 0.1; done; ")
                .formatted(file("fuse"), url("Fuse"), disk, file("mounted"))
            + line.replace("DISK", disk)
                .replace("MOUNT", file("mounted").toString())
                .replace("TREE", file("tree").toString()));
  }

  @Test
  void fioReadsBackWhatItWrote() {
    user.run("collie vdi create Fio 64M");
    assertThat(
            user.run(
                    "cd %s && fio --name=mixed --ioengine=nbd --uri=%s --rw=randrw --bsrange=512-128k"
                            .formatted(CLUSTER.directory(), url("Fio"))
                        + " --size=64m --io_size=48m --iodepth=8 --verify=crc32c --verify_fatal=1"
                        + " --do_verify=1 --randseed=7")
                .stdout())
        .contains("err= 0");
  }

  private static Path file(String name) {
    return CLUSTER.directory().resolve(name);
  }
}
