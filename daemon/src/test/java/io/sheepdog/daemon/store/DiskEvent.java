package io.sheepdog.daemon.store;

import io.sheepdog.core.spi.StoreStatus;

/**
 * What happened to a disk, and between its calls, to the store above it; in order. Paths are
 * relative to the directory that holds the store; a file keeps its number when it is renamed.
 */
sealed interface DiskEvent {
  record MakeDirectory(String path) implements DiskEvent {}

  record Create(String path, int file) implements DiskEvent {}

  record Rename(String from, String to) implements DiskEvent {}

  record Delete(String path) implements DiskEvent {}

  record Resize(int file, long size) implements DiskEvent {}

  @SuppressWarnings("ArrayRecordComponent") // nobody compares events
  record Data(int file, long position, byte[] bytes) implements DiskEvent {
    @Override
    public String toString() {
      return "Data[file=" + file + ", position=" + position + ", length=" + bytes.length + "]";
    }
  }

  record Attribute(int file, String name, String value) implements DiskEvent {}

  /**
   * A sync of a file.
   *
   * @param attributes false for fdatasync, which leaves extended attributes out
   */
  record SyncFile(int file, boolean attributes) implements DiskEvent {}

  record SyncDirectory(String path) implements DiskEvent {}

  /** The store is open. */
  record Opened(long storeId) implements DiskEvent {}

  /** An action was handed to the store; {@code number} is its place in the sequence. */
  record Submitted(int number) implements DiskEvent {}

  /** The store answered an action. */
  record Answered(int number, StoreStatus status) implements DiskEvent {}
}
