/**
 * The objects and the few facts that a node keeps, as plain files in one directory (its layout is
 * drawn at {@link io.sheepdog.daemon.store.StoreLayout}). Start at {@link
 * io.sheepdog.daemon.store.FileStore}.
 *
 * <p><b>Threads.</b> Public methods are called on the core loop and never block it; {@code
 * FileStore.open} and {@code close} are the exceptions. File system calls run on a fixed number of
 * single-thread stripes; an object belongs to one stripe, so its operations keep their order
 * without locks. Completions are posted to the core loop. What stripes share ({@link
 * io.sheepdog.daemon.store.DirtyLog}, {@link io.sheepdog.daemon.store.GroupCommit}) is thread-safe.
 *
 * <p><b>Order on disk.</b> Dirty mark durable, then the data (R10, see {@code Stripe.runBatch});
 * the new file durable under a temporary name, then its rename, then its directory.
 */
@NullMarked
package io.sheepdog.daemon.store;

import org.jspecify.annotations.NullMarked;
