package io.sheepdog.core.vdi;

import io.sheepdog.core.cluster.ClusterEvent.ReserveKind;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.protocol.id.VdiId;

/**
 * A vid that was picked and whose inode is being written.
 *
 * @param kind how the new VDI comes about
 * @param originator member that writes the inode and then commits or aborts; when it leaves, the
 *     oldest member takes over
 * @param frozen head that takes no writes meanwhile (R11), NONE if there is none
 */
public record Reservation(ReserveKind kind, MemberId originator, VdiId frozen) {
  /** The same reservation in the care of another member. */
  public Reservation withOriginator(MemberId member) {
    return new Reservation(kind, member, frozen);
  }
}
