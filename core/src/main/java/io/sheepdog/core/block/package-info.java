/**
 * VDIs as byte ranges, for servers inside the daemon that speak another protocol than sheepdog's
 * (NBD).
 *
 * <p>Start at {@link io.sheepdog.core.block.BlockVolumes}, which opens a {@link
 * io.sheepdog.core.block.BlockVolume} by name. A volume is a client of this node like any other: it
 * has a {@link io.sheepdog.core.session.ClientSession}, and every read, write and change of the
 * index is an object request that takes the same way as one from a socket (lease, lock, epoch,
 * freeze, copy-on-write, reclamation, flush). Core loop only.
 */
@NullMarked
package io.sheepdog.core.block;

import org.jspecify.annotations.NullMarked;
