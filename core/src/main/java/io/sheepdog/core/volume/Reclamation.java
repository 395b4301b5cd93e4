package io.sheepdog.core.volume;

import io.sheepdog.protocol.id.VdiId;
import java.util.concurrent.CompletionStage;

/** Gives back objects that no inode names any more; derived from the inodes, never counted (R8). */
public interface Reclamation {
  /**
   * An index entry stopped naming an object, and that change is durable on all replicas of the
   * inode. Removes the object if no live inode of the family names it. Completes when that is done
   * or was found unnecessary; a failed removal leaves an unnamed object for a later sweep and is
   * not an error.
   *
   * @param inodeOwner vid whose index changed
   * @param objectOwner vid that the entry named before
   * @param index number of the entry
   * @param generation of the lock under which the index was written: the removal of an object of
   *     the VDI itself is refused once somebody else holds the lock, for he may have created it
   *     again (R12)
   */
  CompletionStage<Void> dropped(VdiId inodeOwner, VdiId objectOwner, long index, long generation);
}
