package io.sheepdog.cli.copy;

import io.netty.buffer.ByteBuf;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.copy.BackupFormat.Part;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What differs between two snapshots of an image. Objects that both share are not read; of the
 * others, equal sectors at both ends are left out.
 */
final class Difference {
  private static final int SECTOR = 512;

  private final InodeHeader inode;
  private final int[] owners;
  private final int[] baseOwners;

  /**
   * @param owners index entries of the newer snapshot
   * @param baseOwners index entries of the older one, without any for everything
   */
  Difference(InodeHeader inode, int[] owners, int[] baseOwners) {
    this.inode = inode;
    this.owners = owners;
    this.baseOwners = baseOwners;
  }

  /** Takes what differs. */
  @FunctionalInterface
  interface Taker {
    void take(Part part) throws CommandFailure;
  }

  /** A piece of an object as one of the two has it; owner 0 for a hole. */
  private record Side(int index, int within, int length, int owner) {
    Request request() {
      return Request.of(
          Opcode.READ_OBJ,
          RequestFlags.NONE,
          length,
          ObjectBody.of(ObjectId.data(new VdiId(owner), index), within));
    }
  }

  /** Reads both, and hands over the differences, ascending. */
  void read(Remote remote, Taker taker) throws CommandFailure {
    // of each piece the older side first, if it is no hole, and then the newer one, if that is none
    List<Request> requests = new ArrayList<>();
    List<Side> sides = new ArrayList<>();
    List<Side> newer = new ArrayList<>();
    for (int index = 0; index < owners.length; index++) {
      int owner = owners[index];
      int before = index < baseOwners.length ? baseOwners[index] : 0;
      if (owner == before) {
        continue;
      }
      for (long within = 0; within < inode.objectSize(); within += ImageData.PIECE) {
        int length = (int) Math.min(ImageData.PIECE, inode.objectSize() - within);
        Side now = new Side(index, (int) within, length, owner);
        Side then = new Side(index, (int) within, length, before);
        if (before != 0) {
          requests.add(then.request());
          sides.add(then);
          newer.add(now);
        }
        if (owner != 0) {
          requests.add(now.request());
          sides.add(now);
          newer.add(now);
        }
      }
    }
    byte[][] older = new byte[1][];
    remote.fetchAll(
        requests,
        (number, reply) -> {
          Side side = sides.get(number);
          byte[] bytes = bytes(remote, side, reply);
          Side now = newer.get(number);
          if (side != now) {
            older[0] = bytes;
            if (now.owner() == 0) {
              compare(now, new byte[now.length()], bytes, taker);
              older[0] = null;
            }
            return;
          }
          compare(now, bytes, older[0] == null ? new byte[now.length()] : older[0], taker);
          older[0] = null;
        });
  }

  private static byte[] bytes(Remote remote, Side side, Reply reply) throws CommandFailure {
    ByteBuf payload = reply.payload();
    boolean success = reply.header().isSuccess();
    if (!success || payload.readableBytes() != side.length()) {
      throw new CommandFailure(
          1,
          "Failed to read object "
              + ObjectId.data(new VdiId(side.owner()), side.index())
              + " "
              + (success ? "in full" : remote.text(reply.header())));
    }
    byte[] bytes = new byte[side.length()];
    payload.readBytes(bytes);
    return bytes;
  }

  private static void compare(Side now, byte[] bytes, byte[] before, Taker taker)
      throws CommandFailure {
    int first = Arrays.mismatch(bytes, before);
    if (first < 0) {
      return;
    }
    int from = first / SECTOR * SECTOR;
    int end = bytes.length;
    while (end - SECTOR > from
        && Arrays.equals(bytes, end - SECTOR, end, before, end - SECTOR, end)) {
      end -= SECTOR;
    }
    taker.take(new Part(now.index(), now.within() + from, Arrays.copyOfRange(bytes, from, end)));
  }
}
