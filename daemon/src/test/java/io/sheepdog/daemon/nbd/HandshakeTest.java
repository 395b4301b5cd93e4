package io.sheepdog.daemon.nbd;

import static io.sheepdog.daemon.nbd.NbdTestClient.FLAGS;
import static io.sheepdog.daemon.nbd.NbdTestClient.bytes;
import static io.sheepdog.daemon.nbd.NbdTestClient.contexts;
import static io.sheepdog.daemon.nbd.NbdTestClient.hex;
import static io.sheepdog.daemon.nbd.NbdTestClient.query;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.block.BlockClient;
import io.sheepdog.core.block.MemoryBlockHost;
import io.sheepdog.daemon.NoLeaks;
import io.sheepdog.daemon.nbd.NbdTestClient.OptionReply;
import io.sheepdog.daemon.nbd.NbdTestClient.World;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The negotiation, byte by byte; numbers are those of the published protocol. */
@Timeout(60)
@ExtendWith(NoLeaks.class)
final class HandshakeTest {
  private static final int EXPORT_NAME = 1;
  private static final int ABORT = 2;
  private static final int LIST = 3;
  private static final int STARTTLS = 5;
  private static final int INFO = 6;
  private static final int GO = 7;
  private static final int STRUCTURED_REPLY = 8;
  private static final int LIST_META_CONTEXT = 9;
  private static final int SET_META_CONTEXT = 10;
  private static final int EXTENDED_HEADERS = 11;

  private static final int ERR_UNSUP = 0x80000001;
  private static final int ERR_POLICY = 0x80000002;
  private static final int ERR_INVALID = 0x80000003;
  private static final int ERR_UNKNOWN = 0x80000006;
  private static final int ERR_TOO_BIG = 0x80000009;

  private final World world = new World();
  private final NbdTestClient client = world.connect("10.0.0.1");

  HandshakeTest() {
    world.host.create("Alice");
  }

  @Test
  void goAnswersSizeFlagsAndBlockSizes() {
    client.greet(FLAGS);
    client.sendOption(GO, query("Alice"));
    assertThat(hex(client.received()))
        .isEqualTo(
            ("0003e889045565a9 00000007 00000003 0000000c 0000 0000000000800600 0d6d"
                    + "0003e889045565a9 00000007 00000003 0000000e 0003 00000001 00001000 02000000"
                    + "0003e889045565a9 00000007 00000001 00000000")
                .replace(" ", ""));
    assertThat(world.host.isLocked("Alice")).isTrue();
  }

  @Test
  void exportNameIsAnsweredWithZeroesUnlessTheClientNeedsNone() {
    client.greet(Nbd.FIXED_NEWSTYLE);
    client.sendOption(EXPORT_NAME, bytes("Alice"));
    assertThat(hex(client.received())).isEqualTo("0000000000800600" + "0d6d" + "00".repeat(124));
    NbdTestClient reader = world.connect("10.0.0.2").greet(FLAGS);
    reader.sendOption(EXPORT_NAME, bytes("Alice?readonly"));
    assertThat(hex(reader.received())).isEqualTo("0000000000800600" + "0503");
  }

  @Test
  void exportNameThatCannotBeOpenedEndsTheConnection() {
    client.greet(FLAGS);
    client.sendOption(EXPORT_NAME, bytes("Bob"));
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void infoTellsWhatIsAskedForAndLocksNothing() {
    client.greet(FLAGS);
    List<OptionReply> replies = client.option(INFO, query("Alice", 1, 2, 3, 99));
    assertThat(replies).extracting(OptionReply::type).containsExactly(3, 3, 3, 3, 1);
    assertThat(replies.get(2).text()).isEqualTo("\0\1Alice");
    assertThat(replies.get(3).text()).isEqualTo("\0\2sheepdog working VDI");
    assertThat(world.host.isLocked("Alice")).isFalse();
  }

  @Test
  void structuredRepliesAddTheDontFragmentFlag() {
    client.greet(FLAGS);
    assertThat(client.option(STRUCTURED_REPLY, new byte[0]).get(0).type()).isEqualTo(Nbd.REP_ACK);
    ByteBuf export = client.option(INFO, query("Alice")).get(0).buffer();
    assertThat(export.getUnsignedShort(10)).isEqualTo(0x0ded);
  }

  @Test
  void listShowsVdisAndSnapshots() {
    world.host.snapshot("Alice", "noon");
    client.greet(FLAGS);
    List<OptionReply> replies = client.option(LIST, new byte[0]);
    assertThat(replies).extracting(OptionReply::type).containsExactly(2, 2, 1);
    assertThat(replies.get(0).text()).startsWith("\0\0\0\12Alice@noon");
    assertThat(replies.get(1).text()).startsWith("\0\0\0\5Alice");
  }

  @Test
  void theSecondWriterIsToldWhoTheFirstIs() {
    client.go("Alice", true);
    OptionReply reply = world.connect("10.0.0.2").greet(FLAGS).refused(GO, query("Alice"));
    assertThat(reply.type()).isEqualTo(ERR_POLICY);
    assertThat(reply.text()).contains("in use by 10.0.0.1 through node 10.0.0.1:7000");
  }

  @Test
  void aRefusedClientMayTrySomethingElse() {
    client.greet(FLAGS);
    assertThat(client.refused(GO, query("Bob")).type()).isEqualTo(ERR_UNKNOWN);
    assertThat(client.refused(GO, query("")).text()).contains("name is needed");
    assertThat(client.refused(INFO, query("Alice@1")).type()).isEqualTo(ERR_UNKNOWN);
    assertThat(client.refused(EXTENDED_HEADERS, new byte[0]).type()).isEqualTo(ERR_UNSUP);
    assertThat(client.refused(4711, new byte[100]).type()).isEqualTo(ERR_UNSUP);
    assertThat(client.refused(STARTTLS, new byte[0]).type()).isEqualTo(ERR_POLICY);
    assertThat(client.option(GO, query("Alice"))).hasSize(3);
  }

  @Test
  void malformedOptionsAreInvalidAndTheNextOneIsUnderstood() {
    client.greet(FLAGS);
    byte[] notUtf8 = query("Alice");
    notUtf8[5] = (byte) 0xff;
    byte[] longName = query("x".repeat(5000));
    byte[] tooLong = query("Alice");
    tooLong[3] = 100;
    byte[] short2 = {0, 0};
    byte[] manyKinds = {0, 0, 0, 0, (byte) 0xff, (byte) 0xff};
    byte[] manyQueries = {0, 0, 0, 0, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff};
    assertThat(client.refused(GO, notUtf8).text()).contains("not UTF-8");
    assertThat(client.refused(GO, longName).text()).contains("at most 4096");
    assertThat(client.refused(GO, tooLong).type()).isEqualTo(ERR_INVALID);
    assertThat(client.refused(INFO, short2).type()).isEqualTo(ERR_INVALID);
    assertThat(client.refused(INFO, manyKinds).type()).isEqualTo(ERR_INVALID);
    assertThat(client.refused(INFO, new byte[7]).text()).contains("1 bytes too many");
    assertThat(client.refused(LIST, new byte[1]).type()).isEqualTo(ERR_INVALID);
    assertThat(client.refused(STRUCTURED_REPLY, new byte[1]).type()).isEqualTo(ERR_INVALID);
    client.option(STRUCTURED_REPLY, new byte[0]);
    assertThat(client.refused(LIST_META_CONTEXT, manyQueries).type()).isEqualTo(ERR_INVALID);
    assertThat(client.refused(LIST, new byte[70_000]).type()).isEqualTo(ERR_TOO_BIG);
    assertThat(client.option(GO, query("Alice"))).hasSize(3);
  }

  @Test
  void exportNameWithTooMuchDataEndsTheConnection() {
    client.greet(FLAGS);
    client.sendOption(EXPORT_NAME, new byte[Nbd.MAX_OPTION_DATA + 1]);
    assertThat(client.received()).isEmpty();
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void whoCannotBeToldFromOthersMayHaveSeveralConnectionsForReadingOnly() {
    client.greet(FLAGS);
    BlockClient tcp = BlockClient.of("10.0.0.1");
    NbdTestClient writer = new NbdTestClient(world, tcp, NbdTls.NONE).greet(FLAGS);
    writer.sendOption(EXPORT_NAME, bytes("Alice"));
    assertThat(hex(writer.received())).isEqualTo("0000000000800600" + "0c6d");
    NbdTestClient reader = new NbdTestClient(world, tcp, NbdTls.NONE).greet(FLAGS);
    reader.sendOption(EXPORT_NAME, bytes("Alice?readonly"));
    assertThat(hex(reader.received())).isEqualTo("0000000000800600" + "0503");
  }

  @Test
  void metadataContextsNeedStructuredRepliesFirst() {
    client.greet(FLAGS);
    byte[] data = contexts("Alice", "base:allocation");
    assertThat(client.refused(SET_META_CONTEXT, data).type()).isEqualTo(ERR_INVALID);
    client.option(STRUCTURED_REPLY, new byte[0]);
    List<OptionReply> replies = client.option(SET_META_CONTEXT, data);
    assertThat(replies).extracting(OptionReply::type).containsExactly(4, 1);
    assertThat(replies.get(0).text()).isEqualTo("\0\0\0\1base:allocation");
    assertThat(client.option(SET_META_CONTEXT, contexts("Alice", "base:", "qemu:x"))).hasSize(1);
    assertThat(client.option(LIST_META_CONTEXT, contexts("Alice"))).hasSize(2);
    assertThat(client.option(LIST_META_CONTEXT, contexts("Alice", "base:"))).hasSize(2);
    assertThat(client.option(LIST_META_CONTEXT, contexts("Alice", "x-none:"))).hasSize(1);
    assertThat(client.refused(SET_META_CONTEXT, contexts("Bob", "base:allocation")).type())
        .isEqualTo(ERR_UNKNOWN);
  }

  @Test
  void abortIsAcknowledgedAndEndsTheConnection() {
    client.greet(FLAGS);
    client.sendOption(ABORT, new byte[0]);
    assertThat(hex(client.received()))
        .isEqualTo("0003e889045565a9" + "0000000200000001" + "00000000");
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void whatIsNotTheProtocolEndsTheConnection() {
    client.greet(FLAGS);
    client.send("474554202f20485454502f312e310d0a0d0a");
    assertThat(client.received()).isEmpty();
    assertThat(client.isClosed()).isTrue();
    NbdTestClient second = world.connect("a").greet(FLAGS | 4);
    assertThat(second.isClosed()).isTrue();
    NbdTestClient third = world.connect("a").greet(FLAGS);
    third.send(Unpooled.buffer().writeLong(Nbd.OPTION_MAGIC).writeInt(LIST).writeInt(-1));
    assertThat(third.isClosed()).isTrue();
  }

  @Test
  void aClientThatDoesNotWaitForTheAnswerToGoIsCut() {
    client.greet(FLAGS);
    byte[] data = query("Alice");
    ByteBuf both = Unpooled.buffer();
    for (int i = 0; i < 2; i++) {
      both.writeLong(Nbd.OPTION_MAGIC).writeInt(GO).writeInt(data.length).writeBytes(data);
    }
    world.host.hold(request -> true);
    client.send(both);
    world.host.release();
    client.received();
    assertThat(client.isClosed()).isTrue();
    assertThat(world.host.isLocked("Alice")).isFalse();
  }

  @Test
  void aClientThatGoesWhileItsExportIsOpenedLeavesNoLock() {
    world.host.hold(request -> true);
    client.greet(FLAGS);
    client.sendOption(GO, query("Alice"));
    client.cut();
    world.host.release();
    assertThat(world.host.isLocked("Alice")).isFalse();
    assertThat(world.host.sessions()).isZero();
  }

  @Test
  void aConnectionAboveTheLimitHearsWhyItIsNotServed() {
    client.greet(FLAGS);
    List<NbdTestClient> all = new ArrayList<>();
    for (int i = 1; i < NbdLimits.DEFAULTS.connections(); i++) {
      all.add(world.connect("a"));
    }
    NbdTestClient surplus = world.connect("a").greet(FLAGS);
    assertThat(surplus.refused(GO, query("Alice")).text()).contains("1024", "use another node");
    assertThat(surplus.refused(LIST, new byte[0]).text()).contains("1024", "use another node");
    assertThat(surplus.refused(LIST, new byte[70_000]).text()).contains("use another node");
    surplus.sendOption(EXPORT_NAME, bytes("Alice"));
    assertThat(surplus.isClosed()).isTrue();
    assertThat(client.option(GO, query("Alice"))).hasSizeGreaterThan(1);
    all.forEach(NbdTestClient::cut);
    surplus.cut();
    assertThat(world.connect("a").greet(FLAGS).option(LIST, new byte[0])).hasSizeGreaterThan(1);
  }

  @Test
  void openingAnExportWaitsForItsBytes() {
    client.greet(FLAGS);
    world.budget.pause(true);
    client.sendOption(GO, query("Alice"));
    assertThat(client.received()).isEmpty();
    world.host.hold(request -> true);
    world.budget.pause(false);
    assertThat(world.budget.used()).isPositive();
    world.host.release();
    assertThat(client.received()).isNotEmpty();
    assertThat(world.budget.used()).isZero();
  }

  @Test
  void whoGoesWhileItWaitsToOpenAnExportLeavesNothing() {
    client.greet(FLAGS);
    world.budget.pause(true);
    client.sendOption(GO, query("Alice"));
    client.cut();
    world.budget.pause(false);
    assertThat(world.budget.used()).isZero();
    assertThat(world.host.isLocked("Alice")).isFalse();
  }

  @Test
  void whoOpensNothingIsCutAfterAWhile() {
    client.greet(FLAGS);
    client.channel.advanceTimeBy(NbdLimits.DEFAULTS.handshake().toSeconds(), TimeUnit.SECONDS);
    client.channel.runScheduledPendingTasks();
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void tooManyExportsAreNotListed() {
    MemoryBlockHost host = world.host;
    for (int i = 0; i <= Handshake.MAX_LISTED; i++) {
      host.create("v" + i);
    }
    client.greet(FLAGS);
    assertThat(client.refused(LIST, new byte[0]).type()).isEqualTo(ERR_TOO_BIG);
  }
}
