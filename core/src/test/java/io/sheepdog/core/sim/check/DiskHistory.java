package io.sheepdog.core.sim.check;

import io.sheepdog.core.sim.check.BlockHistory.Write;
import io.sheepdog.core.sim.time.EventQueue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that the clients of one working VDI did and saw, and whether that keeps P2, P4 and the rule
 * of registers.
 *
 * <p>"Surely" holding: from the reply that granted the lock, or that acknowledged a write, until
 * the first event that may end the lock. Whoever else is granted the lock or gets a write
 * acknowledged from beginning to end within that time breaks P4.
 */
public final class DiskHistory {
  private final String name;
  private final EventQueue queue;
  private final Violations violations;
  private final BlockHistory[] blocks;
  private final Map<Object, List<PendingWrite>> pending = new LinkedHashMap<>();
  private @Nullable Object holder;
  private @Nullable Object surelyHeldBy;
  private long surelyHeldSince;
  private final Map<Object, Long> losses = new HashMap<>();
  private int forcedReleases;
  private long lastForcedRelease = Long.MIN_VALUE / 2;
  private int acknowledgedWrites;
  private boolean flushesMayFail;

  /** A write of one or more blocks that is on its way. */
  public static final class PendingWrite {
    private final Object client;
    private final int[] blockNumbers;
    private final Write[] writes;
    private final long invoked;
    private final boolean forbidden;

    private PendingWrite(
        Object client, int[] blockNumbers, Write[] writes, long invoked, boolean forbidden) {
      this.client = client;
      this.blockNumbers = blockNumbers;
      this.writes = writes;
      this.invoked = invoked;
      this.forbidden = forbidden;
    }
  }

  /**
   * @param name of the VDI
   * @param initial values of all blocks at the beginning
   */
  public DiskHistory(String name, long[] initial, EventQueue queue, Violations violations) {
    this.name = name;
    this.queue = queue;
    this.violations = violations;
    this.blocks = Arrays.stream(initial).mapToObj(BlockHistory::new).toArray(BlockHistory[]::new);
  }

  /** Number of blocks. */
  public int size() {
    return blocks.length;
  }

  /** Number of writes that were acknowledged. */
  public int acknowledgedWrites() {
    return acknowledgedWrites;
  }

  /** From now on all replicas of an object may have been restarted since its last flush. */
  public void allReplicasMayRestart() {
    flushesMayFail = true;
  }

  /** Whether a flush may say that something that was acknowledged may be lost (R9). */
  public boolean mayFlushFail() {
    return flushesMayFail;
  }

  /** Whether some other client than that certainly holds the lock. */
  public boolean isSurelyHeldByOtherThan(Object client) {
    return surelyHeldBy != null && surelyHeldBy != client;
  }

  /** A client asked for the lock at {@code asked} and has got it now. */
  public void granted(Object client, long asked) {
    if (surelyHeldBy != null && surelyHeldBy != client && surelyHeldSince < asked) {
      violations.report(
          "P4", name + ": lock granted to " + client + " while " + surelyHeldBy + " holds it");
    }
    for (Map.Entry<Object, List<PendingWrite>> entry : pending.entrySet()) {
      if (entry.getKey() != client) {
        entry.getValue().forEach(this::doubt);
      }
    }
    boolean wasReleased = forcedReleases > 0 || asked <= lastForcedRelease;
    if (wasReleased) {
      if (surelyHeldBy != null && surelyHeldBy != client) {
        mayLose(surelyHeldBy); // whose gateway has heard of the release only now
      }
      holder = client; // its lock may have been taken away before it was told of it
    } else {
      hold(client);
    }
  }

  /**
   * An administrator begins to end the lock, whoever holds it; until that is over nobody surely
   * does.
   */
  public void beginForcedRelease() {
    forcedReleases++;
    if (surelyHeldBy != null) {
      mayLose(surelyHeldBy);
    }
  }

  /** The forced release has happened or never will. */
  public void endForcedRelease() {
    forcedReleases--;
    lastForcedRelease = queue.now();
  }

  private void hold(Object client) {
    holder = client;
    if (surelyHeldBy != client) {
      surelyHeldBy = client;
      surelyHeldSince = queue.now();
    }
  }

  /** Something happened that may end the lock of that client. */
  public void mayLose(Object client) {
    losses.put(client, queue.now());
    if (surelyHeldBy != client) {
      return;
    }
    surelyHeldBy = null;
    for (List<PendingWrite> writes : pending.values()) {
      for (PendingWrite write : writes) {
        if (write.forbidden) {
          allow(write);
        }
      }
    }
  }

  /** Nobody surely held the lock during all of a write that nobody should have carried out. */
  private void allow(PendingWrite write) {
    for (int i = 0; i < write.writes.length; i++) {
      blocks[write.blockNumbers[i]].allow(write.writes[i].value);
    }
  }

  /** Whether that client certainly holds the lock. */
  public boolean isSurelyHeldBy(Object client) {
    return surelyHeldBy == client;
  }

  /** A client begins to write {@code value} to some blocks. */
  public PendingWrite invoke(Object client, long value, int... blockNumbers) {
    boolean forbidden = isSurelyHeldByOtherThan(client);
    Write[] writes = new Write[blockNumbers.length];
    for (int i = 0; i < writes.length; i++) {
      BlockHistory block = blocks[blockNumbers[i]];
      writes[i] = forbidden ? new Write(value, queue.now()) : block.invoke(value, queue.now());
    }
    PendingWrite write = new PendingWrite(client, blockNumbers, writes, queue.now(), forbidden);
    pending.computeIfAbsent(client, c -> new ArrayList<>()).add(write);
    return write;
  }

  /** The client was told that its write succeeded. */
  public void acknowledged(PendingWrite write) {
    forget(write);
    if (surelyHeldBy != null && surelyHeldBy != write.client && surelyHeldSince < write.invoked) {
      violations.report(
          "P4",
          name
              + ": write of "
              + write.client
              + " acknowledged while "
              + surelyHeldBy
              + " holds it");
      return;
    }
    acknowledgedWrites++;
    if (write.forbidden) {
      allow(write);
    }
    for (int i = 0; i < write.writes.length; i++) {
      if (!write.forbidden
          && !blocks[write.blockNumbers[i]].acknowledge(write.writes[i], queue.now())) {
        violations.report(
            "P2",
            name
                + " block "
                + write.blockNumbers[i]
                + ": acknowledged write of value "
                + write.writes[i].value
                + " was read as absent before");
      }
    }
    long mayHaveLost =
        Math.max(lastForcedRelease, losses.getOrDefault(write.client, Long.MIN_VALUE));
    if (surelyHeldBy == null && forcedReleases == 0 && write.invoked > mayHaveLost) {
      hold(write.client);
    }
  }

  /** The client was told that its write failed: it is there or not. */
  public void failed(PendingWrite write) {
    forget(write);
    doubt(write);
  }

  /** The client is no more; what it had begun is there or not. */
  public void ended(Object client) {
    mayLose(client);
    List<PendingWrite> open = pending.remove(client);
    if (open != null) {
      open.forEach(this::doubt);
    }
  }

  private void forget(PendingWrite write) {
    List<PendingWrite> open = pending.get(write.client);
    if (open != null) {
      open.remove(write);
    }
  }

  private void doubt(PendingWrite write) {
    boolean refusedForGood =
        surelyHeldBy != null && surelyHeldBy != write.client && surelyHeldSince < write.invoked;
    if (write.forbidden && !refusedForGood) {
      allow(write);
      return;
    }
    for (int i = 0; i < write.writes.length; i++) {
      if (write.forbidden) {
        blocks[write.blockNumbers[i]].forbid(write.writes[i].value);
      } else {
        blocks[write.blockNumbers[i]].doubt(write.writes[i]);
      }
    }
  }

  /**
   * A client has read a block; what anybody but the last known holder of the lock reads proves
   * nothing.
   */
  public void readBy(Object client, int block, long value) {
    if (client == holder) {
      read(client, block, value);
    }
  }

  /** A block was read by the holder of the lock, or when no client runs. */
  public void read(Object reader, int block, long value) {
    Set<Long> possible = blocks[block].possible();
    if (!blocks[block].read(value)) {
      violations.report(
          "P2/P3",
          name
              + " block "
              + block
              + ": "
              + reader
              + " read "
              + value
              + ", possible were "
              + possible);
    }
  }

  /**
   * Somebody without a lock has read a block: a register is regular for him, so a write that was
   * acknowledged before he began to ask hides all earlier ones (P3).
   *
   * @param since when he began to ask where the block is
   */
  public void readByBystander(Object reader, int block, long value, long since) {
    if (!blocks[block].mayBeSeen(value, since)) {
      violations.report(
          "P3", name + " block " + block + ": " + reader + " read " + value + " from the past");
    }
  }

  /**
   * Whether these values may be the contents at one moment of {@code from}..{@code to} (R11).
   *
   * @return null if so, else why not
   */
  @Nullable String explainSnapshot(long[] values, long from, long to) {
    List<Long> moments = new ArrayList<>();
    moments.add(from);
    for (BlockHistory block : blocks) {
      for (long invoked : block.invocations()) {
        if (invoked > from && invoked <= to) {
          moments.add(invoked);
        }
      }
    }
    String reason = "";
    for (long moment : moments) {
      int wrong = firstWrong(values, moment);
      if (wrong < 0) {
        return null;
      }
      reason = "at " + moment + " block " + wrong + " was not " + values[wrong];
    }
    return "no moment in " + from + ".." + to + " fits; " + reason;
  }

  private int firstWrong(long[] values, long moment) {
    for (int i = 0; i < blocks.length; i++) {
      if (!blocks[i].mayHaveBeen(values[i], moment)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public String toString() {
    return name;
  }
}
