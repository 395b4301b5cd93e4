package io.sheepdog.core.sim.client;

import io.netty.buffer.Unpooled;
import io.sheepdog.core.sim.check.DiskHistory;
import io.sheepdog.core.sim.check.DiskHistory.PendingWrite;
import io.sheepdog.core.sim.check.SnapshotRecord;
import io.sheepdog.core.sim.client.Requests.Outgoing;
import io.sheepdog.core.sim.net.Message.Answer;
import io.sheepdog.protocol.ClusterFlags;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.ClusterBody;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.VdiReply;
import io.sheepdog.protocol.message.VdiStateBody;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The admin tool: every command is a few control requests, one after the other; it gives up at the
 * first that fails.
 */
public final class SimAdmin {
  private static final int TAG_OFFSET = 256;
  private static final int TAG_SIZE = 256;

  private final ClientHost host;

  /**
   * @param host where it runs
   */
  public SimAdmin(ClientHost host) {
    this.host = host;
  }

  /** {@code cluster format}. */
  public CompletableFuture<Boolean> format(long creationTime, int copies) {
    return format(creationTime, copies, 0);
  }

  /** The same with more flags ({@code -t}); virtual nodes by the sizes of the disks. */
  public CompletableFuture<Boolean> format(long creationTime, int copies, int flags) {
    return formatExactly(creationTime, copies, flags | ClusterFlags.AUTO_VNODES);
  }

  /** The same with no other flags than these. */
  public CompletableFuture<Boolean> formatExactly(long creationTime, int copies, int flags) {
    byte[] store = Arrays.copyOf("plain".getBytes(StandardCharsets.US_ASCII), 6);
    Request request =
        Request.of(
            Opcode.MAKE_FS,
            RequestFlags.WRITE,
            store.length,
            ClusterBody.format(creationTime, copies, 0, flags, Geometry.OBJECT_SHIFT));
    return host.control(new Outgoing(request, store)).thenApply(SimAdmin::succeeded);
  }

  /** {@code vdi create}. */
  public CompletableFuture<Boolean> create(String name, long size) {
    return host.control(Requests.newVdi(name, size, VdiId.NONE, 0, 0))
        .thenApply(SimAdmin::succeeded);
  }

  /**
   * {@code vdi snapshot -s TAG}, of a running machine or not; null unless the cluster said that it
   * is there.
   *
   * @param onTagUnknown runs if the tag's write got no answer: it may be carried out later, and the
   *     next snapshot would get this tag
   */
  public CompletableFuture<@Nullable SnapshotRecord> snapshot(
      String name, String tag, long size, DiskHistory history, Runnable onTagUnknown) {
    return header(name, "")
        .thenCompose(
            header -> {
              if (header == null) {
                return none();
              }
              byte[] field = Arrays.copyOf(tag.getBytes(StandardCharsets.US_ASCII), TAG_SIZE);
              return host.control(
                      Requests.write(ObjectId.inode(header.vdiId()), TAG_OFFSET, field, 0))
                  .thenCompose(
                      written -> {
                        if (written.isEmpty()) {
                          onTagUnknown.run();
                        }
                        return succeeded(written)
                            ? takeSnapshot(name, tag, size, header.vdiId(), history)
                            : none();
                      });
            });
  }

  private CompletableFuture<@Nullable SnapshotRecord> takeSnapshot(
      String name, String tag, long size, VdiId vid, DiskHistory history) {
    long requested = host.now();
    return host.control(Requests.newVdi(name, size, vid, 0, 1))
        .thenApply(
            answer ->
                succeeded(answer)
                    ? new SnapshotRecord(
                        history, tag, vid, requested, host.now(), host.violations())
                    : null);
  }

  /** {@code vdi clone -s TAG NAME NEW}. */
  public CompletableFuture<Boolean> cloneVdi(String name, String tag, String newName, long size) {
    return header(name, tag)
        .thenCompose(
            header ->
                header == null
                    ? CompletableFuture.completedFuture(false)
                    : host.control(Requests.newVdi(newName, size, header.vdiId(), 0, 0))
                        .thenApply(SimAdmin::succeeded));
  }

  /** {@code vdi delete [-s TAG]}; the code, or null when nobody answered. */
  public CompletableFuture<@Nullable ResultCode> delete(String name, String tag) {
    return host.control(Requests.delete(name, tag))
        .thenApply(answer -> answer.isEmpty() ? null : answer.get().header().resultCode());
  }

  /** {@code vdi alter-copy}; the code, or null when nobody answered. */
  public CompletableFuture<@Nullable ResultCode> alterCopies(String name, int copies) {
    return header(name, "")
        .thenCompose(
            header -> {
              if (header == null) {
                return none();
              }
              Request request =
                  Request.of(
                      Opcode.ALTER_VDI_COPY,
                      new VdiStateBody(VdiId.NONE, header.vdiId(), copies, false, 0, 0));
              return host.control(new Outgoing(request, new byte[0])).thenApply(SimAdmin::codeOf);
            });
  }

  /** {@code cluster alter-copy}; the code, or null when nobody answered. */
  public CompletableFuture<@Nullable ResultCode> alterDefaultCopies(int copies) {
    Request request = Request.of(Opcode.ALTER_CLUSTER_COPY, ClusterBody.copies(copies));
    return host.control(new Outgoing(request, new byte[0])).thenApply(SimAdmin::codeOf);
  }

  /** {@code cluster reweight}; the code, or null when nobody answered. */
  public CompletableFuture<@Nullable ResultCode> reweigh() {
    Request request = Request.of(Opcode.REWEIGHT, RawBody.EMPTY);
    return host.control(new Outgoing(request, new byte[0])).thenApply(SimAdmin::codeOf);
  }

  /** {@code node vnodes set}; the code, or null when nobody answered. */
  public CompletableFuture<@Nullable ResultCode> setVnodes(NodeAddress node, int vnodes) {
    byte[] number = {(byte) vnodes, (byte) (vnodes >> 8), 0, 0};
    Request request =
        Request.of(Opcode.SET_VNODES, RequestFlags.WRITE, number.length, RawBody.EMPTY);
    return host.controlAt(node, new Outgoing(request, number)).thenApply(SimAdmin::codeOf);
  }

  private static @Nullable ResultCode codeOf(Optional<Answer> answer) {
    return answer.isEmpty() ? null : answer.get().header().resultCode();
  }

  /** {@code vdi lock unlock}: ends a lock, whoever holds it. */
  public CompletableFuture<Boolean> forceRelease(String name) {
    return header(name, "")
        .thenCompose(
            header ->
                header == null
                    ? CompletableFuture.completedFuture(false)
                    : host.control(Requests.endLock(header.vdiId()))
                        .thenApply(SimAdmin::succeeded));
  }

  /**
   * {@code vdi write} of one block, without a lock; into an object that the VDI owns already, else
   * nothing.
   */
  public void writeUnattached(
      String name, Geometry geometry, int block, long value, DiskHistory history) {
    int object = geometry.objectOf(block);
    inode(name, "", geometry)
        .thenAccept(
            inode -> {
              if (inode == null || !inode.isOwn(object) || !history.isSurelyHeldByOtherThan(this)) {
                return;
              }
              PendingWrite write = history.invoke(this, value, block);
              host.control(inode.writeData(object, geometry.offsetOf(block), geometry.fill(value)))
                  .thenAccept(
                      answer -> {
                        if (succeeded(answer)) {
                          history.acknowledged(write);
                        } else {
                          history.failed(write);
                        }
                      });
            });
  }

  /**
   * Writes one block of an object that the VDI owns already, without a lock; the code, or null when
   * nobody answered.
   */
  public CompletableFuture<@Nullable ResultCode> writeBlock(
      NodeAddress node, String name, Geometry geometry, int block, long value) {
    return inodeAt(node, name, "", geometry)
        .thenCompose(
            inode -> {
              if (inode == null) {
                return none();
              }
              Outgoing write =
                  inode.writeData(
                      geometry.objectOf(block), geometry.offsetOf(block), geometry.fill(value));
              return host.controlAt(node, write).thenApply(SimAdmin::codeOf);
            });
  }

  /**
   * Reads a whole disk or snapshot block by block through the given daemon; null when something
   * could not be read.
   */
  public CompletableFuture<long @Nullable []> readAll(
      NodeAddress node, String name, String tag, Geometry geometry) {
    return inodeAt(node, name, tag, geometry)
        .thenCompose(
            inode -> {
              if (inode == null) {
                return CompletableFuture.completedFuture(null);
              }
              long[] values = new long[geometry.blocks()];
              return readFrom(node, inode, geometry, 0, values);
            });
  }

  /**
   * Reads one block; empty when there is no copy of its object, 0 when it was never written.
   *
   * @return null when something else went wrong
   */
  public CompletableFuture<@Nullable OptionalLong> readBlock(
      NodeAddress node, String name, Geometry geometry, int block) {
    return inodeAt(node, name, "", geometry)
        .thenCompose(
            inode -> {
              int object = geometry.objectOf(block);
              if (inode == null) {
                return none();
              }
              if (!inode.isAllocated(object)) {
                return CompletableFuture.completedFuture(OptionalLong.of(0));
              }
              return host.controlAt(
                      node, inode.readData(object, geometry.offsetOf(block), geometry.blockSize()))
                  .thenApply(
                      answer -> {
                        if (succeeded(answer)) {
                          byte[] bytes = answer.orElseThrow().payload();
                          return OptionalLong.of(Geometry.valueOf(bytes, 0, bytes.length));
                        }
                        boolean isLost =
                            answer.isPresent()
                                && answer.get().header().resultCode() == ResultCode.NO_OBJ;
                        return isLost ? OptionalLong.empty() : null;
                      });
            });
  }

  private CompletableFuture<long @Nullable []> readFrom(
      NodeAddress node, QemuInode inode, Geometry geometry, int block, long[] values) {
    int next = block;
    while (next < values.length && !inode.isAllocated(geometry.objectOf(next))) {
      next++;
    }
    if (next == values.length) {
      return CompletableFuture.completedFuture(values);
    }
    int current = next;
    Outgoing read =
        inode.readData(
            geometry.objectOf(current), geometry.offsetOf(current), geometry.blockSize());
    return host.controlAt(node, read)
        .thenCompose(
            answer -> {
              if (!succeeded(answer)) {
                return CompletableFuture.completedFuture(null);
              }
              byte[] bytes = answer.orElseThrow().payload();
              values[current] = Geometry.valueOf(bytes, 0, bytes.length);
              return readFrom(node, inode, geometry, current + 1, values);
            });
  }

  /** Looks a VDI up: the code, or null when nobody answered. */
  public CompletableFuture<@Nullable ResultCode> lookup(String name, String tag) {
    return host.control(Requests.info(name, tag))
        .thenApply(answer -> answer.isEmpty() ? null : answer.get().header().resultCode());
  }

  /** Null, too, when it was deleted between the two requests: then an empty header is read. */
  private CompletableFuture<@Nullable InodeHeader> header(String name, String tag) {
    return host.control(Requests.info(name, tag))
        .thenCompose(
            info ->
                succeeded(info)
                    ? host.control(
                            Requests.read(ObjectId.inode(vid(info)), 0, InodeLayout.HEADER_SIZE, 0))
                        .thenApply(
                            read -> {
                              InodeHeader header =
                                  succeeded(read)
                                      ? InodeHeader.decode(
                                          Unpooled.wrappedBuffer(read.orElseThrow().payload()))
                                      : null;
                              boolean same = header != null && header.vdiId().equals(vid(info));
                              return same ? header : null;
                            })
                    : none());
  }

  private CompletableFuture<@Nullable QemuInode> inode(String name, String tag, Geometry geometry) {
    return read(host.control(Requests.info(name, tag)), null, geometry);
  }

  private CompletableFuture<@Nullable QemuInode> inodeAt(
      NodeAddress node, String name, String tag, Geometry geometry) {
    return read(host.controlAt(node, Requests.info(name, tag)), node, geometry);
  }

  private CompletableFuture<@Nullable QemuInode> read(
      CompletableFuture<Optional<Answer>> lookup, @Nullable NodeAddress node, Geometry geometry) {
    return lookup.thenCompose(
        info -> {
          if (!succeeded(info)) {
            return none();
          }
          Outgoing read =
              Requests.read(ObjectId.inode(vid(info)), 0, QemuInode.size(geometry.objects()), 0);
          return (node == null ? host.control(read) : host.controlAt(node, read))
              .thenApply(
                  answer ->
                      succeeded(answer)
                          ? QemuInode.parse(answer.orElseThrow().payload(), geometry.objects(), 0)
                          : null);
        });
  }

  private static VdiId vid(Optional<Answer> answer) {
    return ((VdiReply) answer.orElseThrow().header().body()).vdiId();
  }

  private static boolean succeeded(Optional<Answer> answer) {
    return answer.isPresent() && answer.get().header().isSuccess();
  }

  private static <T> CompletableFuture<@Nullable T> none() {
    return CompletableFuture.completedFuture(null);
  }

  /** Its process and address. */
  public ClientHost host() {
    return host;
  }

  @Override
  public String toString() {
    return host.toString();
  }
}
