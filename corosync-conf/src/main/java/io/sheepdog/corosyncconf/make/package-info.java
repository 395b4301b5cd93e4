/**
 * New files: {@link io.sheepdog.corosyncconf.make.ConfUpgrade} turns one of corosync 1 or 2 into
 * one that corosync 3.1 starts with, {@link io.sheepdog.corosyncconf.make.ConfGenerator} writes one
 * from nothing. Both take {@link io.sheepdog.corosyncconf.make.Node}s and hand back bytes; writing
 * them to a disk is the caller's.
 *
 * <p>Immutable values; no state.
 */
@NullMarked
package io.sheepdog.corosyncconf.make;

import org.jspecify.annotations.NullMarked;
