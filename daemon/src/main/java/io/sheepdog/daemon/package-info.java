/**
 * The daemon {@code sheep}: command line, composition root and life cycle.
 *
 * <p>Start from {@link io.sheepdog.daemon.Sheep}.
 */
@NullMarked
package io.sheepdog.daemon;

import org.jspecify.annotations.NullMarked;
