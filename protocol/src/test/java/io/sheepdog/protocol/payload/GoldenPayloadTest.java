package io.sheepdog.protocol.payload;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.ClusterBody;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.RequestCodec;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.ResponseCodec;
import io.sheepdog.protocol.message.VdiReply;
import io.sheepdog.protocol.testdata.GoldenTraces;
import io.sheepdog.protocol.testdata.TraceEvent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Payloads as QEMU 5.2, dog and the reference daemon sent them. */
@Timeout(60)
class GoldenPayloadTest {
  private static final int LINKS_SIZE = 24;

  private static GoldenTraces traces;

  @BeforeAll
  static void loadTraces() {
    traces = GoldenTraces.load();
  }

  @Test
  void nodeLists() {
    eachResponse(
        "GET_NODE_LIST",
        40,
        (event, payload) -> {
          int count = payload.readableBytes() / NodeEntry.SIZE;
          ByteBuf expected = withoutLinks(payload.copy(), 0, count);
          List<NodeEntry> nodes = NodeEntry.decodeList(payload, count);
          assertThat(payload.isReadable()).isFalse();
          assertThat(encoded(out -> nodes.forEach(node -> node.encode(out))))
              .as(event.toString())
              .isEqualTo(ByteBufUtil.hexDump(expected));
          assertThat(nodes)
              .extracting(NodeEntry::address)
              .isSorted()
              .first()
              .hasToString("127.0.0.1:7000");
          assertThat(nodes).allSatisfy(node -> assertThat(node.vnodes()).isBetween(120, 136));
        });
  }

  @Test
  void clusterInfo() {
    eachResponse(
        "CLUSTER_INFO",
        10,
        (event, payload) -> {
          ClusterInfoPayload info = ClusterInfoPayload.decode(payload.duplicate());
          assertThat(info.protocolVersion()).isEqualTo(0x0a);
          if (!info.epoch().isZero()) {
            assertThat(info.nodes())
                .extracting(NodeEntry::address)
                .first()
                .hasToString("127.0.0.1:7000");
          }
          ByteBuf expected = withoutLinks(payload.copy(), 48, info.nodes().size());
          int used = 48 + info.nodes().size() * NodeEntry.SIZE;
          // Slots beyond the members may hold remains of former members.
          expected.setZero(used, ClusterInfoPayload.SIZE - used);
          assertThat(encoded(info::encode))
              .as(event.toString())
              .isEqualTo(ByteBufUtil.hexDump(expected));
        });
  }

  @Test
  void epochLogs() {
    eachResponse(
        "STAT_CLUSTER",
        40,
        (event, payload) -> {
          ClusterBody request = (ClusterBody) RequestCodec.decode(requestOf(event).header()).body();
          int slots = (int) request.nodeSlots();
          ByteBuf expected = payload.copy();
          List<EpochLogEntry> entries = EpochLogEntry.decodeList(payload, slots);
          for (int i = 0; i < entries.size(); i++) {
            int nodes = i * EpochLogEntry.size(slots) + EpochLogEntry.HEADER_SIZE;
            int used = entries.get(i).nodes().size();
            withoutLinks(expected, nodes, used);
            // The reference daemon leaves what was in its memory in the slots that it does not
            // need.
            expected.setZero(nodes + used * NodeEntry.SIZE, (slots - used) * NodeEntry.SIZE);
          }
          assertThat(encoded(out -> entries.forEach(entry -> entry.encode(out, slots))))
              .as(event.toString())
              .isEqualTo(ByteBufUtil.hexDump(expected));
          assertThat(entries.get(0).creationTime().isNone()).isFalse();
          assertThat(entries)
              .extracting(EpochLogEntry::epoch)
              .isSortedAccordingTo((a, b) -> b.compareTo(a));
        });
  }

  @Test
  void vdiStates() {
    eachResponse(
        "GET_VDI_COPIES",
        5,
        (event, payload) -> {
          String expected = ByteBufUtil.hexDump(payload);
          List<VdiStatePayload> states = VdiStatePayload.decodeList(payload);
          assertThat(encoded(out -> states.forEach(state -> state.encode(out))))
              .as(event.toString())
              .isEqualTo(expected);
        });
  }

  @Test
  void aLockedVdiShowsItsOwner() {
    TraceEvent event =
        traces.events("3node-locked-conflict").stream()
            .filter(
                e -> e.kind() == TraceEvent.Kind.RESPONSE && e.operation().equals("GET_VDI_COPIES"))
            .filter(e -> e.payloadLength() > 0)
            .findFirst()
            .orElseThrow();
    VdiStatePayload state = VdiStatePayload.decode(payload(event));
    assertThat(state.lockState()).isEqualTo(VdiStatePayload.LockState.LOCKED);
    assertThat(state.lockOwner()).hasToString("127.0.0.1:7000");
  }

  @Test
  void diskInfo() {
    eachResponse("MD_INFO", 6, roundTrip(MdInfo::decode, MdInfo::encode));
  }

  @Test
  void recoveryState() {
    eachResponse(
        "STAT_RECOVERY", 6, roundTrip(RecoveryStatePayload::decode, RecoveryStatePayload::encode));
  }

  @Test
  void recoveryThrottle() {
    eachResponse("GET_RECOVERY", 1, roundTrip(RecoveryThrottle::decode, RecoveryThrottle::encode));
  }

  @Test
  void statistics() {
    eachResponse("STAT", 2, roundTrip(SheepStat::decode, SheepStat::encode));
  }

  @Test
  void bitmaps() {
    eachResponse("READ_VDIS", 30, roundTrip(VdiBitmap::decode, VdiBitmap::encode));
    eachResponse("READ_DEL_VDIS", 20, roundTrip(VdiBitmap::decode, VdiBitmap::encode));
  }

  @Test
  void objectLists() {
    eachResponse(
        "GET_OBJ_LIST",
        40,
        (event, payload) -> {
          String expected = ByteBufUtil.hexDump(payload);
          List<ObjectId> ids = ObjectIdList.decode(payload);
          assertThat(encoded(out -> ObjectIdList.encode(ids, out))).isEqualTo(expected);
          assertThat(ids).isSorted();
          assertThat(ids).noneMatch(id -> id.kind() == ObjectKind.INVALID);
        });
  }

  @Test
  void attributesAndTheirSlots() {
    int seen = 0;
    for (TraceEvent event : events(TraceEvent.Kind.REQUEST, "GET_VDI_ATTR")) {
      VdiAttribute attribute = VdiAttribute.decode(payload(event));
      assertThat(encoded(attribute::encode)).isEqualTo(ByteBufUtil.hexDump(payload(event)));
      TraceEvent answer = responseOf(event);
      VdiReply reply = (VdiReply) ResponseCodec.decode(answer.header()).body();
      assertThat(VdiId.hashOf(attribute.name())).as(event.toString()).isEqualTo(reply.vdiId());
      assertThat(attribute.attributeId()).as(event.toString()).isEqualTo(reply.attributeId());
      seen++;
    }
    assertThat(seen).isEqualTo(4);
  }

  @Test
  void attributeObjectsAreTheSameStructure() {
    int seen = 0;
    for (TraceEvent event : events(TraceEvent.Kind.REQUEST, "CREATE_AND_WRITE_PEER")) {
      if (event.payloadLength() == VdiAttribute.SIZE) {
        VdiAttribute attribute = VdiAttribute.decode(payload(event));
        ObjectBody body = (ObjectBody) RequestCodec.decode(event.header()).body();
        assertThat(body.oid()).isEqualTo(attribute.firstSlot());
        assertThat(encoded(attribute::encode)).isEqualTo(ByteBufUtil.hexDump(payload(event)));
        assertThat(attribute.createTime().isNone()).isFalse();
        seen++;
      }
    }
    assertThat(seen).isEqualTo(4);
  }

  @Test
  void vdiNames() {
    int seen = 0;
    for (String operation : List.of("NEW_VDI", "LOCK_VDI", "GET_VDI_INFO", "DEL_VDI")) {
      for (TraceEvent event : events(TraceEvent.Kind.REQUEST, operation)) {
        ByteBuf payload = payload(event);
        boolean tagged = payload.readableBytes() == NameTag.NAME_AND_TAG_SIZE;
        String expected = ByteBufUtil.hexDump(payload);
        NameTag names = NameTag.decode(payload, payload.readableBytes());
        assertThat(encoded(tagged ? names::encodeNameAndTag : names::encodeName))
            .as(event.toString())
            .isEqualTo(expected);
        seen++;
      }
    }
    assertThat(seen).isGreaterThan(140);
  }

  @Test
  void newVdisBeginAtTheHashOfTheirName() {
    for (TraceEvent event : events(TraceEvent.Kind.REQUEST, "NEW_VDI")) {
      Response response = ResponseCodec.decode(responseOf(event).header());
      VdiReply reply = (VdiReply) response.body();
      if (response.isSuccess()) {
        NameTag names = NameTag.decode(payload(event), event.payloadLength());
        int distance = reply.vdiId().value() - VdiId.hashOf(names.name()).value();
        assertThat(distance).as(event.toString()).isBetween(0, 15);
      }
    }
  }

  private static <T> BiConsumer<TraceEvent, ByteBuf> roundTrip(
      Function<ByteBuf, T> decode, BiConsumer<T, ByteBuf> encode) {
    return (event, payload) -> {
      String expected = ByteBufUtil.hexDump(payload);
      T value = decode.apply(payload);
      assertThat(payload.isReadable()).as(event.toString()).isFalse();
      assertThat(encoded(out -> encode.accept(value, out)))
          .as(event.toString())
          .isEqualTo(expected);
    };
  }

  private static void eachResponse(
      String operation, int atLeast, BiConsumer<TraceEvent, ByteBuf> check) {
    int seen = 0;
    for (TraceEvent event : events(TraceEvent.Kind.RESPONSE, operation)) {
      if (event.payloadLength() > 0) {
        check.accept(event, payload(event));
        seen++;
      }
    }
    assertThat(seen).as(operation).isGreaterThanOrEqualTo(atLeast);
  }

  private static List<TraceEvent> events(TraceEvent.Kind kind, String operation) {
    return traces
        .messages()
        .filter(event -> event.kind() == kind && event.operation().equals(operation))
        .toList();
  }

  private static TraceEvent requestOf(TraceEvent response) {
    return traces.events(response.trace()).get(response.requestSequence() - 1);
  }

  private static TraceEvent responseOf(TraceEvent request) {
    List<TraceEvent> answers = new ArrayList<>();
    for (TraceEvent event : traces.events(request.trace())) {
      if (event.kind() == TraceEvent.Kind.RESPONSE
          && event.requestSequence() == request.sequence()) {
        answers.add(event);
      }
    }
    assertThat(answers).hasSize(1);
    return answers.get(0);
  }

  private static ByteBuf payload(TraceEvent event) {
    return Objects.requireNonNull(event.payload(), event.toString());
  }

  /** Zeroes the memory addresses that the reference daemon leaves in node entries. */
  private static ByteBuf withoutLinks(ByteBuf buffer, int firstEntry, int count) {
    assertThat(count).isLessThanOrEqualTo(Limits.MAX_NODES);
    for (int i = 0; i < count; i++) {
      buffer.setZero(firstEntry + i * NodeEntry.SIZE, LINKS_SIZE);
    }
    return buffer;
  }

  private static String encoded(Consumer<ByteBuf> encoder) {
    ByteBuf out = Unpooled.buffer();
    encoder.accept(out);
    return ByteBufUtil.hexDump(out);
  }
}
