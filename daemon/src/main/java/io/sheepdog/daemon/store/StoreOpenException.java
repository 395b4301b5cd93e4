package io.sheepdog.daemon.store;

/**
 * A directory cannot serve as store. The message is a sentence for the operator: what, why, what to
 * do. Nothing was changed on disk.
 */
public final class StoreOpenException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  StoreOpenException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  StoreOpenException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** What stands in the way. */
  public Reason reason() {
    return reason;
  }

  /** Why a store cannot be opened. */
  public enum Reason {
    /** The path does not exist and neither does its parent. */
    PARENT_MISSING,
    /** The path is a file or something else. */
    NOT_A_DIRECTORY,
    /** The directory cannot be written or read by this user, or its file system is read-only. */
    NOT_WRITABLE,
    /** The directory holds something that no store has. */
    FOREIGN_CONTENT,
    /** A store of the original C program. */
    ORIGINAL_LAYOUT,
    /** Another process holds the store's lock. */
    IN_USE,
    /** The file system has no user extended attributes. */
    NO_XATTRS,
    /** Written by a newer version of this program. */
    NEWER_FORMAT,
    /** {@code config} or an epoch log cannot be understood. */
    DAMAGED,
    /** The disk answered with an error. */
    DISK_ERROR
  }
}
