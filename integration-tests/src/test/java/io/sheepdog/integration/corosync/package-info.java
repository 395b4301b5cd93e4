/**
 * Real corosync on hosts that are namespaces of this machine: what {@code collie corosync} writes
 * is what corosync starts with. Start at {@link io.sheepdog.integration.corosync.CorosyncConfIT}.
 * The product on such hosts: {@link io.sheepdog.integration.corosync.CorosyncDriverIT}.
 */
@NullMarked
package io.sheepdog.integration.corosync;

import org.jspecify.annotations.NullMarked;
