/**
 * How sizes, times and JSON look. Start at {@link io.sheepdog.cli.format.Sizes}. Used by one
 * thread.
 */
@NullMarked
package io.sheepdog.cli.format;

import org.jspecify.annotations.NullMarked;
