package io.sheepdog.core.block;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * A part of what was read.
 *
 * @param offset in the volume, bytes
 * @param length bytes, at least 1
 * @param data the bytes, owned by the receiver; null where nothing was ever written, which reads as
 *     zero
 */
public record Piece(long offset, int length, @Nullable ByteBuf data) {}
