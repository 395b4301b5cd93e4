package io.sheepdog.daemon.store;

import io.netty.buffer.PooledByteBufAllocator;
import io.sheepdog.protocol.id.ObjectId;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** The stripes of a store and which of them an object belongs to. */
final class Stripes {
  private final List<Stripe> stripes = new ArrayList<>();
  private final int count;

  Stripes(
      StoreOptions options,
      Disk disk,
      StoreLayout layout,
      DirtyLog dirtyLog,
      SpaceGuard guard,
      DiskPulse pulse,
      DiskHealth health)
      throws IOException {
    count = options.stripes();
    StoreDirectories directories = new StoreDirectories(disk, layout);
    for (int i = 0; i < count; i++) {
      int number = i;
      Faults faults = new Faults(Files.getFileStore(layout.objects()), health);
      List<ObjectId> dirty =
          dirtyLog.objects().stream().filter(oid -> indexOf(oid) == number).toList();
      OpenObjects open =
          new OpenObjects(
              disk, layout, options.openFiles() / count, faults, dirty, dirtyLog::isDirty);
      ObjectFiles files =
          new ObjectFiles(
              disk, layout, faults, open, guard, dirtyLog, PooledByteBufAllocator.DEFAULT);
      StripeWipe wiper = new StripeWipe(disk, layout, oid -> indexOf(oid) == number, open, faults);
      Batch batch = new Batch(files, open, dirtyLog, faults, directories, wiper, guard);
      stripes.add(new Stripe("store-" + number, batch, open, faults, pulse));
    }
  }

  void start() {
    stripes.forEach(Stripe::start);
  }

  int count() {
    return count;
  }

  /** Number of the stripe of an object: spread so that neighbours in a VDI differ. */
  int indexOf(ObjectId oid) {
    long mixed = oid.value() * 0x9e3779b97f4a7c15L;
    return (int) Long.remainderUnsigned(mixed >>> Integer.SIZE, count);
  }

  Stripe of(ObjectId oid) {
    return stripes.get(indexOf(oid));
  }

  Stripe at(int number) {
    return stripes.get(number);
  }

  /** Works off all queues, syncs and ends the threads. */
  void close() {
    stripes.forEach(Stripe::close);
    stripes.forEach(Stripe::awaitEnd);
  }
}
