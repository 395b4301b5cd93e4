/**
 * Reading, checking, upgrading and writing {@code corosync.conf}.
 *
 * <p>Pure functions over text; safe on any thread.
 */
@NullMarked
package io.sheepdog.corosync;

import org.jspecify.annotations.NullMarked;
