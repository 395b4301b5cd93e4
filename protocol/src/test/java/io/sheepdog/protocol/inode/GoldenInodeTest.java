package io.sheepdog.protocol.inode;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.RequestCodec;
import io.sheepdog.protocol.testdata.GoldenTraces;
import io.sheepdog.protocol.testdata.TraceEvent;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Inode headers as they travelled between QEMU 5.2, dog and the reference daemon. */
@Timeout(60)
class GoldenInodeTest {
  @Test
  void everyRecordedInodeHeaderReencodesToTheSameBytes() {
    GoldenTraces traces = GoldenTraces.load();
    int seen = 0;
    int snapshots = 0;
    for (String name : traces.names()) {
      List<TraceEvent> events = traces.events(name);
      for (TraceEvent event : events) {
        if (!event.isMessage() || event.payloadLength() < InodeLayout.HEADER_SIZE) {
          continue;
        }
        TraceEvent requestEvent =
            event.kind() == TraceEvent.Kind.REQUEST
                ? event
                : events.get(event.requestSequence() - 1);
        Request request = RequestCodec.decode(requestEvent.header());
        if (!(request.body() instanceof ObjectBody body)
            || body.oid().kind() != ObjectKind.INODE
            || body.offset() != 0) {
          continue;
        }
        ByteBuf payload = Objects.requireNonNull(event.payload(), event.toString());
        String expected = ByteBufUtil.hexDump(payload, 0, InodeLayout.HEADER_SIZE);
        InodeHeader header = InodeHeader.decode(payload);
        ByteBuf again = Unpooled.buffer();
        header.encode(again);
        assertThat(ByteBufUtil.hexDump(again)).as(event.toString()).isEqualTo(expected);
        assertThat(header.vdiId()).as(event.toString()).isEqualTo(body.oid().vid());
        seen++;
        snapshots += header.isSnapshot() ? 1 : 0;
      }
    }
    assertThat(seen).isGreaterThan(150);
    assertThat(snapshots).isPositive();
  }
}
