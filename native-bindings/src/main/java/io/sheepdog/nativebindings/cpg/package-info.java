/**
 * libcpg: closed process groups with agreed order. Start at {@link
 * io.sheepdog.nativebindings.cpg.CpgConnection}.
 *
 * <p>Threading: one thread dispatches; requests may come from one other thread at the same time.
 */
@NullMarked
package io.sheepdog.nativebindings.cpg;

import org.jspecify.annotations.NullMarked;
