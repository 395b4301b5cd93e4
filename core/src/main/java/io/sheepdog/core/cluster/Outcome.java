package io.sheepdog.core.cluster;

import io.sheepdog.core.lock.VdiLock;
import io.sheepdog.core.vdi.VdiEntry;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.VdiId;

/** What applying an event decided; the same on every node, of interest to the originator. */
public sealed interface Outcome {
  /** Applied. */
  record Done() implements Outcome {}

  /** Nothing was changed; the code says why. */
  record Refused(ResultCode code) implements Outcome {}

  /**
   * A vid was reserved.
   *
   * @param entry the reserved entry (name, vid, snapshot id, parent, ...)
   * @param previousHead vid that stops being the head when it is committed, NONE if there is none
   */
  record Reserved(VdiEntry entry, VdiId previousHead) implements Outcome {}

  /** A lock was granted or moved. */
  record Locked(VdiLock lock) implements Outcome {}
}
