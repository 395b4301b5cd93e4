package io.sheepdog.protocol.payload;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.id.ObjectId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Lists of object ids, one u64 each: payload of GET_OBJ_LIST, OIDS_EXIST and our PEER_LIST. */
public final class ObjectIdList {
  /** Bytes of an entry. */
  public static final int ENTRY_SIZE = Long.BYTES;

  private ObjectIdList() {}

  /**
   * Reads all readable bytes.
   *
   * @throws ProtocolException if they are not a whole number of ids
   */
  public static List<ObjectId> decode(ByteBuf in) {
    if (in.readableBytes() % ENTRY_SIZE != 0) {
      throw new ProtocolException(
          "Object list of " + in.readableBytes() + " bytes is not a multiple of " + ENTRY_SIZE);
    }
    List<ObjectId> ids = new ArrayList<>(in.readableBytes() / ENTRY_SIZE);
    while (in.isReadable()) {
      ids.add(new ObjectId(in.readLongLE()));
    }
    return List.copyOf(ids);
  }

  /** Appends {@value #ENTRY_SIZE} bytes for each id. */
  public static void encode(Collection<ObjectId> ids, ByteBuf out) {
    for (ObjectId id : ids) {
      out.writeLongLE(id.value());
    }
  }
}
