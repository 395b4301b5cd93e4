/**
 * Asynchronous, pipelined client of the Sheepdog wire protocol.
 *
 * <p>Callers may use any thread; results are completed on a Netty event loop and must not block it.
 */
@NullMarked
package io.sheepdog.client;

import org.jspecify.annotations.NullMarked;
