/** Tests of volumes, over a node in memory: {@link io.sheepdog.core.block.MemoryBlockHost}. */
@NullMarked
package io.sheepdog.core.block;

import org.jspecify.annotations.NullMarked;
