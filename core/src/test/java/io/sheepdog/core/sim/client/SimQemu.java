package io.sheepdog.core.sim.client;

import io.sheepdog.core.sim.check.DiskHistory;
import io.sheepdog.core.sim.check.DiskHistory.PendingWrite;
import io.sheepdog.core.sim.check.SnapshotRecord;
import io.sheepdog.core.sim.net.Message.Answer;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeLayout;
import io.sheepdog.protocol.message.VdiReply;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A virtual machine with one disk: QEMU 5.2's sheepdog driver under a guest that reads and writes a
 * few blocks. Never two requests touch the same object at once, except the index update after the
 * data.
 */
public final class SimQemu {
  /** How the life of this client ended. */
  public enum End {
    /** Still running. */
    NONE,
    /** Opening was refused with VDI_LOCKED. */
    LOCKED_OUT,
    /** It did all it had to do and released the lock. */
    CLOSED,
    /** A request failed: the guest saw an I/O error and stopped. */
    FAILED,
    /** Killed. */
    CRASHED
  }

  /**
   * How long a guest takes to go down; longer than anything of a client that it has displaced is
   * still on its way.
   */
  private static final long SHUTDOWN = 300_000_000L;

  private final ClientHost host;
  private final String name;
  private final Geometry geometry;
  private final DiskHistory history;
  private final RandomGenerator random;
  private final LongSupplier values;
  private final int cacheFlag;
  private final Runnable beforeRelease;
  private final QemuSocket socket;
  private final BitSet busy = new BitSet();

  /** Objects that are being created and that the index does not name yet. */
  private final BitSet creating = new BitSet();

  private @Nullable QemuInode inode;
  private int operationsLeft;
  private int running;
  private boolean snapshotting;
  private boolean shuttingDown;
  private boolean lockSent;
  private boolean snapshotUnsure;
  private End end = End.NONE;
  private String why = "";

  /**
   * @param history of the VDI, shared by all its clients
   * @param random seeded
   * @param values gives numbers that nobody has written before
   * @param operations what the guest does before it shuts down
   * @param writesThrough whether it never uses the write-back cache
   * @param beforeRelease runs a while before the lock is released
   */
  public SimQemu(
      ClientHost host,
      String name,
      Geometry geometry,
      DiskHistory history,
      RandomGenerator random,
      LongSupplier values,
      int operations,
      boolean writesThrough,
      Runnable beforeRelease) {
    this.host = host;
    this.beforeRelease = beforeRelease;
    this.name = name;
    this.geometry = geometry;
    this.history = history;
    this.random = random;
    this.values = values;
    this.operationsLeft = operations;
    this.cacheFlag =
        random.nextBoolean() && !writesThrough ? RequestFlags.CACHE : RequestFlags.DIRECT;
    this.socket = new QemuSocket(host, this::reload, this::mainConnectionBroke);
  }

  /** Connects, locks, reads the inode and starts the guest. */
  public void start() {
    socket.connect(this::lock);
  }

  private void lock() {
    lockSent = true;
    long asked = host.now();
    host.control(Requests.lock(name))
        .thenAccept(
            answer -> {
              if (answer.isEmpty()) {
                finish(End.FAILED, "connection broke during LOCK_VDI");
              } else if (answer.get().header().is(ResultCode.VDI_LOCKED)) {
                finish(End.LOCKED_OUT, "");
              } else if (!answer.get().header().isSuccess()) {
                finish(End.FAILED, "LOCK_VDI: " + answer.get().header().resultCode());
              } else {
                history.granted(this, asked);
                if (!socket.isConnected()) {
                  history.mayLose(this);
                }
                readInode(vidOf(answer.get()));
              }
            });
  }

  private void mainConnectionBroke() {
    history.mayLose(this);
    if (!lockSent) {
      finish(End.FAILED, "no connection");
    }
  }

  private static VdiId vidOf(Answer answer) {
    return ((VdiReply) answer.header().body()).vdiId();
  }

  private void readInode(VdiId vid) {
    int size = QemuInode.size(geometry.objects());
    host.control(Requests.read(ObjectId.inode(vid), 0, size, cacheFlag))
        .thenAccept(
            answer -> {
              if (answer.isEmpty() || !answer.get().header().isSuccess()) {
                finish(End.FAILED, "inode could not be read");
                return;
              }
              inode = QemuInode.parse(answer.get().payload(), geometry.objects(), cacheFlag);
              runGuest();
            });
  }

  /** Starts operations while there are some left and QEMU would take more. */
  private void runGuest() {
    while (end == End.NONE && !snapshotting && operationsLeft > 0 && running < 4) {
      int block = random.nextInt(geometry.blocks());
      if (busy.get(geometry.objectOf(block))) {
        break;
      }
      operationsLeft--;
      startOne(block);
    }
    if (end == End.NONE && operationsLeft == 0 && running == 0) {
      shutDown();
    }
  }

  private void startOne(int block) {
    int object = geometry.objectOf(block);
    int dice = random.nextInt(100);
    if (dice < 55) {
      write(block);
    } else if (dice < 85) {
      read(block);
    } else if (dice < 92 && own().isAllocated(object)) {
      discard(object);
    } else {
      flush();
    }
  }

  /** Whether it has created an object, or is about to, that its index does not name yet. */
  public boolean isCreating() {
    return !creating.isEmpty();
  }

  private QemuInode own() {
    QemuInode current = inode;
    if (current == null) {
      throw new IllegalStateException(this + " has not read its inode");
    }
    return current;
  }

  private void write(int block) {
    int object = geometry.objectOf(block);
    long value = values.getAsLong();
    byte[] data = geometry.fill(value);
    PendingWrite pending = history.invoke(this, value, block);
    host.violations().trace(() -> this + " writes " + value + " to block " + block);
    begin(object);
    if (!own().isOwn(object)) {
      creating.set(object);
    }
    VdiId[] owner = new VdiId[1];
    socket
        .submit(
            () -> {
              owner[0] = own().vid();
              return own().writeData(object, geometry.offsetOf(block), data);
            })
        .thenAccept(
            answer -> {
              if (!answer.header().isSuccess()) {
                failed(object, pending, answer);
              } else if (owner[0].equals(own().vid()) && own().isOwn(object)) {
                written(object, pending);
              } else {
                own().own(object, owner[0]);
                socket
                    .submit(() -> own().writeEntry(object))
                    .thenAccept(index -> indexed(object, pending, index));
              }
            });
  }

  private void indexed(int object, PendingWrite pending, Answer answer) {
    if (answer.header().isSuccess()) {
      written(object, pending);
    } else {
      failed(object, pending, answer);
    }
  }

  private void written(int object, PendingWrite pending) {
    creating.clear(object);
    history.acknowledged(pending);
    end(object);
  }

  private void failed(int object, PendingWrite pending, Answer answer) {
    creating.clear(object);
    history.failed(pending);
    end(object);
    guestError("write", answer);
  }

  /**
   * The guest saw an I/O error: that may only be because this client was fenced. NO_OBJ says so
   * when its vid was snapshotted and deleted before its lock ended: nothing is left there to go on
   * with.
   */
  private void guestError(String what, Answer answer) {
    ResultCode code = answer.header().resultCode();
    if (end != End.NONE) {
      return;
    }
    boolean fenced = code == ResultCode.VDI_LOCKED || code == ResultCode.NO_OBJ;
    boolean mayBeLost = code == ResultCode.EIO && what.equals("flush") && history.mayFlushFail();
    if (!mayBeLost && (!fenced || history.isSurelyHeldBy(this))) {
      host.violations().report("availability", this + ": " + what + " failed with " + code);
    }
    finish(End.FAILED, what + ": " + code);
  }

  private void read(int block) {
    int object = geometry.objectOf(block);
    if (!own().isAllocated(object)) {
      history.readBy(this, block, 0);
      continueGuest();
      return;
    }
    begin(object);
    socket
        .submit(() -> own().readData(object, geometry.offsetOf(block), geometry.blockSize()))
        .thenAccept(
            answer -> {
              if (!answer.header().isSuccess()) {
                guestError("read", answer);
              } else {
                long value = Geometry.valueOf(answer.payload(), 0, answer.payload().length);
                host.violations().trace(() -> this + " read " + value + " from block " + block);
                history.readBy(this, block, value);
              }
              end(object);
            });
  }

  private void discard(int object) {
    PendingWrite pending = history.invoke(this, 0, geometry.blocksOf(object));
    host.violations().trace(() -> this + " discards object " + object);
    begin(object);
    socket
        .submit(() -> own().discardEntry(object))
        .thenAccept(
            answer -> {
              if (answer.header().isSuccess()) {
                own().drop(object);
                written(object, pending);
              } else {
                failed(object, pending, answer);
              }
            });
  }

  private void flush() {
    running++;
    socket
        .submit(() -> own().flush())
        .thenAccept(
            answer -> {
              running--;
              if (answer.header().isSuccess()) {
                continueGuest();
              } else {
                guestError("flush", answer);
              }
            });
  }

  private void begin(int object) {
    busy.set(object);
    running++;
  }

  private void end(int object) {
    busy.clear(object);
    running--;
    continueGuest();
  }

  private void continueGuest() {
    host.after(random.nextLong(500_000), this::runGuest);
  }

  /** READONLY: looks for a newer working VDI of this name; tries again when a connection breaks. */
  private CompletableFuture<Void> reload(VdiId refused) {
    if (!refused.equals(own().vid())) {
      return CompletableFuture.completedFuture(null);
    }
    CompletableFuture<Void> result = new CompletableFuture<>();
    reload(result);
    return result;
  }

  private void reload(CompletableFuture<Void> result) {
    Consumer<Optional<Answer>> again =
        answer -> {
          if (answer.isPresent() && answer.get().header().is(ResultCode.NO_VDI)) {
            finish(End.FAILED, "the VDI is gone");
          } else {
            host.after(1_000_000_000L, () -> reload(result));
          }
        };
    host.control(Requests.info(name, ""))
        .thenAccept(
            info -> {
              if (info.isEmpty() || !info.get().header().isSuccess()) {
                again.accept(info);
                return;
              }
              ObjectId oid = ObjectId.inode(vidOf(info.get()));
              host.control(Requests.read(oid, 0, InodeLayout.HEADER_SIZE, cacheFlag))
                  .thenAccept(
                      header -> {
                        if (header.isEmpty() || !header.get().header().isSuccess()) {
                          again.accept(header);
                        } else {
                          adoptHeader(header.get().payload());
                          result.complete(null);
                        }
                      });
            });
  }

  private void adoptHeader(byte[] header) {
    own().replaceHeader(header);
  }

  /**
   * {@code qemu-img snapshot -c} of the running machine: the guest stops, the tag goes into the
   * header, NEW_VDI, and on with the new vid.
   *
   * @param onTaken told of a snapshot that the server says exists
   */
  public void snapshot(String tag, Consumer<SnapshotRecord> onTaken) {
    if (end != End.NONE || inode == null || snapshotting || shuttingDown || snapshotUnsure) {
      return;
    }
    snapshotting = true;
    whenIdle(() -> writeTag(tag, onTaken));
  }

  private void whenIdle(Runnable action) {
    if (end != End.NONE) {
      return;
    }
    if (running == 0) {
      action.run();
    } else {
      host.after(200_000, () -> whenIdle(action));
    }
  }

  private void writeTag(String tag, Consumer<SnapshotRecord> onTaken) {
    byte[] header = Requests.encode(own().header().withTag(tag));
    VdiId vid = own().vid();
    host.control(Requests.write(ObjectId.inode(vid), 0, header, 0))
        .thenAccept(
            written -> {
              if (written.isEmpty() || !written.get().header().isSuccess()) {
                resumeAfterSnapshot();
                return;
              }
              newVid(vid, tag, onTaken);
            });
  }

  private void newVid(VdiId vid, String tag, Consumer<SnapshotRecord> onTaken) {
    long requested = host.now();
    host.control(Requests.newVdi(name, geometry.diskSize(), vid, own().header().copies(), 1))
        .thenAccept(
            answer -> {
              if (answer.isEmpty() || !answer.get().header().isSuccess()) {
                // nobody knows whether vid is the head still: another snapshot of it might be a
                // branch
                snapshotUnsure = true;
                resumeAfterSnapshot();
                return;
              }
              onTaken.accept(
                  new SnapshotRecord(history, tag, vid, requested, host.now(), host.violations()));
              host.control(
                      Requests.read(
                          ObjectId.inode(vidOf(answer.get())), 0, InodeLayout.HEADER_SIZE, 0))
                  .thenAccept(
                      header -> {
                        if (header.isPresent() && header.get().header().isSuccess()) {
                          adoptHeader(header.get().payload());
                        } else {
                          snapshotUnsure = true;
                        }
                        resumeAfterSnapshot();
                      });
            });
  }

  private void resumeAfterSnapshot() {
    snapshotting = false;
    runGuest();
  }

  private void shutDown() {
    if (!shuttingDown) {
      shuttingDown = true;
      beforeRelease.run();
      host.after(
          SHUTDOWN,
          () -> {
            if (end == End.NONE) {
              history.mayLose(this);
              finishWith(End.CLOSED, "");
              host.control(Requests.release(name, own().vid()));
            }
          });
    }
  }

  private void finish(End how, String reason) {
    if (end == End.NONE) {
      finishWith(how, reason);
    }
  }

  private void finishWith(End how, String reason) {
    end = how;
    why = reason;
    host.violations().trace(() -> this + " ends: " + how + " " + reason);
    socket.close();
    history.ended(this);
  }

  /** Killed with all its connections; the network is told by the caller. */
  public void crashed() {
    if (end == End.NONE) {
      end = End.CRASHED;
    }
    history.ended(this);
  }

  /** Something outside may have ended its lock. */
  public void mayHaveLostLock() {
    history.mayLose(this);
  }

  /** How it ended, if it did. */
  public End end() {
    return end;
  }

  /** Why it ended. */
  public String why() {
    return why;
  }

  /** Whether it has the lock and works. */
  public boolean isWorking() {
    return end == End.NONE && inode != null;
  }

  /** The vid that it writes now; null before it has read its inode. */
  public @Nullable VdiId vid() {
    return inode == null ? null : inode.vid();
  }

  /** Its process and address. */
  public ClientHost host() {
    return host;
  }

  @Override
  public String toString() {
    return host.toString() + "/" + name;
  }
}
