package io.sheepdog.cli.copy;

import io.netty.buffer.ByteBuf;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Request;
import java.util.ArrayList;
import java.util.List;

/**
 * The data of an image, piece by piece; everything else of it is zero.
 *
 * @param inode the image
 * @param pieces ascending, at most {@link #PIECE} bytes each, none across objects
 */
public record ImageData(InodeHeader inode, List<Piece> pieces) {
  /** Most bytes of a piece. */
  public static final int PIECE = 4 << 20;

  /**
   * Part of an object.
   *
   * @param oid the object
   * @param within where it begins in the object
   * @param at where it begins in the image
   * @param length bytes
   */
  public record Piece(ObjectId oid, long within, long at, int length) {}

  /** Takes a piece's bytes. */
  @FunctionalInterface
  public interface Taker {
    /** Takes them; does not keep the buffer. */
    void take(Piece piece, ByteBuf bytes) throws CommandFailure;
  }

  /**
   * What is data according to the index.
   *
   * @param owners index entries of the image
   */
  public static ImageData of(InodeHeader inode, int[] owners) {
    List<Piece> pieces = new ArrayList<>();
    for (int index = 0; index < owners.length; index++) {
      if (owners[index] != 0) {
        addObject(pieces, inode, index, new VdiId(owners[index]));
      }
    }
    return new ImageData(inode, pieces);
  }

  private static void addObject(List<Piece> pieces, InodeHeader inode, int index, VdiId owner) {
    long begin = index * inode.objectSize();
    long length = Math.min(inode.objectSize(), inode.vdiSize() - begin);
    for (long within = 0; within < length; within += PIECE) {
      pieces.add(
          new Piece(
              ObjectId.data(owner, index),
              within,
              begin + within,
              (int) Math.min(PIECE, length - within)));
    }
  }

  /** Bytes of all pieces. */
  public long length() {
    long sum = 0;
    for (Piece piece : pieces) {
      sum += piece.length();
    }
    return sum;
  }

  /** Reads all pieces, in their order. */
  public void read(Remote remote, Taker taker) throws CommandFailure {
    List<Request> requests = new ArrayList<>(pieces.size());
    for (Piece piece : pieces) {
      requests.add(
          Request.of(
              Opcode.READ_OBJ,
              RequestFlags.NONE,
              piece.length(),
              ObjectBody.of(piece.oid(), piece.within())));
    }
    remote.fetchAll(
        requests,
        (number, reply) -> {
          Piece piece = pieces.get(number);
          ByteBuf bytes = reply.payload();
          if (!reply.header().isSuccess() || bytes.readableBytes() != piece.length()) {
            String why =
                reply.header().isSuccess()
                    ? bytes.readableBytes() + " bytes came instead of " + piece.length()
                    : remote.text(reply.header());
            throw new CommandFailure(
                1, "Failed to read object " + piece.oid() + " " + why + "\nFailed to read VDI");
          }
          taker.take(piece, bytes);
        });
  }
}
