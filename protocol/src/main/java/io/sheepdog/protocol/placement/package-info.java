/**
 * Which nodes hold an object: the consistent-hashing ring of v1.0 and the simpler one of May 2010.
 *
 * <p>Start from {@link io.sheepdog.protocol.placement.Ring}. Placement is part of the wire
 * contract: the {@code dog} tool of v1.0 recomputes it from the node list, so every hash and
 * tie-break here is fixed by recorded vectors.
 *
 * <p>All types are immutable and may be used by any thread; building a ring sorts every virtual
 * node, so build one per epoch and share it.
 */
@NullMarked
package io.sheepdog.protocol.placement;

import org.jspecify.annotations.NullMarked;
