package io.sheepdog.core.lock;

import io.sheepdog.core.cluster.ClusterEvent.LockKind;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.payload.SheepTime;
import java.util.Set;

/**
 * A lock of a working VDI.
 *
 * @param head the working vid it protects now
 * @param lineage all vids that were the head while it was held ({@code head} included): RELEASE of
 *     any of them ends it
 * @param gateway member through which the client reaches the cluster
 * @param gatewayAddress that member's address, as {@code vm list} shows it
 * @param orphaned the gateway died; a grace period runs in which a connection of {@code client} may
 *     attach elsewhere
 * @param client address of the client as text
 * @param generation rises with every grant and move in the cluster; no write begins under an older
 *     one
 * @param kind how it is held
 * @param since when it was granted
 */
public record VdiLock(
    VdiId head,
    Set<VdiId> lineage,
    MemberId gateway,
    NodeAddress gatewayAddress,
    boolean orphaned,
    String client,
    long generation,
    LockKind kind,
    SheepTime since) {
  public VdiLock {
    lineage = Set.copyOf(lineage);
  }

  /**
   * Whether that client may delete the VDI or move its head (R13). A lock that an administrator
   * holds has no program that could mean to, and one that reaches the VDI as a plain block device
   * cannot: it must be released first.
   */
  public boolean allowsChangesBy(String address) {
    return kind != LockKind.HELD && kind != LockKind.ATTACHED && client.equals(address);
  }
}
