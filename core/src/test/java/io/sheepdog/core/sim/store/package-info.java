/**
 * In-memory stores with a modelled page cache: what was written is visible at once, and durable
 * only when the operation or a sync says so. Start at {@link
 * io.sheepdog.core.sim.store.MemoryObjectStore}. Core loop of the owning process only.
 */
@NullMarked
package io.sheepdog.core.sim.store;

import org.jspecify.annotations.NullMarked;
