/**
 * Frames of the wire protocol on a Netty channel: 48 header bytes, then the announced payload.
 *
 * <p>Start from {@link io.sheepdog.client.frame.FrameReceiver}; client and daemon use the same
 * classes. Payloads are received in place, in one buffer of exactly their size, and only after the
 * owner of the connection has seen the header and admitted them. Everything here runs on the event
 * loop of its channel.
 */
@NullMarked
package io.sheepdog.client.frame;

import org.jspecify.annotations.NullMarked;
