package io.sheepdog.protocol.payload;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.WireText;

/**
 * Payload by which clients name a VDI (wire protocol, section 6.3).
 *
 * <pre>
 *   0 name[256], NUL padded | 256 tag[256], NUL padded, only in the long form
 * </pre>
 *
 * @param name 1..255 bytes of UTF-8 without control characters (tables and scripts read names line
 *     by line); never empty, because deleted VDIs are the ones without a name
 * @param tag snapshot tag, at most 255 bytes of UTF-8 without control characters; empty if there is
 *     none
 */
public record NameTag(String name, String tag) {
  /** Bytes of the short form. */
  public static final int NAME_SIZE = Limits.NAME_SIZE;

  /** Bytes of the long form. */
  public static final int NAME_AND_TAG_SIZE = Limits.NAME_SIZE + Limits.TAG_SIZE;

  private static final String NAME = "VDI name";
  private static final String TAG = "Snapshot tag";

  /** Checks lengths and characters; a {@link ProtocolException} says what is wrong. */
  public NameTag {
    if (name.isEmpty()) {
      throw new ProtocolException("VDI name is empty");
    }
    WireText.checkPrintable(name, Limits.NAME_SIZE, NAME);
    WireText.checkPrintable(tag, Limits.TAG_SIZE, TAG);
  }

  /** A name without tag. */
  public static NameTag of(String name) {
    return new NameTag(name, "");
  }

  /**
   * Reads a payload of {@code length} bytes.
   *
   * @throws ProtocolException unless the length is one of the two forms and the texts are
   *     well-formed
   */
  public static NameTag decode(ByteBuf in, int length) {
    if (length != NAME_SIZE && length != NAME_AND_TAG_SIZE) {
      throw new ProtocolException(
          "VDI name payload of "
              + length
              + " bytes; it must have "
              + NAME_SIZE
              + " (name) or "
              + NAME_AND_TAG_SIZE
              + " (name and tag)");
    }
    WireText.require(in, length, "VDI name payload");
    String name = WireText.read(in, Limits.NAME_SIZE, NAME);
    String tag = length == NAME_SIZE ? "" : WireText.read(in, Limits.TAG_SIZE, TAG);
    return new NameTag(name, tag);
  }

  /** Appends the short form, {@value #NAME_SIZE} bytes; a tag is left out. */
  public void encodeName(ByteBuf out) {
    WireText.write(out, name, Limits.NAME_SIZE, NAME);
  }

  /** Appends the long form, {@value #NAME_AND_TAG_SIZE} bytes. */
  public void encodeNameAndTag(ByteBuf out) {
    WireText.write(out, name, Limits.NAME_SIZE, NAME);
    WireText.write(out, tag, Limits.TAG_SIZE, TAG);
  }
}
