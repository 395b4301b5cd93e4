package io.sheepdog.daemon.store;

import io.sheepdog.core.cluster.ClusterConfig;
import io.sheepdog.core.cluster.CopiesChange;
import io.sheepdog.core.cluster.CopiesHistory;
import io.sheepdog.core.cluster.ForcedStart;
import io.sheepdog.core.cluster.RecoveryMark;
import io.sheepdog.daemon.store.CheckedText.FormatException;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.SheepTime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The file {@code config}: identity of the store and what the cluster decided. */
final class StoreConfigFile {
  private static final String TITLE = "sheepdog store";
  private static final String FORCED = "forced-starts";
  private static final String HISTORY = "copies-history";
  private static final String CHANGE = "[0-9a-f]{6}:[0-9]{1,10}:[0-9]{1,2}:[0-9]{1,2}:[01]";

  private StoreConfigFile() {}

  /**
   * The content.
   *
   * @param storeId random, never 0 (R2)
   * @param announcedSpace bytes that the node weighs in the ring: those that were free when the
   *     store was made, or its size when it was weighed last
   * @param cluster what format decided, null before
   * @param cleanShutdown whether the last stop was a {@code cluster shutdown}
   * @param recovery how far recovery has come; NONE in a file that does not say
   */
  record Content(
      long storeId,
      long announcedSpace,
      @Nullable ClusterConfig cluster,
      boolean cleanShutdown,
      RecoveryMark recovery) {
    Content withCluster(ClusterConfig newCluster, boolean newCleanShutdown) {
      return new Content(storeId, announcedSpace, newCluster, newCleanShutdown, recovery);
    }

    Content withSpace(long bytes) {
      return new Content(storeId, bytes, cluster, cleanShutdown, recovery);
    }

    Content withRecovery(RecoveryMark mark) {
      return new Content(storeId, announcedSpace, cluster, cleanShutdown, mark);
    }
  }

  static Content read(Path file) throws IOException {
    KeyValues values = KeyValues.of(CheckedText.read(file, TITLE));
    long storeId = values.hex("store-id");
    if (storeId == 0) {
      throw new FormatException("store-id is zero");
    }
    return new Content(
        storeId,
        values.number("space", 0, Long.MAX_VALUE),
        values.has("ctime") ? cluster(values) : null,
        values.number("clean-shutdown", 0, 1) == 1,
        recovery(values));
  }

  private static RecoveryMark recovery(KeyValues values) throws FormatException {
    return values.has("complete-epoch")
        ? new RecoveryMark(
            new Epoch((int) values.number("complete-epoch", 0, 0xffffffffL)),
            values.number("recovery-paused", 0, 1) == 1)
        : RecoveryMark.NONE;
  }

  private static ClusterConfig cluster(KeyValues values) throws FormatException {
    return new ClusterConfig(
        new SheepTime(values.hex("ctime")),
        (int) values.number("copies", 1, 31),
        (int) values.number("policy", 0, 255),
        (int) values.number("shift", 20, 31),
        (int) values.number("flags", 0, 0xffff),
        forced(values),
        history(values));
  }

  /** Epoch and id of each, such as 5:00000000000000ff,9:0000000000000100. */
  private static List<ForcedStart> forced(KeyValues values) throws FormatException {
    List<ForcedStart> forced = new ArrayList<>();
    if (values.has(FORCED)) {
      for (String start : values.text(FORCED).split(",", -1)) {
        if (!start.matches("[0-9]{1,10}:[0-9a-f]{16}") || forced.size() == ForcedStart.MOST) {
          throw new FormatException(FORCED + " is no list of at most " + ForcedStart.MOST);
        }
        int colon = start.indexOf(':');
        forced.add(
            new ForcedStart(
                epoch(start.substring(0, colon)),
                Long.parseUnsignedLong(start.substring(colon + 1), 16)));
      }
    }
    return forced;
  }

  /**
   * The epoch up to which changes were forgotten, then those that were not: vid, epoch, copies
   * before and after, whether the inode says so; such as 7 15d167:9:2:3:1.
   */
  private static CopiesHistory history(KeyValues values) throws FormatException {
    if (!values.has(HISTORY)) {
      return CopiesHistory.NONE;
    }
    String[] words = values.text(HISTORY).split(" ", -1);
    List<CopiesChange> changes = new ArrayList<>();
    for (int i = 1; i < words.length; i++) {
      if (!words[i].matches(CHANGE) || changes.size() == CopiesHistory.MOST) {
        throw new FormatException(HISTORY + " is no list of at most " + CopiesHistory.MOST);
      }
      String[] fields = words[i].split(":", -1);
      changes.add(
          new CopiesChange(
              new VdiId(Integer.parseInt(fields[0], 16)),
              epoch(fields[1]),
              Integer.parseInt(fields[2]),
              Integer.parseInt(fields[3]),
              fields[4].equals("1")));
    }
    return new CopiesHistory(epoch(words[0]), changes);
  }

  private static Epoch epoch(String text) throws FormatException {
    if (!text.matches("[0-9]{1,10}")) {
      throw new FormatException("'" + text + "' is no epoch");
    }
    return new Epoch((int) Long.parseLong(text));
  }

  private static String text(CopiesHistory history) {
    StringJoiner text = new StringJoiner(" ");
    text.add(history.forgotten().toString());
    for (CopiesChange change : history.changes()) {
      text.add(
          String.format(
              "%06x:%s:%d:%d:%d",
              change.vid().value(),
              change.epoch(),
              change.before(),
              change.after(),
              change.written() ? 1 : 0));
    }
    return text.toString();
  }

  private static String text(List<ForcedStart> forced) {
    StringJoiner text = new StringJoiner(",");
    forced.forEach(start -> text.add(start.epoch() + String.format(":%016x", start.id())));
    return text.toString();
  }

  /** Replaces the file atomically; durable on return. */
  static void write(Disk disk, Path file, Content content) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add(String.format("store-id=%016x", content.storeId()));
    lines.add("space=" + content.announcedSpace());
    ClusterConfig cluster = content.cluster();
    if (cluster != null) {
      lines.add(String.format("ctime=%016x", cluster.ctime().wire()));
      lines.add("copies=" + cluster.copies());
      lines.add("policy=" + cluster.copyPolicy());
      lines.add("shift=" + cluster.blockSizeShift());
      lines.add("flags=" + cluster.flags());
      if (!cluster.forced().isEmpty()) {
        lines.add(FORCED + "=" + text(cluster.forced()));
      }
      if (!cluster.history().equals(CopiesHistory.NONE)) {
        lines.add(HISTORY + "=" + text(cluster.history()));
      }
    }
    lines.add("clean-shutdown=" + (content.cleanShutdown() ? 1 : 0));
    if (!content.recovery().equals(RecoveryMark.NONE)) {
      lines.add("complete-epoch=" + content.recovery().complete());
      lines.add("recovery-paused=" + (content.recovery().paused() ? 1 : 0));
    }
    AtomicFile.replace(disk, file, CheckedText.encode(TITLE, lines));
  }
}
