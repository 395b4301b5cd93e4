/**
 * The deterministic heart of a sheep: what the cluster agrees on, where objects live, who may
 * write, and how a request is carried out. Start at {@link io.sheepdog.core.SheepNode}.
 *
 * <p><b>Threads.</b> All of core runs on one executor, the <em>core loop</em>: every entry point is
 * called on it, every completion of an {@link io.sheepdog.core.spi} call is delivered on it. So
 * there are no locks and no threads here, no clock, no randomness, no files and no sockets of its
 * own: all of that comes in through {@link io.sheepdog.core.spi}. The same code therefore runs in
 * the daemon and in a simulator that plays whole clusters from a seed. ArchUnit enforces it.
 */
@NullMarked
package io.sheepdog.core;

import org.jspecify.annotations.NullMarked;
