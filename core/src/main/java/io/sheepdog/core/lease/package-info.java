/**
 * Leases (R5): why a gateway that was paused or cut off cannot answer from the past. Start at
 * {@link io.sheepdog.core.lease.Leases}, which a node's {@link
 * io.sheepdog.core.membership.ClusterAgent} owns. Core loop only.
 *
 * <p>Two halves belong together: a gateway answers clients only under a lease from a majority of
 * its epoch ({@link io.sheepdog.core.lease.GatewayLease}), and an epoch is served only when no
 * lease of a node that does not know of it can be running any more ({@link
 * io.sheepdog.core.lease.EpochCommit}).
 */
@NullMarked
package io.sheepdog.core.lease;

import org.jspecify.annotations.NullMarked;
