/**
 * Clients of the Sheepdog wire protocol.
 *
 * <p>Start from {@link io.sheepdog.client.SheepClient}, the asynchronous, pipelined client that
 * daemons use among themselves, or from {@link io.sheepdog.client.ToolConnection}, the small
 * blocking one for command line tools, which must not pay for an event loop. Both have the same
 * errors ({@link io.sheepdog.client.ClientException}) and the same addresses ({@link
 * io.sheepdog.client.Endpoint}).
 *
 * <p>{@code SheepClient} may be called from any thread; its results are completed on its event
 * loop, which callbacks must not block. {@code ToolConnection} belongs to one thread.
 */
@NullMarked
package io.sheepdog.client;

import org.jspecify.annotations.NullMarked;
