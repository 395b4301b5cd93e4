package io.sheepdog.protocol.payload;

import io.netty.buffer.ByteBuf;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.WireText;
import io.sheepdog.protocol.id.NodeAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * What PEER_COMPARE found of the copies of one object.
 *
 * <pre>
 *  0 outcome u8 | 1 homes u8 | 2 - u16 | 4 blocks u32 | 8 homes, 20 bytes each:
 *    0 address 16 bytes, network order | 16 port u16 | 18 state u8 | 19 -
 * </pre>
 *
 * @param outcome what that means together
 * @param blocks number of blocks in which copies differed or were damaged, 0..2^31-1
 * @param homes the nodes that have to have a copy, in ring order
 */
public record ObjectComparison(Outcome outcome, int blocks, List<Home> homes) {
  private static final int HEADER = 8;
  private static final int HOME = 20;

  /** Bytes of the longest one. */
  public static final int MAX_BYTES = HEADER + Limits.MAX_COPIES * HOME;

  /** What was found and done; the order is that of the codes, from 0 on. */
  public enum Outcome {
    /** All homes have the same. */
    SAME,
    /** They did not, and do now. */
    REPAIRED,
    /** They do not: it was not to be repaired, or a home says why it could not. */
    DIFFERENT,
    /**
     * Nobody can tell now: the object is being written to, recovery goes on, or a home did not
     * answer. To be asked again.
     */
    UNKNOWN
  }

  /** A home's copy; the order is that of the codes, from 0 on. */
  public enum State {
    /** It has what counts. */
    GOOD,
    /** It has, since it was repaired. */
    REPAIRED,
    /** It has something else, or cannot read some of its own. */
    DIFFERENT,
    /** There is none. */
    MISSING,
    /** It did not say. */
    UNKNOWN
  }

  /** A node that has to have a copy. */
  public record Home(NodeAddress address, State state) {}

  /** Copies the list. */
  public ObjectComparison {
    homes = List.copyOf(homes);
  }

  /** Appends it. */
  public void encode(ByteBuf out) {
    out.writeByte(outcome.ordinal());
    out.writeByte(homes.size());
    out.writeShortLE(0);
    out.writeIntLE(blocks);
    for (Home home : homes) {
      NodeIdField.writeAddress(home.address(), out);
      out.writeByte(home.state().ordinal());
      out.writeByte(0);
    }
  }

  /**
   * Reads what {@link #encode} wrote.
   *
   * @throws ProtocolException if it is none
   */
  public static ObjectComparison decode(ByteBuf in) {
    WireText.require(in, HEADER, "Comparison");
    int outcome = in.readUnsignedByte();
    int count = in.readUnsignedByte();
    in.skipBytes(Short.BYTES);
    int blocks = in.readIntLE();
    if (outcome >= Outcome.values().length || blocks < 0 || count > Limits.MAX_COPIES) {
      throw new ProtocolException(
          "no comparison: outcome " + outcome + ", " + blocks + " blocks, " + count + " homes");
    }
    WireText.require(in, count * HOME, "Homes of a comparison");
    List<Home> homes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      NodeAddress address = NodeIdField.readAddress(in);
      int state = in.readUnsignedByte();
      in.skipBytes(1);
      if (state >= State.values().length) {
        throw new ProtocolException("no comparison: state " + state + " of " + address);
      }
      homes.add(new Home(address, State.values()[state]));
    }
    return new ObjectComparison(Outcome.values()[outcome], blocks, homes);
  }
}
