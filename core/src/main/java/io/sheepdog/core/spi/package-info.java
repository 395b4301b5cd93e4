/**
 * What core needs from the outside world, as interfaces: time ({@link io.sheepdog.core.spi.Clock}),
 * the core loop ({@link io.sheepdog.core.spi.Scheduler}), the other daemons ({@link
 * io.sheepdog.core.spi.Transport}), the disk ({@link io.sheepdog.core.spi.ObjectStore}, {@link
 * io.sheepdog.core.spi.MetaStore}) and totally ordered cluster events ({@link
 * io.sheepdog.core.spi.ClusterDriver}).
 *
 * <p>The daemon implements them with Netty, files and corosync; the simulator with seeded in-memory
 * fakes. Contract for all: methods are called on the core loop, never block it, and complete their
 * stages on it.
 */
@NullMarked
package io.sheepdog.core.spi;

import org.jspecify.annotations.NullMarked;
