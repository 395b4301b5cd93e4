package io.sheepdog.protocol;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Text fields of fixed size: UTF-8, terminated by a NUL and padded with NULs.
 *
 * <p>What follows the first NUL is ignored when reading and zero when writing. A field without a
 * NUL and bytes that are not UTF-8 are refused: two different names must never read as the same
 * text.
 */
public final class WireText {
  private WireText() {}

  /**
   * Reads a field of {@code size} bytes.
   *
   * @param what name of the field for the error message
   * @throws ProtocolException if the buffer is shorter, there is no NUL, or the text is not UTF-8
   */
  public static String read(ByteBuf in, int size, String what) {
    require(in, size, what);
    int start = in.readerIndex();
    int length = in.bytesBefore(start, size, (byte) 0);
    if (length < 0) {
      throw new ProtocolException(
          String.format("%s has no terminating NUL; at most %d bytes are allowed", what, size - 1));
    }
    ByteBuffer bytes = in.nioBuffer(start, length);
    in.skipBytes(size);
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .onMalformedInput(CodingErrorAction.REPORT)
          .onUnmappableCharacter(CodingErrorAction.REPORT)
          .decode(bytes)
          .toString();
    } catch (CharacterCodingException e) {
      throw new ProtocolException(what + " is not valid UTF-8");
    }
  }

  /**
   * Writes a field of {@code size} bytes.
   *
   * @throws ProtocolException if {@link #check} refuses the text
   */
  public static void write(ByteBuf out, String text, int size, String what) {
    byte[] bytes = check(text, size, what);
    out.writeBytes(bytes);
    out.writeZero(size - bytes.length);
  }

  /**
   * The UTF-8 bytes of a text that fits a field of {@code size} bytes.
   *
   * @throws ProtocolException if the text with its NUL is longer than the field, or contains a NUL
   */
  public static byte[] check(String text, int size, String what) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length >= size) {
      throw new ProtocolException(
          String.format("%s has %d bytes; at most %d are allowed", what, bytes.length, size - 1));
    }
    if (text.indexOf('\0') >= 0) {
      throw new ProtocolException(what + " contains a NUL character");
    }
    return bytes;
  }

  /**
   * As {@link #check}, for text that people will see.
   *
   * @throws ProtocolException also if the text contains a control character (line breaks, escapes)
   */
  public static void checkPrintable(String text, int size, String what) {
    check(text, size, what);
    text.codePoints()
        .filter(Character::isISOControl)
        .findFirst()
        .ifPresent(
            control -> {
              throw new ProtocolException(
                  String.format("%s contains the control character U+%04X", what, control));
            });
  }

  /**
   * Checks that at least {@code size} bytes are readable.
   *
   * @throws ProtocolException if not
   */
  public static void require(ByteBuf in, int size, String what) {
    if (in.readableBytes() < size) {
      throw new ProtocolException(
          String.format("%s needs %d bytes, only %d are there", what, size, in.readableBytes()));
    }
  }
}
