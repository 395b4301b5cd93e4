/**
 * The other end of a gateway's requests: checks epoch and lock generation and applies them to the
 * local store. Start at {@link io.sheepdog.core.replica.ReplicaService}. Core loop only.
 *
 * <p>To compare the copies of an object now, and to make them the same, call {@link
 * io.sheepdog.core.replica.ReplicaService#compare} or, from outside, send PEER_COMPARE to any
 * member, in the epoch that it serves (a reply with another one says which), for each object that a
 * VDI's index names and its inode; the answer is an {@link
 * io.sheepdog.protocol.payload.ObjectComparison}, which also says which homes have no copy. UNKNOWN
 * means to ask again in a moment.
 */
@NullMarked
package io.sheepdog.core.replica;

import org.jspecify.annotations.NullMarked;
