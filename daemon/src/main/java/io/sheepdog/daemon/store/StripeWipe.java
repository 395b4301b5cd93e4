package io.sheepdog.daemon.store;

import io.sheepdog.core.spi.StoreStatus;
import io.sheepdog.protocol.id.ObjectId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Removes every object of one stripe and its copies that were set aside. Foreign files stay.
 * Belongs to that stripe.
 */
final class StripeWipe {
  private final StoreLayout layout;
  private final Predicate<ObjectId> mine;
  private final OpenObjects open;
  private final DirtyLog dirtyLog;
  private final Faults faults;

  StripeWipe(
      StoreLayout layout,
      Predicate<ObjectId> mine,
      OpenObjects open,
      DirtyLog dirtyLog,
      Faults faults) {
    this.layout = layout;
    this.mine = mine;
    this.open = open;
    this.dirtyLog = dirtyLog;
    this.faults = faults;
  }

  StoreStatus wipe() {
    try {
      open.closeAll();
      delete(layout.stale(), name -> StoreLayout.parseAside(name).map(StoreLayout.Aside::oid));
      dirtyLog.markClean(delete(layout.objects(), StoreLayout::parseObject));
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
          Files.deleteIfExists(file);
          deleted.add(oid.get());
        }
      }
    }
    return deleted;
  }
}
