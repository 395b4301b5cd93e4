/**
 * Operations on whole VDIs: create, snapshot, clone, branch, delete, and giving space back.
 * Two-phase, without stopping the world: reserve (ordered), write the inode, commit (ordered).
 * Start at {@link io.sheepdog.core.volume.VdiOperations}. Core loop only.
 */
@NullMarked
package io.sheepdog.core.volume;

import org.jspecify.annotations.NullMarked;
