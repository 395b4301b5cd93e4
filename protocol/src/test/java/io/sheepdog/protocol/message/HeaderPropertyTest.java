package io.sheepdog.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Seeded round trips: values through bytes, and arbitrary bytes through values. */
@Timeout(60)
class HeaderPropertyTest {
  private static final int ROUNDS = 20_000;

  private final Random random = new Random(0x5eed);

  @Test
  void anyRequestSurvivesItsBytes() {
    for (int i = 0; i < ROUNDS; i++) {
      Opcode opcode = Opcode.values()[random.nextInt(Opcode.values().length)];
      Request request =
          new Request(
              u8(), opcode.code(), u16(), epoch(), random.nextInt(), length(), requestBody(opcode));
      ByteBuf bytes = Unpooled.buffer();
      RequestCodec.encode(request, bytes);
      assertThat(bytes.readableBytes()).isEqualTo(Limits.HEADER_SIZE);
      assertThat(RequestCodec.decode(bytes)).isEqualTo(request);
    }
  }

  @Test
  void anyResponseSurvivesItsBytes() {
    for (int i = 0; i < ROUNDS; i++) {
      Opcode opcode = Opcode.values()[random.nextInt(Opcode.values().length)];
      Response response =
          new Response(
              u8(),
              opcode.code(),
              u16(),
              epoch(),
              random.nextInt(),
              length(),
              random.nextInt(),
              responseBody(opcode));
      ByteBuf bytes = Unpooled.buffer();
      ResponseCodec.encode(response, bytes);
      assertThat(bytes.readableBytes()).isEqualTo(Limits.HEADER_SIZE);
      assertThat(ResponseCodec.decode(bytes)).isEqualTo(response);
    }
  }

  @Test
  void any48BytesWithALegalLengthAreARequestAndAResponse() {
    byte[] noise = new byte[Limits.HEADER_SIZE];
    for (int i = 0; i < ROUNDS; i++) {
      random.nextBytes(noise);
      ByteBuf bytes = Unpooled.wrappedBuffer(noise);
      bytes.setIntLE(12, length());
      Request request = RequestCodec.decode(bytes.duplicate());
      ByteBuf again = Unpooled.buffer();
      RequestCodec.encode(request, again);
      assertThat(RequestCodec.decode(again)).isEqualTo(request);

      Response response = ResponseCodec.decode(bytes.duplicate());
      again.clear();
      ResponseCodec.encode(response, again);
      assertThat(ResponseCodec.decode(again)).isEqualTo(response);
    }
  }

  private RequestBody requestBody(Opcode opcode) {
    return switch (opcode) {
      case CREATE_AND_WRITE_OBJ,
          READ_OBJ,
          WRITE_OBJ,
          REMOVE_OBJ,
          DISCARD_OBJ,
          FLUSH_VDI,
          GET_OBJ_LIST,
          GET_EPOCH,
          CREATE_AND_WRITE_PEER,
          READ_PEER,
          WRITE_PEER,
          REMOVE_PEER,
          COMPLETE_RECOVERY,
          GET_HASH,
          EXIST ->
          new ObjectBody(oid(), oid(), u8(), u8(), u8(), epoch(), u32());
      case NEW_VDI, LOCK_VDI, RELEASE_VDI, GET_VDI_INFO, DEL_VDI, GET_VDI_ATTR ->
          new VdiBody(
              random.nextLong(), vid(), u8(), u8(), u8(), u8(), random.nextInt(), random.nextInt());
      case MAKE_FS, STAT_CLUSTER, ALTER_CLUSTER_COPY ->
          new ClusterBody(
              oid(), random.nextLong(), u8(), u8(), u16(), random.nextInt(), u32(), u8());
      case NOTIFY_VDI_ADD, ALTER_VDI_COPY ->
          new VdiStateBody(vid(), vid(), u8(), random.nextBoolean(), u8(), u8());
      case DECREF_OBJ, DECREF_PEER -> new RefBody(oid(), random.nextInt(), random.nextInt(), u8());
      case REPAIR_REPLICA ->
          new ForwardBody(oid(), new NodeAddress(random.nextLong(), random.nextLong(), u16()));
      case VDI_STATE_CHECKPOINT_CTL -> new CheckpointBody(random.nextBoolean(), epoch(), vid());
      case INODE_COHERENCE -> new CoherenceBody(vid(), random.nextBoolean());
      case PEER_CONFIRM, PEER_STATE, PEER_DIRECTORY, PEER_HELLO ->
          new SequenceBody(random.nextLong(), random.nextLong(), random.nextLong());
      case PEER_WRITE ->
          new PeerWriteBody(
              oid(), u32(), u32(), random.nextInt(), random.nextInt(), random.nextLong());
      case PEER_PIECE, PEER_PATCH ->
          new PeerVersionBody(oid(), random.nextLong(), u32(), u32(), random.nextLong());
      case PEER_COPY ->
          new PeerCopyBody(
              oid(),
              u32(),
              u32(),
              new VdiId(random.nextInt(VdiId.MAX_VALUE + 1)),
              u8(),
              u8(),
              u8(),
              random.nextBoolean(),
              random.nextLong());
      case VDI_USAGE -> new UsageBody(vid());
      case PEER_LEASE -> new LeaseBody(random.nextLong(), random.nextLong());
      default ->
          opcode.isOurs()
                  && opcode != Opcode.NODE_STATUS
                  && opcode != Opcode.NODE_NBD
                  && opcode != Opcode.VDI_LOCKS
              ? new PeerBody(oid(), u32(), u32(), u32(), u8(), u8(), u8(), random.nextLong())
              : new RawBody(
                  random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
    };
  }

  private ResponseBody responseBody(Opcode opcode) {
    return switch (opcode) {
      case CREATE_AND_WRITE_OBJ,
          READ_OBJ,
          WRITE_OBJ,
          REMOVE_OBJ,
          DISCARD_OBJ,
          FLUSH_VDI,
          CREATE_AND_WRITE_PEER,
          READ_PEER,
          WRITE_PEER,
          REMOVE_PEER,
          EXIST ->
          new ObjectReply(u8(), random.nextLong());
      case NEW_VDI, LOCK_VDI, RELEASE_VDI, GET_VDI_INFO, DEL_VDI, GET_VDI_ATTR ->
          new VdiReply(vid(), random.nextInt(), u8(), u8());
      case GET_NODE_LIST, STAT_SHEEP, STAT_CLUSTER ->
          new NodeReply(
              random.nextInt(),
              random.nextInt(),
              random.nextInt(),
              random.nextLong(),
              random.nextLong());
      case GET_HASH -> new HashReply(random.nextLong(), random.nextLong(), random.nextInt());
      case GET_CLUSTER_DEFAULT -> new ClusterDefaultReply(u8(), u8(), u8());
      default -> {
        if (opcode.isOurs()) {
          yield new PeerReply(random.nextLong(), random.nextLong(), random.nextLong());
        }
        yield random.nextBoolean()
            ? NoBody.INSTANCE
            : new RawReply(
                1 + random.nextInt(9), random.nextLong(), random.nextLong(), random.nextLong());
      }
    };
  }

  private int u8() {
    return random.nextInt(0x100);
  }

  private int u16() {
    return random.nextInt(0x10000);
  }

  private long u32() {
    return random.nextInt() & 0xffffffffL;
  }

  private int length() {
    return random.nextInt(Limits.MAX_PAYLOAD + 1);
  }

  private Epoch epoch() {
    return new Epoch(random.nextInt());
  }

  private ObjectId oid() {
    return new ObjectId(random.nextLong());
  }

  private VdiId vid() {
    return new VdiId(random.nextInt(VdiId.MAX_VALUE + 1));
  }
}
