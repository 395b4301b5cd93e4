/**
 * Talking to a daemon byte by byte, for requests that no well-behaved client sends.
 *
 * <p>Start at {@link io.sheepdog.integration.wire.RawConnection}. Called from one test thread;
 * every wait is bounded.
 */
@NullMarked
package io.sheepdog.integration.wire;

import org.jspecify.annotations.NullMarked;
