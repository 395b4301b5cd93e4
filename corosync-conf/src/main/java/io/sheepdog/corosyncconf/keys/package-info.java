/**
 * Every key and section of corosync 3.1, what its value may be, and what became of those of version
 * 1 and 2. Start at {@link io.sheepdog.corosyncconf.keys.KnownKeys}.
 *
 * <p>Constants only; safe for all threads.
 */
@NullMarked
package io.sheepdog.corosyncconf.keys;

import org.jspecify.annotations.NullMarked;
