/**
 * Deterministic cluster logic: no threads, no I/O, no clock and no randomness of its own.
 *
 * <p>Every decision runs on the executor that the caller gives; the outside world comes in as
 * interfaces, so that a simulator can play whole clusters.
 */
@NullMarked
package io.sheepdog.core;

import org.jspecify.annotations.NullMarked;
