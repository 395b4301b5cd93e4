package io.sheepdog.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.PayloadTooLargeException;
import io.sheepdog.protocol.ProtocolException;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What the codecs do with headers that no honest peer sends, and the byte layouts of our own
 * operations.
 */
@Timeout(10)
class HeaderBoundsTest {
  private static ByteBuf header(int opcode) {
    ByteBuf header = Unpooled.buffer(Limits.HEADER_SIZE);
    header.writeZero(Limits.HEADER_SIZE);
    header.setByte(1, opcode);
    return header;
  }

  private static String hex(Request request) {
    ByteBuf out = Unpooled.buffer();
    RequestCodec.encode(request, out);
    return ByteBufUtil.hexDump(out);
  }

  @Test
  void aTruncatedHeaderIsRefused() {
    ByteBuf half = Unpooled.buffer().writeZero(47);
    assertThatThrownBy(() -> RequestCodec.decode(half.duplicate()))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("Request header needs 48 bytes, only 47 are there");
    assertThatThrownBy(() -> ResponseCodec.decode(half.duplicate()))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("Response header needs 48 bytes, only 47 are there");
  }

  @Test
  void aPayloadAboveTheLimitIsRefusedWithWhatAnAnswerNeeds() {
    for (int length : List.of(Limits.MAX_PAYLOAD + 1, Integer.MIN_VALUE, -1)) {
      ByteBuf header = header(0x03);
      header.setIntLE(8, 77);
      header.setIntLE(12, length);
      PayloadTooLargeException refused =
          catchThrowableOfType(
              PayloadTooLargeException.class, () -> RequestCodec.decode(header.duplicate()));
      assertThat(refused.opcode()).isEqualTo(0x03);
      assertThat(refused.id()).isEqualTo(77);
      assertThat(refused)
          .hasMessageContaining(
              Integer.toUnsignedString(length) + " payload bytes, at most 67108864");
      assertThatThrownBy(() -> ResponseCodec.decode(header.duplicate()))
          .isInstanceOf(PayloadTooLargeException.class);
    }
  }

  @Test
  void thePayloadLimitItselfIsAllowed() {
    ByteBuf header = header(0x03);
    header.setIntLE(12, Limits.MAX_PAYLOAD);
    assertThat(RequestCodec.decode(header).dataLength()).isEqualTo(Limits.MAX_PAYLOAD);
  }

  @Test
  void anUnknownOpcodeKeepsItsBytes() {
    ByteBuf header = header(0xff);
    header.setLongLE(40, 0x1122334455667788L);
    Request request = RequestCodec.decode(header.duplicate());
    assertThat(request.operation()).isNull();
    assertThat(request.body()).isEqualTo(new RawBody(0, 0, 0, 0x1122334455667788L));
    assertThat(hex(request)).isEqualTo(ByteBufUtil.hexDump(header));
    assertThat(ResponseCodec.decode(header.duplicate()).body())
        .isEqualTo(new RawReply(0, 0, 0, 0x1122334455667788L));
  }

  @Test
  void anOffsetAbove32BitsIsNotCutOff() {
    ByteBuf header = header(Opcode.WRITE_OBJ.code());
    header.setLongLE(40, 1L << 32);
    assertThat(RequestCodec.decode(header).body()).isInstanceOf(RawBody.class);
  }

  @Test
  void aVdiIdAbove24BitsIsNotCutOff() {
    ByteBuf vdi = header(Opcode.RELEASE_VDI.code());
    vdi.setIntLE(24, 1 << 24);
    assertThat(RequestCodec.decode(vdi).body()).isInstanceOf(RawBody.class);

    ByteBuf state = header(Opcode.NOTIFY_VDI_ADD.code());
    state.setIntLE(20, -1);
    assertThat(RequestCodec.decode(state).body()).isInstanceOf(RawBody.class);

    ByteBuf checkpoint = header(Opcode.VDI_STATE_CHECKPOINT_CTL.code());
    checkpoint.setIntLE(24, 1 << 24);
    assertThat(RequestCodec.decode(checkpoint).body()).isInstanceOf(RawBody.class);

    ByteBuf coherence = header(Opcode.INODE_COHERENCE.code());
    coherence.setIntLE(16, 1 << 24);
    assertThat(RequestCodec.decode(coherence).body()).isInstanceOf(RawBody.class);

    ByteBuf reply = header(Opcode.LOCK_VDI.code());
    reply.setIntLE(24, 1 << 24);
    assertThat(ResponseCodec.decode(reply).body()).isInstanceOf(RawReply.class);
  }

  @Test
  void requestsCarryTheVersionThatDogSends() {
    assertThat(Request.of(Opcode.READ_OBJ, ObjectBody.of(new ObjectId(1), 0)).protocolVersion())
        .isEqualTo(2);
    assertThat(Request.of(Opcode.STAT, RawBody.EMPTY).protocolVersion()).isEqualTo(0x0a);
  }

  @Test
  void aPayloadFollowsOnlyWithTheWriteFlag() {
    Request read = Request.of(Opcode.READ_OBJ, 0, 512, ObjectBody.of(new ObjectId(1), 0));
    assertThat(read.carriesPayload()).isFalse();
    assertThat(read.replyRoom()).isEqualTo(512);
    Request write = read.withFlags(RequestFlags.WRITE);
    assertThat(write.carriesPayload()).isTrue();
    assertThat(write.replyRoom()).isZero();
    assertThat(write.withDataLength(0).carriesPayload()).isFalse();
    Request both = read.withFlags(RequestFlags.WRITE | RequestFlags.PIGGYBACK);
    assertThat(both.carriesPayload()).isTrue();
    assertThat(both.replyRoom()).isEqualTo(512);
  }

  @Test
  void aResponseEchoesOpcodeAndIdAndNothingElse() {
    Request request =
        Request.of(Opcode.LOCK_VDI, RequestFlags.WRITE, 512, VdiBody.lookup(0)).withId(9);
    Response response = Response.to(request, new Epoch(4), ResultCode.VDI_LOCKED);
    assertThat(response)
        .isEqualTo(new Response(0, 0x12, 0, new Epoch(4), 9, 0, 7, NoBody.INSTANCE));
    assertThat(response.isSuccess()).isFalse();
    assertThat(response.resultCode()).isEqualTo(ResultCode.VDI_LOCKED);
  }

  @Test
  void aPeerRequestHasTheDrawnLayout() {
    PeerBody body =
        PeerBody.of(ObjectId.data(new VdiId(0x15d167), 2), 0x11223344L, 0x55667788L)
            .withGeneration(0xa1a2a3a4L)
            .withVdi(3, 0x22, 22)
            .withIncarnation(0x0102030405060708L);
    Request request =
        Request.of(Opcode.PEER_CREATE, RequestFlags.WRITE | RequestFlags.CACHE, 4096, body)
            .withEpoch(new Epoch(5))
            .withId(6);
    assertThat(hex(request))
        .isEqualTo(
            "0ae20500"
                + "05000000"
                + "06000000"
                + "00100000"
                + "0200000067d11500"
                + "a4a3a2a1"
                + "44332211"
                + "88776655"
                + "03221600"
                + "0807060504030201");
  }

  @Test
  void aPeerWriteHasTheDrawnLayout() {
    PeerWriteBody body =
        new PeerWriteBody(
            ObjectId.data(new VdiId(0x15d167), 2),
            0xa1a2a3a4L,
            0x11223344L,
            0x55667788,
            0x99aabbcc,
            0x0102030405060708L);
    Request request =
        Request.of(Opcode.PEER_WRITE, RequestFlags.WRITE, 4096, body)
            .withEpoch(new Epoch(5))
            .withId(6);
    assertThat(hex(request))
        .isEqualTo(
            "0ae10100"
                + "05000000"
                + "06000000"
                + "00100000"
                + "0200000067d11500"
                + "a4a3a2a1"
                + "44332211"
                + "88776655"
                + "ccbbaa99"
                + "0807060504030201");
  }

  @Test
  void aCopyHasTheDrawnLayout() {
    PeerCopyBody body =
        new PeerCopyBody(
            ObjectId.data(new VdiId(0x15d167), 2),
            0x11223344L,
            0x55667788L,
            new VdiId(0x15d166),
            3,
            4,
            22,
            true,
            0x0102030405060708L);
    assertThat(body.sourceOid()).isEqualTo(ObjectId.data(new VdiId(0x15d166), 2));
    Request request = Request.of(Opcode.PEER_COPY, RequestFlags.WRITE, 4096, body);
    assertThat(hex(request).substring(32))
        .isEqualTo(
            "0200000067d11500"
                + "44332211"
                + "88776655"
                + "66d11500"
                + "03041601"
                + "0807060504030201");
  }

  @Test
  void aRequestAboutAVersionHasTheDrawnLayout() {
    PeerVersionBody body =
        new PeerVersionBody(
            ObjectId.data(new VdiId(0x15d167), 2),
            0x1112131415161718L,
            0x11223344L,
            0x55667788,
            0x0102030405060708L);
    Request request = Request.of(Opcode.PEER_PATCH, RequestFlags.WRITE, 4096, body);
    assertThat(hex(request).substring(32))
        .isEqualTo(
            "0200000067d11500" + "1817161514131211" + "44332211" + "88776655" + "0807060504030201");
  }

  @Test
  void aSequenceRequestHasTheDrawnLayout() {
    Request request = Request.of(Opcode.PEER_CONFIRM, new SequenceBody(0x1122L, 0x44L, 0x33L));
    assertThat(hex(request).substring(32))
        .isEqualTo("2211000000000000" + "4400000000000000" + "00".repeat(8) + "3300000000000000");
  }

  @Test
  void aLeaseRequestHasTheDrawnLayout() {
    Request request = Request.of(Opcode.PEER_LEASE, new LeaseBody(0x1122L, 0x33L));
    assertThat(hex(request).substring(32))
        .isEqualTo("2211000000000000" + "00".repeat(16) + "3300000000000000");
  }

  @Test
  void aNodeReplyHasTheIndexesOf2010BeforeTheSizes() {
    Request request = Request.of(Opcode.GET_NODE_LIST, RawBody.EMPTY);
    ByteBuf out = Unpooled.buffer();
    ResponseCodec.encode(
        Response.to(request, Epoch.ZERO, ResultCode.SUCCESS, new NodeReply(1, 2, 3, 4, 5)), out);
    assertThat(ByteBufUtil.hexDump(out).substring(40))
        .isEqualTo("01000000" + "02000000" + "03000000" + "0400000000000000" + "0500000000000000");
  }

  @Test
  void aPeerReplyHasTheDrawnLayout() {
    Request request = Request.of(Opcode.PEER_FETCH, PeerBody.of(new ObjectId(0), 0, 0));
    ByteBuf out = Unpooled.buffer();
    ResponseCodec.encode(
        Response.to(request, Epoch.ZERO, ResultCode.SUCCESS, new PeerReply(1, 2, 3)), out);
    assertThat(ByteBufUtil.hexDump(out).substring(32))
        .isEqualTo(
            "00000000" + "00000000" + "0100000000000000" + "0200000000000000" + "0300000000000000");
  }

  @Test
  void fieldsOutOfRangeAreRefusedWhereTheyAreMade() {
    ObjectId oid = new ObjectId(1);
    assertThatThrownBy(() -> ObjectBody.of(oid, 1L << 32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Offset 4294967296 is out of range; 0 to 4294967295 are allowed");
    assertThatThrownBy(() -> ObjectBody.of(oid, 0, 256))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> PeerBody.of(oid, -1, 0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ClusterBody.status(-1)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Request.of(Opcode.READ_OBJ, 0, Limits.MAX_PAYLOAD + 1, RawBody.EMPTY))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Request.of(Opcode.READ_OBJ, 0x10000, 0, RawBody.EMPTY))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> HashReply.of(new byte[19]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
