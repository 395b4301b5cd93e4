/**
 * The command line of {@code sheep}.
 *
 * <p>Start from {@link io.sheepdog.daemon.options.SheepOptions#parse}. {@link
 * io.sheepdog.daemon.options.Option} is the one table of all options; help, parser and messages are
 * made from it. Everything is immutable; any thread may use it.
 */
@NullMarked
package io.sheepdog.daemon.options;

import org.jspecify.annotations.NullMarked;
