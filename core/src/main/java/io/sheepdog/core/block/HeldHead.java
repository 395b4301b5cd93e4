package io.sheepdog.core.block;

import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.id.VdiId;

/**
 * The vid that a volume writes to. A snapshot gives the working VDI a new one; the lock goes with
 * it, so whoever holds the lock finds it there (R11, R12).
 */
final class HeldHead {
  private final BlockHost host;
  private final long generation;
  private VdiId vid;

  HeldHead(BlockHost host, VdiLock lock) {
    this.host = host;
    this.generation = lock.generation();
    this.vid = lock.head();
  }

  VdiId vid() {
    return vid;
  }

  /** Bytes of the VDI now: it may have grown since it was opened. */
  long size() {
    VdiEntry entry = host.state().directory().entry(vid);
    return entry == null ? Long.MAX_VALUE : entry.size();
  }

  /** Whether somebody ended the lock: what this volume knows of the index may be the past. */
  boolean isLost() {
    return host.state().locks().ofGeneration(generation) == null;
  }

  /**
   * A request to {@code used} was refused because that is a snapshot now.
   *
   * @return whether there is a newer vid to send it to
   */
  boolean follow(VdiId used) {
    if (!vid.equals(used)) {
      return true;
    }
    VdiLock lock = host.state().locks().ofGeneration(generation);
    if (lock == null || lock.head().equals(used)) {
      return false;
    }
    vid = lock.head();
    return true;
  }
}
