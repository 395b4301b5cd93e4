/**
 * The C library: waiting for several file descriptors ({@link
 * io.sheepdog.nativebindings.libc.Waiter}), files that share their blocks, and their holes ({@link
 * io.sheepdog.nativebindings.libc.FileBlocks}).
 *
 * <p>Threading: one thread waits, any thread wakes it; the rest is for any thread.
 */
@NullMarked
package io.sheepdog.nativebindings.libc;

import org.jspecify.annotations.NullMarked;
