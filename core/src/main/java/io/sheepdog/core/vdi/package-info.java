/**
 * The VDI directory: an immutable in-memory index of all inode headers (names, snapshots, parents,
 * sizes), equal on all nodes. Start at {@link io.sheepdog.core.vdi.VdiDirectory}. The inode object
 * is the truth; the directory answers lookups without I/O. Pure values; no thread of their own.
 */
@NullMarked
package io.sheepdog.core.vdi;

import org.jspecify.annotations.NullMarked;
