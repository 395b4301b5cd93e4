/**
 * The C library: waiting for several file descriptors. Start at {@link
 * io.sheepdog.nativebindings.libc.Waiter}.
 *
 * <p>Threading: one thread waits, any thread wakes it.
 */
@NullMarked
package io.sheepdog.nativebindings.libc;

import org.jspecify.annotations.NullMarked;
