package io.sheepdog.daemon.store;

import io.sheepdog.core.cluster.EpochNode;
import io.sheepdog.core.cluster.EpochRecord;
import io.sheepdog.daemon.store.CheckedText.FormatException;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.payload.SheepTime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file below {@code epoch/}.
 *
 * <pre>
 * epoch=3
 * time=67400f3a00000000
 * node=127.0.0.1:7000 io=0.0.0.0:0 vnodes=64 zone=16777343 space=00000013d4a00000 store=5f3c...
 * </pre>
 */
final class EpochFile {
  private static final String TITLE = "sheepdog epoch";
  private static final String NODE_KEY = "node=";
  private static final long MAX_U32 = 0xffffffffL;

  private EpochFile() {}

  static EpochRecord read(Path file) throws IOException {
    List<String> header = new ArrayList<>();
    List<EpochNode> nodes = new ArrayList<>();
    for (String line : CheckedText.read(file, TITLE)) {
      if (line.startsWith(NODE_KEY)) {
        nodes.add(node(KeyValues.of(List.of(line.split(" ", -1)))));
      } else {
        header.add(line);
      }
    }
    KeyValues values = KeyValues.of(header);
    Epoch epoch = new Epoch((int) values.number("epoch", 1, MAX_U32));
    return new EpochRecord(epoch, new SheepTime(values.hex("time")), nodes);
  }

  private static EpochNode node(KeyValues values) throws FormatException {
    NodeEntry entry =
        new NodeEntry(
            address(values.text("node")),
            address(values.text("io")),
            (int) values.number("vnodes", 0, 0xffff),
            (int) values.number("zone", 0, MAX_U32),
            values.hex("space"));
    return new EpochNode(entry, values.hex("store"));
  }

  private static NodeAddress address(String text) throws FormatException {
    try {
      return NodeAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw new FormatException("node address " + text + " is malformed: " + e.getMessage());
    }
  }

  /** Replaces the file atomically; durable on return. */
  static void write(Disk disk, Path file, EpochRecord record) throws IOException {
    List<String> lines = new ArrayList<>();
    lines.add("epoch=" + record.epoch());
    lines.add(String.format("time=%016x", record.time().wire()));
    for (EpochNode node : record.nodes()) {
      NodeEntry entry = node.node();
      lines.add(
          String.format(
              "node=%s io=%s vnodes=%d zone=%d space=%016x store=%016x",
              entry.address(),
              entry.ioAddress(),
              entry.vnodes(),
              entry.zoneUnsigned(),
              entry.space(),
              node.storeId()));
    }
    AtomicFile.replace(disk, file, CheckedText.encode(TITLE, lines));
  }
}
