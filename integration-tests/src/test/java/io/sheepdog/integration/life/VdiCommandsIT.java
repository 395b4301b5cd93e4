package io.sheepdog.integration.life;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sheepdog.integration.cluster.LocalCluster;
import io.sheepdog.integration.process.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is done to images, at three daemons with three copies. */
@Timeout(300)
final class VdiCommandsIT {
  private static final Duration LIMIT = Duration.ofSeconds(120);

  @RegisterExtension static final LocalCluster CLUSTER = LocalCluster.of(3, 3);

  private static Outcome run(String line) {
    return CLUSTER.shell().run(LIMIT, "set -e; cd " + CLUSTER.directory() + "; " + line);
  }

  private static String out(String line) {
    return run(line).orFail().stdout();
  }

  /** How many data objects of a VDI's own a node has. */
  private static long objects(int node, String vdi) {
    String vid = out("collie vdi list -r " + vdi + " | grep '^[=c]'").split(" ")[7];
    String padded = "0".repeat(6 - vid.length()) + vid;
    return CLUSTER.shell().run("ls " + CLUSTER.store(node) + "/obj").orFail().lines().stream()
        .filter(name -> name.startsWith("00" + padded))
        .count();
  }

  @Test
  void ofManyThatSetAnAttributeIfItIsAbsentOneSucceeds() {
    out("collie vdi create Attr 4M");
    String results =
        out(
            """
            for i in 1 2 3 4 5 6 7 8 9; do
              (collie vdi setattr -x -p 700$((i % 3)) Attr lock client$i 2>err$i && echo 0 >code$i || echo $? >code$i) &
            done; wait; cat code?; cat err?
            """);
    assertThat(results.lines().filter("0"::equals)).hasSize(1);
    assertThat(results.lines().filter("3"::equals)).hasSize(8);
    assertThat(results.lines().filter("The attribute 'lock' already exists"::equals)).hasSize(8);
    assertThat(
            out("for p in 7000 7001 7002; do collie vdi getattr -p $p Attr lock; echo; done")
                .lines()
                .distinct())
        .singleElement()
        .asString()
        .startsWith("client");
    out("collie vdi snapshot -s noon Attr; collie vdi setattr -d -p 7002 Attr lock");
    assertThat(run("collie vdi getattr Attr lock").exitCode()).isEqualTo(5);
    out("collie vdi setattr Attr lock again; collie vdi delete Attr");
    assertThat(out("collie vdi getattr Attr lock || echo $?")).isEqualTo("5\n");
    out("collie vdi delete -s noon Attr; collie vdi create Attr 4M");
    assertThat(run("collie vdi getattr Attr lock").exitCode()).isEqualTo(5);
    await("no attribute is left in any store")
        .atMost(LIMIT)
        .until(() -> out("ls n?/obj | grep -c '^2' || :").strip().equals("0"));
  }

  @Test
  void rollbackKeepsASnapshotOfWhatThereWas() {
    out(
        "collie vdi create Roll 16M; echo old | collie vdi write Roll 5M; collie vdi snapshot -s a Roll");
    out("echo new | collie vdi write Roll 5M");
    Outcome rolled = run("collie vdi rollback -s a Roll").orFail();
    assertThat(out("collie vdi read Roll 5M 4")).isEqualTo("old\n");
    assertThat(rolled.stderr()).contains("snapshot 2 (before-rollback-");
    assertThat(out("collie vdi read -s 2 Roll 5M 4")).isEqualTo("new\n");
    out(
        "echo newer | collie vdi write Roll 5M; collie vdi rollback -s 2 --no-safety-snapshot Roll");
    assertThat(out("collie vdi read Roll 5M 4")).isEqualTo("new\n");
    assertThat(out("collie vdi list -r Roll").lines()).hasSize(3);
    assertThat(out("collie vdi tree")).contains("Roll---[");
  }

  @Test
  void fullClonesAndPreallocationHaveObjectsOfTheirOwn() {
    out(
        "collie vdi create Src 16M; echo data | collie vdi write Src 5M; collie vdi snapshot -s a Src");
    out("collie vdi clone -n -s a Src Own; collie vdi clone -P -s a Src All");
    out("collie vdi create -P Full 18M");
    assertThat(objects(1, "Own")).isEqualTo(1);
    assertThat(objects(1, "All")).isEqualTo(4);
    assertThat(objects(2, "Full")).isEqualTo(5);
    out("collie vdi delete Src; collie vdi delete -s a Src");
    assertThat(out("collie vdi read Own 5M 5; collie vdi read All 5M 5")).isEqualTo("data\ndata\n");
    assertThat(out("collie vdi read Full | tr -d '\\0' | wc -c").strip()).isEqualTo("0");
  }

  @Test
  void shrinkingGivesSpaceBackAndHidesNothing() {
    out("collie vdi create Cut 20M; tr '\\0' x </dev/zero | head -c 20M | collie vdi write Cut");
    out("collie vdi snapshot -s a Cut; echo more | collie vdi write Cut 17M");
    assertThat(run("collie vdi resize --shrink Cut 9M").orFail().stderr())
        .contains("This cuts 11 MB");
    assertThat(out("collie vdi export Cut | wc -c").strip()).isEqualTo("9437184");
    out("collie vdi resize Cut 20M");
    assertThat(out("collie vdi read Cut 9M | tr -d '\\0' | wc -c").strip()).isEqualTo("0");
    assertThat(out("collie vdi read Cut 0 9M | tr -d x | wc -c").strip()).isEqualTo("0");
    assertThat(out("collie vdi read -s a Cut | tr -d x | wc -c").strip()).isEqualTo("0");
    assertThat(objects(0, "Cut")).isEqualTo(1);
    out("collie vdi lock Cut");
    assertThat(run("collie vdi resize --shrink Cut 4M").mustFail().stderr())
        .contains("VDI is already locked");
    out("collie vdi release Cut");
  }

  @Test
  void rawFilesGoInAndComeOutWithTheirHoles() {
    out(
        "truncate -s 100M in.raw; head -c 3000000 /dev/urandom | dd of=in.raw bs=1M seek=50 conv=notrunc");
    out("collie vdi import In in.raw; collie vdi export -p 7001 In out.raw; cmp in.raw out.raw");
    assertThat(Long.parseLong(out("du -k out.raw | cut -f1").strip())).isBetween(2900L, 5000L);
    assertThat(objects(0, "In")).isEqualTo(2);
    out("qemu-img compare -f raw -F raw in.raw nbd://127.0.0.1/In");
    out("cat in.raw | collie vdi import Piped; collie vdi export Piped | cmp - in.raw");
  }

  @Test
  void anInterruptedImportLeavesNothing() {
    Path fifo = CLUSTER.directory().resolve("fifo");
    run("mkfifo " + fifo).orFail();
    Outcome interrupted =
        run(
            """
            (head -c 9M /dev/urandom; exec sleep 60) >%1$s & feeder=$!
            collie vdi import Half %1$s & importer=$!
            until collie vdi list -r Half | grep -q Half; do sleep 0.1; done
            kill $importer; wait $importer && echo unexpected || echo code $?
            kill $feeder
            """
                .formatted(fifo));
    assertThat(interrupted.stdout()).contains("code ").doesNotContain("unexpected");
    await("it is deleted").atMost(LIMIT).until(() -> out("collie vdi list -r Half").isEmpty());
  }

  @Test
  void aChainOfBackupsIsRestoredElsewhere() {
    out("collie vdi create Orig 32M; head -c 5M /dev/urandom | collie vdi write Orig 6M");
    out("collie vdi snapshot -s one Orig; echo two | collie vdi write Orig 20000000");
    out("collie vdi snapshot -s two Orig; head -c 1M /dev/zero | collie vdi write Orig 6M");
    out("collie vdi snapshot -s three Orig");
    out(
        """
        collie vdi backup -s one Orig >one
        collie vdi backup -F one -s two Orig >two
        collie vdi backup -F two -s three Orig >three
        dog vdi restore Copy <one
        dog vdi restore -s one Copy <two
        dog vdi restore -s two Copy <three
        for s in one two three; do
          collie vdi export -s $s -f Orig a.raw; collie vdi export -s $s -f Copy b.raw; cmp a.raw b.raw
        done
        """);
    assertThat(Long.parseLong(out("wc -c <two").strip())).isLessThan(3000);
    assertThat(out("collie vdi export Copy | cmp - a.raw || echo differs")).contains("differs");
    assertThat(run("head -c 2000000 one | dog vdi restore Broken").mustFail().stderr())
        .contains("cut off", "nothing was changed");
    assertThat(out("collie vdi list -r Broken")).isEmpty();
  }

  @Test
  void locksAreListedAndBroken() {
    out("collie vdi create Held 4M");
    String said =
        out(
            """
            /usr/bin/python3 - <<'END'
            import nbd, subprocess, errno
            h = nbd.NBD()
            h.connect_uri("nbd://127.0.0.1/Held")
            h.pwrite(b"1" * 512, 0)
            def run(line):
              p = subprocess.run(line, shell=True, capture_output=True, text=True)
              print(p.stdout + p.stderr, end="")
            run("collie vdi lock list -r -p 7002")
            run("collie vdi lock break -p 7001 Held")
            run("collie vdi lock list -r")
            try:
              h.pwrite(b"2" * 512, 0)
              print("written")
            except nbd.Error as e:
              print(errno.errorcode[e.errnum])
            END
            """);
    assertThat(said)
        .containsPattern("Held [0-9a-f]+ 127\\.0\\.0\\.1:7000 127\\.0\\.0\\.1 [0-9]{10} nbd\n")
        .contains("The lock of Held was held by 127.0.0.1 through node 127.0.0.1:7000, since 20")
        .endsWith("ESHUTDOWN\n");
  }
}
