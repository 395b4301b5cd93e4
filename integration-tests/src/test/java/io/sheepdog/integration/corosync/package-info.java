/**
 * Real corosync on hosts that are namespaces of this machine: what {@code collie corosync} writes
 * is what corosync starts with. Start at {@link io.sheepdog.integration.corosync.CorosyncConfIT}.
 */
@NullMarked
package io.sheepdog.integration.corosync;

import org.jspecify.annotations.NullMarked;
