/**
 * The inode object of a VDI: where its fields are, and its header as a value.
 *
 * <p>Start from {@link io.sheepdog.protocol.inode.InodeHeader}; {@link
 * io.sheepdog.protocol.inode.InodeLayout} names the offsets of the index table behind the header.
 * Immutable values, any thread may use them.
 */
@NullMarked
package io.sheepdog.protocol.inode;

import org.jspecify.annotations.NullMarked;
