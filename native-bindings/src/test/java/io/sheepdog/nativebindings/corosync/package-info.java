/**
 * Real corosync for tests: several nodes on this machine, each in namespaces of its own, joined by
 * a bridge. Start at {@link io.sheepdog.nativebindings.corosync.CorosyncNet}. Needs root and
 * Debian's packages corosync and iproute2.
 *
 * <p>Threading: one test thread; {@link io.sheepdog.nativebindings.corosync.CorosyncNode#enter}
 * changes the thread that calls it for good.
 */
@NullMarked
package io.sheepdog.nativebindings.corosync;

import org.jspecify.annotations.NullMarked;
