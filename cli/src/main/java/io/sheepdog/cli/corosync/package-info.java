/**
 * {@code corosync check}, {@code upgrade} and {@code generate}: the configuration of corosync,
 * which sheepdog's nodes find each other with. They look at files only and ask no daemon. Start at
 * {@link io.sheepdog.cli.corosync.CorosyncCheckCommand}; what they know is in {@code
 * io.sheepdog.corosyncconf}.
 *
 * <p>One thread, blocking calls.
 */
@NullMarked
package io.sheepdog.cli.corosync;

import org.jspecify.annotations.NullMarked;
