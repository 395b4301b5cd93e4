/**
 * A node that is not a member of the cluster, or not any more: why, and what becomes of its
 * clients. Start at {@link io.sheepdog.daemon.absence.EarlyRequests}, which answers before the node
 * can, and {@link io.sheepdog.daemon.absence.Absence}, which knows the reason.
 *
 * <p>Threading: {@code Absence} is told the reason by any thread; everything else is confined to
 * the event loop.
 */
@NullMarked
package io.sheepdog.daemon.absence;

import org.jspecify.annotations.NullMarked;
