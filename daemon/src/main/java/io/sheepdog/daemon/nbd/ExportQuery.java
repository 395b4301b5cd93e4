package io.sheepdog.daemon.nbd;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The data of options that name an export and ask something about it.
 *
 * @param export its name
 * @param kinds INFO and GO: the kinds of information wanted
 * @param contexts LIST_META_CONTEXT and SET_META_CONTEXT: the queries
 */
record ExportQuery(String export, List<Integer> kinds, List<String> contexts) {

  /** The data does not have its form; the message says what is wrong. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedException(String message) {
      super(message);
    }
  }

  /** EXPORT_NAME: all of the data is the name. */
  static String name(ByteBuf data) throws MalformedException {
    return text(data, data.readableBytes(), "export name");
  }

  /** Data of INFO and GO: length u32, name, number u16, kinds u16 each. */
  static ExportQuery info(ByteBuf data) throws MalformedException {
    String export = string(data, "export name");
    need(data, Short.BYTES, "number of information requests");
    int count = data.readUnsignedShort();
    need(data, (long) count * Short.BYTES, "information requests");
    List<Integer> kinds = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      kinds.add(data.readUnsignedShort());
    }
    end(data);
    return new ExportQuery(export, kinds, List.of());
  }

  /** Data of the options about metadata contexts: length u32, name, number u32, queries. */
  static ExportQuery contexts(ByteBuf data) throws MalformedException {
    String export = string(data, "export name");
    need(data, Integer.BYTES, "number of queries");
    long count = data.readUnsignedInt();
    need(data, count * Integer.BYTES, "queries");
    List<String> queries = new ArrayList<>((int) count);
    for (int i = 0; i < count; i++) {
      queries.add(string(data, "query"));
    }
    end(data);
    return new ExportQuery(export, List.of(), queries);
  }

  private static String string(ByteBuf data, String what) throws MalformedException {
    need(data, Integer.BYTES, "length of the " + what);
    return text(data, data.readUnsignedInt(), what);
  }

  private static String text(ByteBuf data, long length, String what) throws MalformedException {
    if (length > Nbd.MAX_STRING) {
      throw new MalformedException(
          what + " of " + length + " bytes; at most " + Nbd.MAX_STRING + " are allowed");
    }
    need(data, length, what);
    ByteBuffer bytes = ByteBuffer.allocate((int) length);
    data.readBytes(bytes);
    bytes.flip();
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedException(what + " is not UTF-8");
    }
  }

  private static void need(ByteBuf data, long length, String what) throws MalformedException {
    if (data.readableBytes() < length) {
      throw new MalformedException("the option ends within its " + what);
    }
  }

  private static void end(ByteBuf data) throws MalformedException {
    if (data.isReadable()) {
      throw new MalformedException(
          data.readableBytes() + " bytes too many at the end of the option");
    }
  }
}
