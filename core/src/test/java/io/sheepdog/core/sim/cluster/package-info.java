/**
 * A simulated group with agreed order, after the rules of corosync's CPG. Start at {@link
 * io.sheepdog.core.sim.cluster.SimCluster}. The world's thread only.
 */
@NullMarked
package io.sheepdog.core.sim.cluster;

import org.jspecify.annotations.NullMarked;
