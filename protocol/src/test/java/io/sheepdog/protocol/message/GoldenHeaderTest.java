package io.sheepdog.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ProtocolVersion;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.testdata.GoldenTraces;
import io.sheepdog.protocol.testdata.JsonTree;
import io.sheepdog.protocol.testdata.TraceEvent;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Headers as QEMU 5.2, dog and the reference daemon sent them. */
@Timeout(60)
class GoldenHeaderTest {
  private static GoldenTraces traces;

  @BeforeAll
  static void loadTraces() {
    traces = GoldenTraces.load();
  }

  @Test
  void theRecordingsAreThere() {
    assertThat(traces.names()).hasSizeGreaterThan(100);
    assertThat(traces.requests().count()).isGreaterThan(1500);
    assertThat(traces.responses().count()).isGreaterThan(1500);
  }

  @Test
  void everyRecordedRequestReencodesToTheSameBytes() {
    traces
        .requests()
        .forEach(
            event -> {
              Request request = RequestCodec.decode(event.header());
              ByteBuf again = Unpooled.buffer();
              RequestCodec.encode(request, again);
              assertThat(ByteBufUtil.hexDump(again))
                  .as(event.toString())
                  .isEqualTo(event.fields().text("header_hex"));
            });
  }

  @Test
  void everyRecordedResponseReencodesToTheSameBytes() {
    traces
        .responses()
        .forEach(
            event -> {
              Response response = ResponseCodec.decode(event.header());
              ByteBuf again = Unpooled.buffer();
              ResponseCodec.encode(response, again);
              assertThat(ByteBufUtil.hexDump(again))
                  .as(event.toString())
                  .isEqualTo(event.fields().text("header_hex"));
            });
  }

  @Test
  void commonRequestFieldsAreAsRecorded() {
    traces
        .requests()
        .forEach(
            event -> {
              JsonTree fields = event.fields();
              Request request = RequestCodec.decode(event.header());
              Opcode operation = Objects.requireNonNull(request.operation(), event.toString());
              assertThat(operation.name()).as(event.toString()).isEqualTo(event.operation());
              assertThat(
                      List.<Number>of(
                          request.protocolVersion(),
                          request.opcode(),
                          request.flags(),
                          request.epoch().value(),
                          request.id(),
                          request.dataLength()))
                  .as(event.toString())
                  .isEqualTo(
                      List.<Number>of(
                          (int) fields.number("proto_ver"),
                          (int) fields.hex("opcode"),
                          (int) fields.hex("flags"),
                          (int) fields.number("epoch"),
                          (int) fields.number("id"),
                          (int) fields.number("data_length")));
              assertThat(request.carriesPayload())
                  .as(event.toString())
                  .isEqualTo(event.payloadLength() > 0);
              assertThat(ProtocolVersion.accepts(request.opcode(), request.protocolVersion()))
                  .as(event.toString())
                  .isTrue();
            });
  }

  @Test
  void dogAndDaemonsSendTheVersionByteThatOurRequestsCarry() {
    traces
        .requests()
        .filter(event -> !event.source().startsWith("qemu"))
        .forEach(
            event -> {
              Request request = RequestCodec.decode(event.header());
              Opcode operation = Objects.requireNonNull(request.operation());
              assertThat(request.protocolVersion())
                  .as(event.toString())
                  .isEqualTo(operation.protocolVersion());
            });
  }

  @Test
  void recordedFlagNamesAreOurConstants() {
    traces
        .requests()
        .forEach(
            event -> {
              int flags = 0;
              for (String name : event.fields().texts("flag_names")) {
                flags |=
                    switch (name) {
                      case "WRITE" -> RequestFlags.WRITE;
                      case "COW" -> RequestFlags.COW;
                      case "CACHE" -> RequestFlags.CACHE;
                      case "DIRECT" -> RequestFlags.DIRECT;
                      case "PIGGYBACK" -> RequestFlags.PIGGYBACK;
                      case "TGT" -> RequestFlags.TGT;
                      case "FWD" -> RequestFlags.FWD;
                      case "RECOVERY" -> RequestFlags.RECOVERY;
                      case "WILDCARD/CREAT" -> RequestFlags.WILDCARD | RequestFlags.CREAT;
                      case "EXCL" -> RequestFlags.EXCL;
                      case "DEL" -> RequestFlags.DEL;
                      default -> throw new AssertionError(name);
                    };
              }
              assertThat(RequestCodec.decode(event.header()).flags())
                  .as(event.toString())
                  .isEqualTo(flags);
            });
  }

  @Test
  void requestBodiesAreAsRecorded() {
    traces.requests().forEach(GoldenHeaderTest::assertRequestBody);
  }

  private static void assertRequestBody(TraceEvent event) {
    JsonTree fields = event.fields();
    RequestBody body = RequestCodec.decode(event.header()).body();
    String what = event.toString();
    if (fields.has("obj")) {
      JsonTree obj = fields.tree("obj");
      assertThat(body)
          .as(what)
          .isEqualTo(
              new ObjectBody(
                  ObjectId.parse(obj.text("oid")),
                  ObjectId.parse(obj.text("cow_oid")),
                  (int) obj.number("copies"),
                  (int) obj.number("copy_policy"),
                  (int) obj.number("ec_index"),
                  new Epoch((int) obj.number("tgt_epoch")),
                  obj.number("offset")));
    } else if (event.operation().equals("FLUSH_VDI")) {
      // Recorded under the names of the vdi layout, but it is an object request.
      JsonTree vdi = fields.tree("vdi");
      assertThat(body)
          .as(what)
          .isEqualTo(
              ObjectBody.of(new ObjectId(vdi.number("vdi_size")), 0, (int) vdi.number("snapid")));
    } else if (fields.has("vdi")) {
      JsonTree vdi = fields.tree("vdi");
      assertThat(body)
          .as(what)
          .isEqualTo(
              new VdiBody(
                  vdi.number("vdi_size"),
                  new VdiId((int) vdi.hex("base_vdi_id")),
                  (int) vdi.number("copies"),
                  (int) vdi.number("copy_policy"),
                  (int) vdi.number("store_policy"),
                  (int) vdi.number("block_size_shift"),
                  (int) vdi.number("snapid"),
                  (int) vdi.number("type")));
    } else if (fields.has("cluster") && !event.operation().equals("REWEIGHT")) {
      JsonTree cluster = fields.tree("cluster");
      assertThat(body)
          .as(what)
          .isEqualTo(
              new ClusterBody(
                  ObjectId.parse(cluster.text("oid")),
                  cluster.number("ctime"),
                  (int) cluster.number("copies"),
                  (int) cluster.number("copy_policy"),
                  (int) cluster.hex("flags"),
                  (int) cluster.number("tag"),
                  cluster.number("nodes_nr"),
                  (int) cluster.number("block_size_shift")));
    } else if (fields.has("ref")) {
      JsonTree ref = fields.tree("ref");
      assertThat(body).as(what).isInstanceOf(RefBody.class);
      RefBody actual = (RefBody) body;
      assertThat(actual)
          .as(what)
          .isEqualTo(
              new RefBody(
                  ObjectId.parse(ref.text("oid")),
                  (int) ref.number("generation"),
                  (int) ref.number("count"),
                  actual.ecIndex()));
    } else {
      assertWords(event, body);
    }
  }

  private static void assertWords(TraceEvent event, RequestBody body) {
    switch (event.operation()) {
      case "STAT_CLUSTER" ->
          assertThat(body)
              .as(event.toString())
              .isEqualTo(ClusterBody.status(event.fields().numbers("words").get(6)));
      case "GET_OBJ_LIST" ->
          assertThat(body).as(event.toString()).isEqualTo(ObjectBody.of(new ObjectId(0), 0));
      case "GET_VDI_ATTR" -> assertThat(body).as(event.toString()).isEqualTo(VdiBody.lookup(0));
      default -> assertThat(body).as(event.toString()).isEqualTo(RawBody.EMPTY);
    }
  }

  @Test
  void responseFieldsAreAsRecorded() {
    traces.responses().forEach(GoldenHeaderTest::assertResponse);
  }

  private static void assertResponse(TraceEvent event) {
    JsonTree fields = event.fields();
    Response response = ResponseCodec.decode(event.header());
    String what = event.toString();
    assertThat(response.protocolVersion()).as(what).isEqualTo(ProtocolVersion.RESPONSE);
    assertThat(response.flags()).as(what).isEqualTo(RequestFlags.NONE);
    assertThat(response.result()).as(what).isEqualTo((int) fields.number("result"));
    assertThat(response.resultCode()).as(what).isNotNull();
    assertThat(response.epoch().value()).as(what).isEqualTo((int) fields.number("epoch"));
    assertThat(response.id()).as(what).isEqualTo((int) fields.number("id"));
    assertThat(response.dataLength()).as(what).isEqualTo(event.payloadLength());
    switch (event.operation()) {
      case "GET_CLUSTER_DEFAULT" -> {
        // The recorder looked for the three bytes at 24; the header has them at 20.
        ByteBuf header = event.header();
        assertThat(response.body())
            .as(what)
            .isEqualTo(
                new ClusterDefaultReply(
                    header.getByte(20), header.getByte(21), header.getByte(22)));
      }
      case "GET_HASH" ->
          assertThat(((HashReply) response.body()).digest())
              .as(what)
              .isEqualTo(ByteBufUtil.getBytes(event.header(), 24, HashReply.DIGEST_SIZE));
      case "FLUSH_VDI" -> assertThat(response.body()).as(what).isEqualTo(ObjectReply.EMPTY);
      default -> assertReplyBody(event, response.body());
    }
  }

  private static void assertReplyBody(TraceEvent event, ResponseBody body) {
    JsonTree fields = event.fields();
    if (fields.has("obj")) {
      JsonTree obj = fields.tree("obj");
      assertThat(body)
          .as(event.toString())
          .isEqualTo(new ObjectReply((int) obj.number("copies"), obj.number("offset")));
    } else if (fields.has("vdi")) {
      JsonTree vdi = fields.tree("vdi");
      assertThat(body)
          .as(event.toString())
          .isEqualTo(
              new VdiReply(
                  new VdiId((int) vdi.hex("vdi_id")),
                  (int) vdi.number("attr_id"),
                  vdi.has("copies") ? (int) vdi.number("copies") : event.header().getByte(32),
                  vdi.has("copies") ? (int) vdi.number("block_size_shift") : 0));
    } else if (fields.has("node")) {
      JsonTree node = fields.tree("node");
      assertThat(body)
          .as(event.toString())
          .isEqualTo(
              new NodeReply(
                  (int) node.number("nr_nodes"),
                  node.number("store_size"),
                  node.number("store_free")));
    } else {
      assertThat(body).as(event.toString()).isEqualTo(NoBody.INSTANCE);
    }
  }

  @Test
  void noRecordedMessageComesNearThePayloadLimit() {
    long largest =
        traces
            .messages()
            .mapToLong(event -> event.fields().number("data_length"))
            .max()
            .orElseThrow();
    assertThat(largest).isPositive().isLessThan(Limits.MAX_PAYLOAD / 2);
  }

  @Test
  void noResponseHasMorePayloadThanItsClientReads() {
    for (String name : traces.names()) {
      List<TraceEvent> events = traces.events(name);
      for (TraceEvent event : events) {
        if (event.kind() == TraceEvent.Kind.RESPONSE) {
          Request request = RequestCodec.decode(events.get(event.requestSequence() - 1).header());
          assertThat(event.payloadLength())
              .as(event.toString())
              .isLessThanOrEqualTo(request.replyRoom());
        }
      }
    }
  }
}
