package io.sheepdog.daemon.store;

import java.io.IOException;

/** The syncs of the two object directories, each shared by all stripes. Thread-safe. */
final class StoreDirectories {
  private final GroupCommit objects;
  private final GroupCommit stale;

  StoreDirectories(Disk disk, StoreLayout layout) {
    objects = new GroupCommit(() -> disk.syncDirectory(layout.objects()));
    stale = new GroupCommit(() -> disk.syncDirectory(layout.stale()));
  }

  void syncObjects() throws IOException {
    objects.sync();
  }

  void syncStale() throws IOException {
    stale.sync();
  }
}
