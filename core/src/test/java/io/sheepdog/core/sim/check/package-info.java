/**
 * What must be true of every schedule: {@link io.sheepdog.core.sim.check.DiskHistory} (P2, P4,
 * per-block registers), {@link io.sheepdog.core.sim.check.SnapshotRecord} (R11), {@link
 * io.sheepdog.core.sim.check.StoreInvariants} (R7, R8, replicas) and {@link
 * io.sheepdog.core.sim.check.StateAgreement}. They see the world from outside and report to {@link
 * io.sheepdog.core.sim.check.Violations}. The world's thread only.
 */
@NullMarked
package io.sheepdog.core.sim.check;

import org.jspecify.annotations.NullMarked;
