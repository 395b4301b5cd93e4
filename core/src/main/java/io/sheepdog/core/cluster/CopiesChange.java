package io.sheepdog.core.cluster;

import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.VdiId;

/**
 * The number of copies of a VDI's objects was changed, or of what belongs to no VDI.
 *
 * @param vid whose objects, NONE for attributes, tombstones, and VDIs that do not say
 * @param epoch the first epoch with the new number
 * @param before copies in earlier epochs, 1..31
 * @param after copies from then on, 1..31
 * @param written whether the inode says so, durably on all its replicas
 */
public record CopiesChange(VdiId vid, Epoch epoch, int before, int after, boolean written) {
  CopiesChange asWritten() {
    return new CopiesChange(vid, epoch, before, after, true);
  }
}
