package io.sheepdog.core.cluster;

import io.sheepdog.core.cluster.ClusterEvent.AlterCopies;
import io.sheepdog.core.cluster.ClusterEvent.Complaint;
import io.sheepdog.core.cluster.ClusterEvent.CopiesWritten;
import io.sheepdog.core.cluster.ClusterEvent.DirectoryReady;
import io.sheepdog.core.cluster.ClusterEvent.DiskLost;
import io.sheepdog.core.cluster.ClusterEvent.EpochTime;
import io.sheepdog.core.cluster.ClusterEvent.ForceStart;
import io.sheepdog.core.cluster.ClusterEvent.Format;
import io.sheepdog.core.cluster.ClusterEvent.HeaderChanged;
import io.sheepdog.core.cluster.ClusterEvent.JoinRequest;
import io.sheepdog.core.cluster.ClusterEvent.LockAcquire;
import io.sheepdog.core.cluster.ClusterEvent.LockAttach;
import io.sheepdog.core.cluster.ClusterEvent.LockKind;
import io.sheepdog.core.cluster.ClusterEvent.LockRelease;
import io.sheepdog.core.cluster.ClusterEvent.MemberReady;
import io.sheepdog.core.cluster.ClusterEvent.Recovered;
import io.sheepdog.core.cluster.ClusterEvent.RecoverySwitch;
import io.sheepdog.core.cluster.ClusterEvent.ReserveKind;
import io.sheepdog.core.cluster.ClusterEvent.Reweigh;
import io.sheepdog.core.cluster.ClusterEvent.SetVnodes;
import io.sheepdog.core.cluster.ClusterEvent.Shutdown;
import io.sheepdog.core.cluster.ClusterEvent.VdiAbort;
import io.sheepdog.core.cluster.ClusterEvent.VdiCommit;
import io.sheepdog.core.cluster.ClusterEvent.VdiDelete;
import io.sheepdog.core.cluster.ClusterEvent.VdiPurged;
import io.sheepdog.core.cluster.ClusterEvent.VdiReserve;
import io.sheepdog.core.cluster.ClusterEvent.VdiRetire;
import io.sheepdog.core.cluster.ClusterEvent.Welcome;
import io.sheepdog.core.spi.ClusterDriver.Departure;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Seeded events: such as may happen in a small cluster, and now and then some that make no sense.
 */
final class RandomHistory {
  private static final int NODES = 6;

  private final Random random;
  private final History history = History.running(3);

  RandomHistory(long seed) {
    random = new Random(seed);
  }

  ClusterState state() {
    return history.state();
  }

  /** Applies that many random events and departures. */
  ClusterState play(int steps) {
    for (int i = 0; i < steps; i++) {
      int node = 1 + random.nextInt(NODES);
      if (random.nextInt(12) == 0) {
        history.leave(node, Departure.values()[random.nextInt(2)]);
      } else if (random.nextInt(6) == 0) {
        history.join(node);
      } else {
        history.by(node, usual());
      }
    }
    return history.state();
  }

  /** An event of any kind. */
  ClusterEvent any() {
    return switch (random.nextInt(8)) {
      case 0 ->
          new JoinRequest(
              History.node(1 + random.nextInt(NODES)),
              random.nextLong(),
              random.nextLong(),
              random.nextBoolean() ? null : config(),
              random.nextBoolean() ? null : epoch(),
              time());
      case 1 ->
          new Welcome(
              new MemberId(random.nextLong()), List.of(History.address(1), History.address(2)));
      case 2 -> new MemberReady(time());
      case 3 -> new DirectoryReady(random.nextLong(), random.nextLong());
      case 4 ->
          random.nextInt(3) == 0
              ? new ForceStart(
                  new Epoch(random.nextInt()),
                  List.of(random.nextLong(), random.nextLong()),
                  random.nextLong())
              : new EpochTime(new Epoch(random.nextInt()), time());
      case 5 -> random.nextInt(4) == 0 ? new Shutdown() : new Format(config(), time());
      default -> usual();
    };
  }

  private ClusterEvent usual() {
    VdiId vid = vid();
    return switch (random.nextInt(13)) {
      case 10 -> new Complaint(History.member(1 + random.nextInt(NODES)), random.nextInt(3) != 0);
      case 0, 1, 2 ->
          new VdiReserve(
              ReserveKind.values()[random.nextInt(ReserveKind.values().length)],
              name(),
              random.nextInt(3) == 0 ? VdiId.NONE : vid,
              random.nextLong() >>> 1,
              1 + random.nextInt(31),
              0,
              0,
              20 + random.nextInt(12),
              time(),
              client());
      case 3, 4 -> new VdiCommit(vid, header(vid));
      case 5 ->
          random.nextBoolean()
              ? new VdiAbort(vid)
              : new VdiPurged(
                  vid, 1 + random.nextInt(3), random.nextBoolean(), history.state().epoch());
      case 6 ->
          random.nextBoolean()
              ? new VdiDelete(vid, client())
              : new VdiRetire(vid, time(), client());
      case 7 ->
          new HeaderChanged(
              vid,
              "tag" + random.nextInt(5),
              random.nextLong() >>> 1,
              random.nextBoolean(),
              random.nextLong(),
              random.nextLong() >>> 1);
      case 8 ->
          new LockAcquire(
              vid, client(), LockKind.values()[random.nextInt(LockKind.values().length)], time());
      case 11 ->
          random.nextBoolean()
              ? new AlterCopies(random.nextBoolean() ? VdiId.NONE : vid, 1 + random.nextInt(31))
              : new CopiesWritten(vid, history.state().epoch());
      case 9 -> random.nextInt(4) == 0 ? weightOrSwitch() : new Recovered(history.state().epoch());
      default ->
          random.nextBoolean()
              ? new LockAttach(vid, random.nextInt(10), client())
              : new LockRelease(vid, random.nextInt(3));
    };
  }

  private ClusterEvent weightOrSwitch() {
    return switch (random.nextInt(4)) {
      case 0 -> new DiskLost();
      case 2 -> new SetVnodes(random.nextInt(70_000));
      case 1 -> new RecoverySwitch(random.nextBoolean());
      default ->
          new Reweigh(
              List.of(
                  new DiskSize(
                      History.member(1 + random.nextInt(NODES)), random.nextLong() >>> 16)));
    };
  }

  private String name() {
    return List.of("a", "b", "größe", "x".repeat(255)).get(random.nextInt(4));
  }

  private String client() {
    return "10.1.1." + random.nextInt(3);
  }

  private SheepTime time() {
    return new SheepTime(random.nextLong());
  }

  private ClusterConfig config() {
    return new ClusterConfig(
        time(),
        1 + random.nextInt(31),
        random.nextInt(256),
        20 + random.nextInt(12),
        random.nextInt(1 << 16),
        random.nextBoolean()
            ? List.of()
            : List.of(new ForcedStart(new Epoch(random.nextInt()), random.nextLong())),
        random.nextBoolean() ? CopiesHistory.NONE : copies());
  }

  private CopiesHistory copies() {
    CopiesChange change =
        new CopiesChange(
            new VdiId(random.nextInt(1 << 24)),
            new Epoch(random.nextInt()),
            1 + random.nextInt(31),
            1 + random.nextInt(31),
            random.nextBoolean());
    return new CopiesHistory(new Epoch(random.nextInt()), List.of(change));
  }

  private EpochRecord epoch() {
    List<EpochNode> nodes = new ArrayList<>();
    for (int i = 0; i < random.nextInt(5); i++) {
      nodes.add(History.epochNode(i + 1));
    }
    return new EpochRecord(new Epoch(random.nextInt()), time(), nodes);
  }

  /** Mostly a vid that is used. */
  private VdiId vid() {
    List<VdiEntry> entries = List.copyOf(history.state().directory().entries());
    return entries.isEmpty() || random.nextInt(10) == 0
        ? new VdiId(random.nextInt(1 << 24))
        : entries.get(random.nextInt(entries.size())).vid();
  }

  private InodeHeader header(VdiId vid) {
    VdiEntry entry = history.state().directory().entry(vid);
    return entry != null && entry.blockSizeShift() != 0
        ? History.header(entry)
        : new InodeHeader(
            "n", "", time(), SheepTime.NONE, 0, 0, 0, 0, 0, 1, 22, 1, vid, VdiId.NONE, 0);
  }
}
