package io.sheepdog.daemon.store;

import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.ObjectId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Removes every object of one stripe and its copies that were set aside. Foreign files stay.
 * Belongs to that stripe.
 */
final class StripeWipe {
  private final Disk disk;
  private final StoreLayout layout;
  private final Predicate<ObjectId> mine;
  private final OpenObjects open;
  private final Faults faults;

  StripeWipe(
      Disk disk, StoreLayout layout, Predicate<ObjectId> mine, OpenObjects open, Faults faults) {
    this.disk = disk;
    this.layout = layout;
    this.mine = mine;
    this.open = open;
    this.faults = faults;
  }

  /**
   * Unlinks; the directories are not synced.
   *
   * @param gone the objects whose dirty marks may go once they are
   */
  StoreStatus wipe(Collection<ObjectId> gone) {
    try {
      open.closeAll();
      delete(layout.stale(), name -> StoreLayout.parseAside(name).map(StoreLayout.Aside::oid));
      gone.addAll(delete(layout.objects(), StoreLayout::parseObject));
      return StoreStatus.OK;
    } catch (IOException e) {
      faults.failed(StoreEvent.IO_FAILED, "wipe", "all", e);
      return StoreStatus.IO_ERROR;
    }
  }

  private List<ObjectId> delete(Path directory, Function<String, Optional<ObjectId>> parse)
      throws IOException {
    List<ObjectId> deleted = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        Optional<ObjectId> oid = parse.apply(file.getFileName().toString()).filter(mine);
        if (oid.isPresent()) {
          disk.delete(file);
          deleted.add(oid.get());
        }
      }
    }
    return deleted;
  }
}
