/**
 * libquorum: whether this node is on the side of a partition that may go on. Start at {@link
 * io.sheepdog.nativebindings.quorum.QuorumConnection}.
 *
 * <p>Threading: one thread at a time.
 */
@NullMarked
package io.sheepdog.nativebindings.quorum;

import org.jspecify.annotations.NullMarked;
