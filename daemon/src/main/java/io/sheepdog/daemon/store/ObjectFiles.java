package io.sheepdog.daemon.store;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.sheepdog.core.spi.CopyOutcome;
import io.sheepdog.core.spi.DigestOutcome;
import io.sheepdog.core.spi.ObjectAttributes;
import io.sheepdog.core.spi.ObjectDigest;
import io.sheepdog.core.spi.ObjectStore.AttributesOutcome;
import io.sheepdog.core.spi.ReadOutcome;
import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The operations on object files, without their directory syncs and dirty marks: {@link Stripe}
 * adds those for many at once. Belongs to one stripe. No method throws: an error of the file system
 * is a status and a log event.
 */
final class ObjectFiles {
  static final ObjectAttributes NONE = new ObjectAttributes(0, 1, 0, Epoch.ZERO);

  private final Disk disk;
  private final StoreLayout layout;
  private final Faults faults;
  private final OpenObjects open;
  private final SpaceGuard guard;
  private final DirtyLog dirtyLog;
  private final ByteBufAllocator allocator;
  private final SummedUp summedUp = new SummedUp();
  private final DirectWrites directWrites;
  private final ObjectCopy copies;

  /** What an object is read through for its checksums. */
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(256 << 10);

  ObjectFiles(
      Disk disk,
      StoreLayout layout,
      Faults faults,
      OpenObjects open,
      SpaceGuard guard,
      DirtyLog dirtyLog,
      ByteBufAllocator allocator) {
    this.dirtyLog = dirtyLog;
    this.disk = disk;
    this.layout = layout;
    this.faults = faults;
    this.open = open;
    this.guard = guard;
    this.allocator = allocator;
    directWrites = new DirectWrites(disk);
    copies = new ObjectCopy(disk, faults, scratch);
  }

  ReadOutcome read(ObjectId oid, long offset, int length) {
    if (open.isSuspect(oid)) {
      return ReadOutcome.failed(StoreStatus.IO_ERROR);
    }
    try {
      OpenObject file = open.get(oid);
      StripeSums sums = file.sums();
      if (sums == null || !file.covers(offset, length)) {
        return read(file, offset, length);
      }
      sums.expire(System.nanoTime());
      if (sums.areUnverified()) {
        verify(oid, file, sums, offset, length);
      }
      ReadOutcome read = read(file, offset, length);
      return read.status() == StoreStatus.OK ? verified(oid, file, sums, offset, read) : read;
    } catch (IOException e) {
      return ReadOutcome.failed(readStatus("read", oid, e));
    }
  }

  /** Reads a copy that was set aside; such files are not kept open. */
  ReadOutcome readAside(ObjectId oid, Epoch epoch, long offset, int length) {
    try {
      OpenObject file = OpenObject.open(disk, layout.aside(oid, epoch), false);
      try {
        return read(file, offset, length);
      } finally {
        file.close();
      }
    } catch (IOException e) {
      return ReadOutcome.failed(readStatus("read-aside", oid, e));
    }
  }

  /** Stripes that were read as a whole are looked at each time: their bytes are at hand. */
  private ReadOutcome verified(
      ObjectId oid, OpenObject file, StripeSums sums, long offset, ReadOutcome read) {
    ByteBuf data = read.data();
    long end = offset + data.readableBytes();
    boolean isDamaged = false;
    for (int i = sums.firstWithin(offset); i < sums.count() && sums.to(i) <= end; i++) {
      if (!sums.isKnown(i)) {
        continue;
      }
      int index = data.readerIndex() + (int) (sums.from(i) - offset);
      int length = (int) (sums.to(i) - sums.from(i));
      if (sums.matches(i, StripeSums.of(data.internalNioBuffer(index, length)))) {
        sums.setVerified(i);
      } else {
        isDamaged = true;
        setDamaged(oid, file, sums, i);
      }
    }
    if (!isDamaged) {
      return read;
    }
    data.release();
    noteDamage(oid, file);
    return ReadOutcome.failed(StoreStatus.DAMAGED);
  }

  /**
   * Looks at each stripe before somebody gets to see a part of it, once in a while: its other bytes
   * have to be read for that.
   */
  private void verify(ObjectId oid, OpenObject file, StripeSums sums, long offset, long length)
      throws IOException {
    boolean isDamaged = false;
    for (int i = sums.at(offset); i < sums.count() && sums.from(i) < offset + length; i++) {
      boolean isWithin = sums.from(i) >= offset && sums.to(i) <= offset + length;
      if (isWithin || !sums.isUnverified(i)) {
        continue;
      }
      if (sums.matches(i, file.sum(scratch, sums.from(i), sums.to(i)))) {
        sums.setVerified(i);
      } else {
        isDamaged = true;
        setDamaged(oid, file, sums, i);
      }
    }
    if (isDamaged) {
      noteDamage(oid, file);
    }
  }

  private static void setDamaged(ObjectId oid, OpenObject file, StripeSums sums, int stripe) {
    StoreEvent.OBJECT_DAMAGED.log(
        "object={} offset={} length={} file={}",
        oid,
        sums.from(stripe),
        sums.to(stripe) - sums.from(stripe),
        file.file());
    file.setDamaged(sums, stripe);
  }

  /**
   * Makes it durable, first with the file: while the object is dirty nothing else tells what is
   * wrong.
   */
  private void noteDamage(ObjectId oid, OpenObject file) {
    if (faults.isOver()) {
      return;
    }
    try {
      file.noteDamage();
      dirtyLog.markBeforeWrite(List.of(oid));
    } catch (IOException e) {
      // found again as long as the object is clean
      faults.statusOf("note-damage", oid, e);
    }
  }

  private ReadOutcome read(OpenObject file, long offset, int length) throws IOException {
    if (file.covers(offset, length) && file.isDamaged(offset, length)) {
      return ReadOutcome.failed(StoreStatus.DAMAGED);
    }
    return file.covers(offset, length)
        ? new ReadOutcome(StoreStatus.OK, file.read(allocator, offset, length))
        : ReadOutcome.failed(StoreStatus.OUT_OF_RANGE);
  }

  /**
   * Makes a copy durable, also what a process wrote that has died since, and sums it up.
   *
   * @param aside the epoch of a copy that was set aside, null for the present one
   */
  DigestOutcome digest(ObjectId oid, @Nullable Epoch aside) {
    try {
      return aside == null ? digest(oid) : digestAside(oid, aside);
    } catch (IOException e) {
      return DigestOutcome.failed(readStatus("digest", oid, e));
    }
  }

  private DigestOutcome digest(ObjectId oid) throws IOException {
    if (!open.syncAnyway(oid)) {
      return DigestOutcome.failed(StoreStatus.IO_ERROR);
    }
    OpenObject file = open.get(oid);
    StripeSums.Builder builder = new StripeSums.Builder(file.attributes().size());
    ObjectDigest digest = file.digest(scratch, builder);
    StripeSums now = builder.build();
    compare(oid, file, now);
    return new DigestOutcome(
        StoreStatus.OK, digest.withDamaged(file.damaged()), summedUp.note(oid, now));
  }

  /** Compares what an object has with what it had when it was marked clean. */
  private void compare(ObjectId oid, OpenObject file, StripeSums now) {
    StripeSums sums = file.sums();
    boolean isDamaged = false;
    for (int i = 0; sums != null && i < sums.count(); i++) {
      if (!sums.isKnown(i)) {
        continue;
      }
      if (sums.matches(i, now)) {
        sums.setVerified(i);
      } else {
        isDamaged = true;
        setDamaged(oid, file, sums, i);
      }
    }
    if (isDamaged) {
      noteDamage(oid, file);
    }
  }

  /**
   * Keeps the checksums of an object, durably, so that its dirty mark may go. On a full disk it is
   * clean without: then nobody notices should its bytes change.
   */
  StoreStatus keepSums(ObjectId oid) {
    StripeSums sums = summedUp.sums(oid);
    try {
      OpenObject file = open.get(oid);
      if (sums == null || !file.damaged().isEmpty()) {
        return StoreStatus.CHANGED;
      }
      if (!dirtyLog.isDirty(oid) && file.sums() != null) {
        return StoreStatus.OK;
      }
      return keepSums(oid, file, sums);
    } catch (IOException e) {
      return changeStatus("mark-clean", oid, e);
    }
  }

  private StoreStatus keepSums(ObjectId oid, OpenObject file, StripeSums sums) throws IOException {
    try {
      file.setClean(sums);
    } catch (IOException e) {
      StoreStatus status = changeStatus("mark-clean", oid, e);
      if (status != StoreStatus.NO_SPACE) {
        return status;
      }
      file.setClean(null);
    }
    return StoreStatus.OK;
  }

  private DigestOutcome digestAside(ObjectId oid, Epoch aside) throws IOException {
    OpenObject file = OpenObject.open(disk, layout.aside(oid, aside), false);
    try {
      if (!faults.isOver()) {
        file.sync();
      }
      StripeSums.Builder ignored = new StripeSums.Builder(file.attributes().size());
      ObjectDigest digest = file.digest(scratch, ignored).withDamaged(file.damaged());
      return new DigestOutcome(StoreStatus.OK, digest, SummedUp.NOTHING);
    } finally {
      file.close();
    }
  }

  AttributesOutcome attributes(ObjectId oid) {
    if (open.isSuspect(oid)) {
      return new AttributesOutcome(StoreStatus.IO_ERROR, NONE);
    }
    try {
      return new AttributesOutcome(StoreStatus.OK, open.get(oid).attributes());
    } catch (IOException e) {
      return new AttributesOutcome(readStatus("attributes", oid, e), NONE);
    }
  }

  /** A full disk does not make a read fail: what looks like it is another error. */
  private StoreStatus readStatus(String operation, ObjectId oid, IOException e) {
    StoreStatus status = faults.statusOf(operation, oid, e);
    return status == StoreStatus.NO_SPACE ? StoreStatus.IO_ERROR : status;
  }

  /** Applies a write to the page cache. */
  StoreStatus write(ObjectId oid, long offset, ByteBuf data) {
    summedUp.changes(oid);
    try {
      OpenObject file = open.get(oid);
      if (!file.covers(offset, data.readableBytes())) {
        return StoreStatus.OUT_OF_RANGE;
      }
      int damaged = file.damaged().cardinality();
      file.write(offset, data);
      if (file.damaged().cardinality() < damaged) {
        StoreEvent.OBJECT_REPAIRED.log(
            "object={} offset={} length={} blocks_left={} file={}",
            oid,
            offset,
            data.readableBytes(),
            file.damaged().cardinality(),
            file.file());
      }
      return StoreStatus.OK;
    } catch (IOException e) {
      return changeStatus("write", oid, e);
    }
  }

  /** Whether an object is as it was when {@link #digest} gave that version. */
  boolean isUnchanged(ObjectId oid, long version) {
    return summedUp.isUnchanged(oid, version);
  }

  /** What version the object has from now on, until it is changed. */
  long version(ObjectId oid) {
    return summedUp.note(oid, null);
  }

  /** Makes everything written to the object durable. */
  StoreStatus sync(ObjectId oid) {
    return open.sync(oid) ? StoreStatus.OK : StoreStatus.IO_ERROR;
  }

  /**
   * Whether there is room for an object: more than the reserve is left, or it may use that, or it
   * is here already and will be replaced.
   */
  boolean admits(Task.Create creation) {
    boolean fromReserve = creation.isCopy() && creation.oid().kind() == ObjectKind.INODE;
    return fromReserve || guard.admits(creation.data().readableBytes()) || isHere(creation.oid());
  }

  /** The same for a copy, which may be as large as the object is. */
  boolean admits(Task.Copy copy) {
    return guard.admits((int) Math.min(copy.attributes().size(), Integer.MAX_VALUE))
        || isHere(copy.oid());
  }

  /** Whether there is a file of that object. */
  boolean isHere(ObjectId oid) {
    return Files.exists(layout.object(oid));
  }

  /**
   * Makes a new object durable under its temporary name and renames it; an object of that name is
   * replaced. The directory is not synced.
   */
  StoreStatus create(Task.Create creation) {
    ObjectId oid = creation.oid();
    ObjectAttributes attributes = creation.attributes();
    long offset = creation.offset();
    ByteBuf data = creation.data();
    if (offset < 0 || offset > attributes.size() - data.readableBytes()) {
      return StoreStatus.OUT_OF_RANGE;
    }
    summedUp.changes(oid);
    Path file = layout.object(oid);
    Path temporary = StoreLayout.temporary(file);
    try {
      fill(temporary, creation);
      open.forget(oid);
      disk.rename(temporary, file);
      return StoreStatus.OK;
    } catch (IOException e) {
      discard(temporary, e);
      return writeStatus("create", oid, e);
    }
  }

  /** After an error of the disk nobody knows what is there. */
  private StoreStatus changeStatus(String operation, ObjectId oid, IOException e) {
    StoreStatus status = faults.statusOf(operation, oid, e);
    if (status == StoreStatus.IO_ERROR && faults.isOver()) {
      open.suspect(oid);
    }
    return status;
  }

  /**
   * Nothing that is created or moved can be "not there": a missing file means that the directory is
   * gone.
   */
  private StoreStatus writeStatus(String operation, ObjectId oid, IOException e) {
    StoreStatus status = changeStatus(operation, oid, e);
    if (status == StoreStatus.NO_OBJECT) {
      faults.failed(StoreEvent.IO_FAILED, operation, oid, e);
      return StoreStatus.IO_ERROR;
    }
    return status;
  }

  /** The same with what another object has, where the data is not. */
  CopyOutcome copy(Task.Copy task) {
    ObjectAttributes attributes = task.attributes();
    ObjectId oid = task.oid();
    if (task.offset() < 0 || task.offset() > attributes.size() - task.data().readableBytes()) {
      return CopyOutcome.failed(StoreStatus.OUT_OF_RANGE);
    }
    Path file = layout.object(oid);
    Path temporary = StoreLayout.temporary(file);
    ObjectId source = task.source();
    try {
      CopyOutcome outcome =
          copies.make(
              new ObjectCopy.Source(source, layout.object(source), !dirtyLog.isDirty(source)),
              new ObjectCopy.Target(
                  temporary, attributes, task.offset(), task.data(), task.isSummed()));
      if (outcome.status() == StoreStatus.OK) {
        summedUp.changes(oid);
        open.forget(oid);
        disk.rename(temporary, file);
      } else if (!faults.isOver() && Files.exists(temporary)) {
        disk.delete(temporary);
      }
      return outcome;
    } catch (IOException e) {
      discard(temporary, e);
      return CopyOutcome.failed(writeStatus("copy", oid, e));
    }
  }

  private void fill(Path temporary, Task.Create creation) throws IOException {
    ObjectAttributes attributes = creation.attributes();
    boolean isDirect = creation.isCopy() && directWrites.suit(temporary, creation);
    try (FileChannel channel = isDirect ? disk.createDirect(temporary) : disk.create(temporary)) {
      disk.extend(temporary, attributes.size());
      if (isDirect) {
        directWrites.write(channel, creation.data());
      } else {
        new OpenObject(disk, temporary, channel, attributes)
            .write(creation.offset(), creation.data());
      }
      ObjectXattr.write(disk, temporary, attributes);
      disk.syncAll(channel, temporary);
    }
  }

  private void discard(Path temporary, IOException cause) {
    try {
      if (!faults.isOver() && Files.exists(temporary)) {
        disk.delete(temporary);
      }
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  /** Unlinks; the directory is not synced. */
  StoreStatus remove(ObjectId oid) {
    summedUp.changes(oid);
    try {
      open.forget(oid);
      disk.delete(layout.object(oid));
      return StoreStatus.OK;
    } catch (IOException e) {
      return changeStatus("remove", oid, e);
    }
  }

  /** Syncs and moves a copy below {@code .stale}; the directories are not synced. */
  StoreStatus setAside(ObjectId oid, Epoch lastValid) {
    summedUp.changes(oid);
    if (!open.sync(oid)) {
      return StoreStatus.IO_ERROR;
    }
    try {
      open.forget(oid);
      disk.rename(layout.object(oid), layout.aside(oid, lastValid));
      return StoreStatus.OK;
    } catch (IOException e) {
      return changeStatus("set-aside", oid, e);
    }
  }

  /**
   * Moves a copy from below {@code .stale} back, with other attributes; the directories are not
   * synced. The attributes come first: as long as it is set aside nobody reads them.
   */
  StoreStatus takeBack(ObjectId oid, Epoch lastValid, ObjectAttributes attributes) {
    summedUp.changes(oid);
    Path file = layout.aside(oid, lastValid);
    try {
      OpenObject aside = OpenObject.open(disk, file, false);
      try {
        if (aside.attributes().size() != attributes.size()) {
          return StoreStatus.OUT_OF_RANGE;
        }
        ObjectXattr.write(disk, file, attributes);
        aside.syncAll();
      } finally {
        aside.close();
      }
      open.forget(oid);
      disk.rename(file, layout.object(oid));
      return StoreStatus.OK;
    } catch (IOException e) {
      return changeStatus("take-back", oid, e);
    }
  }

  /** Unlinks a copy that was set aside; the directory is not synced. */
  StoreStatus purge(ObjectId oid, Epoch lastValid) {
    try {
      disk.delete(layout.aside(oid, lastValid));
      return StoreStatus.OK;
    } catch (IOException e) {
      return faults.statusOf("purge", oid, e);
    }
  }
}
