package io.sheepdog.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sheepdog.cli.Tool.Result;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.ClusterBody;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Snapshots of a cluster in a directory. */
@Timeout(60)
final class ClusterSnapshotTest {
  private static final int MIB = 1 << 20;

  @TempDir Path directory;

  private final FakeWorld world = world(7);
  private final FakeWorld other = world(8);
  private FakeDaemon daemon;
  private FakeDaemon empty;

  private static FakeWorld world(long created) {
    return new FakeWorld()
        .node("127.0.0.1:1", 0)
        .node("127.0.0.1:2", 1)
        .node("127.0.0.1:3", 2)
        .epoch(1, created, 5, 3);
  }

  @BeforeEach
  void start() throws IOException {
    daemon = FakeDaemon.onPort(0, world);
    empty = FakeDaemon.onPort(0, other);
    done("vdi create Alice 20M");
    byte[] bytes = new byte[6 * MIB];
    new Random(1).nextBytes(bytes);
    write("Alice", "3M", bytes);
    done("vdi snapshot -s one Alice");
    write("Alice", "19M", "tail".getBytes(StandardCharsets.UTF_8));
    done("vdi snapshot -s two Alice");
    done("vdi clone -s one Alice Bob");
    write("Bob", "0", "mine".getBytes(StandardCharsets.UTF_8));
    done("vdi snapshot -s bob Bob");
    write("Alice", "0", "not saved".getBytes(StandardCharsets.UTF_8));
  }

  @AfterEach
  void stop() throws IOException {
    daemon.close();
    empty.close();
  }

  private Result collie(String command) {
    return Tool.collie().at(daemon).run((command + " ").replace("DIR ", directory + " ").strip());
  }

  private Result there(String command) {
    return Tool.collie().at(empty).run((command + " ").replace("DIR ", directory + " ").strip());
  }

  private Result done(String command) {
    return done(collie(command));
  }

  private static Result done(Result result) {
    assertThat(result.code()).as(result.err()).isZero();
    return result;
  }

  private void write(String vdi, String offset, byte[] bytes) {
    done(Tool.collie().at(daemon).piping(bytes).run("vdi write " + vdi + " " + offset));
  }

  private static byte[] read(Result result) {
    return done(result).bytes();
  }

  private List<Path> files(String part) throws IOException {
    try (Stream<Path> all = Files.walk(directory.resolve(part))) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  private long dataReads() {
    return world.requests(Opcode.READ_OBJ).stream()
        .filter(request -> ((ObjectBody) request.body()).oid().kind() == ObjectKind.DATA)
        .count();
  }

  @Test
  void everySnapshotIsAsItWasAndTheWorkingImagesAreOnTopOfTheNewest() {
    done("cluster snapshot save noon DIR");
    Result loaded = done(there("cluster snapshot load noon DIR"));
    assertThat(loaded.out() + loaded.err()).isEmpty();
    for (String which : List.of("-s one Alice", "-s two Alice", "-s bob Bob")) {
      assertThat(read(there("vdi read " + which))).isEqualTo(read(collie("vdi read " + which)));
    }
    assertThat(read(there("vdi read Alice"))).isEqualTo(read(collie("vdi read -s two Alice")));
    assertThat(read(there("vdi read Bob"))).isEqualTo(read(collie("vdi read -s bob Bob")));
    assertThat(there("vdi list -r").out().lines()).hasSize(5);
  }

  @Test
  void whatSnapshotsShareTheyShareAgain() {
    done("cluster snapshot save noon DIR");
    done(there("cluster snapshot load noon DIR"));
    assertThat(there("vdi tree").out().replaceAll("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d", "T"))
        .isEqualTo(collie("vdi tree").out().replaceAll("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d", "T"));
    // three objects of the first, one of the second, one of the clone
    assertThat(other.requests(Opcode.CREATE_AND_WRITE_OBJ)).hasSize(5);
  }

  @Test
  void theClusterIsFormattedAsItWas() {
    done("cluster snapshot save noon DIR");
    Result asked =
        Tool.dog()
            .at(empty)
            .piping("yes\n".getBytes(StandardCharsets.UTF_8))
            .run("cluster snapshot load 1 " + directory);
    assertThat(done(asked).out()).isEqualTo("using backend plain store\n");
    Request format = other.requests(Opcode.MAKE_FS).get(0);
    assertThat(((ClusterBody) format.body()).copies()).isEqualTo(3);
    assertThat(((ClusterBody) format.body()).blockSizeShift()).isEqualTo(22);
  }

  @Test
  void onlyWhatChangedIsReadAndStored() throws IOException {
    done("cluster snapshot save noon DIR");
    assertThat(files("objects")).hasSize(5);
    long before = dataReads();
    assertThat(before).isGreaterThanOrEqualTo(5);
    write("Alice", "8M", new byte[] {1});
    done("vdi snapshot -s three Alice");
    long copied = dataReads();
    done("cluster snapshot save later -m DIR");
    // "not saved" of the beginning and what was written now
    assertThat(dataReads() - copied).isEqualTo(2);
    assertThat(files("objects")).hasSize(7);
    assertThat(collie("cluster snapshot list -r DIR").out())
        .matches("1\t\tnoon\t\t\\d+\n2\t\tlater\t\t\\d+\n");
    done(there("cluster snapshot load later DIR"));
    assertThat(read(there("vdi read Alice"))).isEqualTo(read(collie("vdi read -s three Alice")));
  }

  @Test
  void someImagesAreSavedOrLoaded() throws IOException {
    done("cluster snapshot save bob DIR Bob");
    // a clone has what it shares with what is not saved
    assertThat(files("objects")).hasSize(3);
    assertThat(collie("cluster snapshot show bob DIR").out())
        .isEqualTo("1. VDI id: " + vid("Bob", "bob") + ", name: Bob, tag: bob\n");
    done("cluster snapshot save all DIR");
    done(there("cluster snapshot load all DIR Bob"));
    assertThat(there("vdi list -r Alice").out()).isEmpty();
    assertThat(read(there("vdi read Bob"))).isEqualTo(read(collie("vdi read -s bob Bob")));
    assertThat(there("cluster snapshot load all DIR Carol").err())
        .isEqualTo("There is no VDI Carol in snapshot 'all'\n");
  }

  private String vid(String name, String tag) {
    return done("vdi list -r " + name)
        .out()
        .lines()
        .filter(line -> line.endsWith(" " + tag) || line.contains(" " + tag + " "))
        .map(line -> line.split(" ")[7])
        .findFirst()
        .orElseThrow();
  }

  @Test
  void whatWasSavedIsListedAndShown() {
    done("cluster snapshot save noon DIR");
    assertThat(collie("cluster snapshot list DIR").out())
        .matches("Index\t\tTag\t\tSnapshot Time\n1\t\tnoon\t\t\\w{3} \\w{3} .\\d .{8} \\d{4}\n");
    assertThat(collie("cluster snapshot list -o json DIR").out()).contains("\"tag\" : \"noon\"");
    assertThat(collie("cluster snapshot show 1 DIR").out().lines())
        .hasSize(3)
        .allMatch(line -> line.matches("\\d\\. VDI id: [0-9a-f]+, name: \\w+, tag: \\w+"));
    Result dog = Tool.dog().at(daemon).run("cluster snapshot show noon " + directory);
    assertThat(dog.out()).isEmpty();
    assertThat(dog.err().lines()).hasSize(3);
    assertThat(collie("cluster snapshot show -o json 1 DIR").out())
        .contains("\"name\" : \"Bob\"", "\"size\" : 20971520");
  }

  @Test
  void theStateOfAMachineIsSaved() {
    VdiId vid = new VdiId(Integer.parseInt(vid("Alice", "one"), 16));
    ObjectId state = ObjectId.vmstate(vid, 0);
    byte[] ram = new byte[4 * MIB];
    new Random(2).nextBytes(ram);
    world.vdis.put(state, ram);
    world.vdis.replace(world.vdis.header(vid.value()).withVmState(77, 1000));
    done("cluster snapshot save noon DIR");
    done(there("cluster snapshot load noon DIR"));
    InodeHeader restored = other.vdis.snapshot("Alice", "one");
    assertThat(restored.vmStateSize()).isEqualTo(1000);
    assertThat(restored.vmClockNanos()).isEqualTo(77);
    assertThat(other.vdis.object(ObjectId.vmstate(restored.vdiId(), 0))).isEqualTo(ram);
  }

  @Test
  void aDamagedArchiveCostsNobodyACluster() throws IOException {
    done("cluster snapshot save noon DIR");
    Path content = files("objects").get(2);
    byte[] good = Files.readAllBytes(content);
    byte[] bad = good.clone();
    bad[bad.length - 1] ^= 1;
    assertLoadIsRefused(content, bad, good);
    assertLoadIsRefused(content, new byte[10], good);
    Path manifest = files("snapshots").get(0);
    good = Files.readAllBytes(manifest);
    bad =
        new String(good, StandardCharsets.UTF_8)
            .replace("\"copies\":3", "\"copies\":2")
            .getBytes(StandardCharsets.UTF_8);
    assertLoadIsRefused(manifest, bad, good);
    Files.delete(content);
    assertThat(there("cluster snapshot load noon DIR").err()).contains("is not there");
    assertThat(other.requests(Opcode.MAKE_FS)).isEmpty();
    // what is missing is saved again
    done("cluster snapshot save again DIR");
    done(there("cluster snapshot load noon DIR"));
  }

  private void assertLoadIsRefused(Path file, byte[] bad, byte[] good) throws IOException {
    Files.write(file, bad);
    Result refused = there("cluster snapshot load noon DIR");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err())
        .isEqualTo("The archive is damaged: " + file + " is not what its name says\n");
    assertThat(other.requests(Opcode.MAKE_FS)).isEmpty();
    Files.write(file, good);
  }

  @Test
  void aSaveThatFailsIsNotListed() throws IOException {
    done("cluster snapshot save noon DIR");
    write("Alice", "8M", new byte[] {1});
    done("vdi snapshot -s three Alice");
    world.failures.put(Opcode.READ_OBJ, ResultCode.EIO);
    Result failed = collie("cluster snapshot save later DIR");
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err()).endsWith("\nFail to save snapshot to path: " + directory + ".\n");
    world.failures.clear();
    assertThat(collie("cluster snapshot list -r DIR").out().lines()).hasSize(1);
    assertThat(files("tmp")).isEmpty();
    Files.write(directory.resolve("tmp/7"), new byte[] {1});
    done("cluster snapshot save later DIR");
    assertThat(files("tmp")).isEmpty();
  }

  @Test
  void whatCannotBeSavedIsSaid() {
    assertThat(Tool.dog().at(daemon).run("cluster snapshot save 1st " + directory).code())
        .isEqualTo(64);
    assertThat(Tool.dog().at(daemon).run("cluster snapshot save noon").code()).isEqualTo(64);
    assertThat(Tool.dog().at(daemon).run("cluster snapshot burn noon x").code()).isEqualTo(64);
    done("cluster snapshot save noon DIR");
    Result again = collie("cluster snapshot save noon DIR");
    assertThat(again.code()).isEqualTo(1);
    assertThat(again.err()).startsWith("The archive has a snapshot 'noon' already\nFail to save");
    Result nothing = Tool.dog().at(empty).run("cluster snapshot save noon " + directory + "2");
    assertThat(nothing.code()).isEqualTo(2);
    assertThat(nothing.err().lines()).hasSize(5);
    assertThat(collie("cluster snapshot save x DIR Carol").err())
        .startsWith("There is no snapshot of VDI Carol");
    assertThat(collie("cluster snapshot load none DIR").err())
        .startsWith("There is no snapshot 'none' in ");
    assertThat(collie("cluster snapshot list /nowhere").err())
        .startsWith("No archive can be read in /nowhere");
  }
}
