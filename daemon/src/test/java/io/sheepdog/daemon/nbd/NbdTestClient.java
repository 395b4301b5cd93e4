package io.sheepdog.daemon.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.core.block.BlockClient;
import io.sheepdog.core.block.BlockVolumes;
import io.sheepdog.core.block.ManualScheduler;
import io.sheepdog.core.block.MemoryBlockHost;
import io.sheepdog.daemon.net.ByteBudget;
import io.sheepdog.daemon.net.StallingChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** One NBD connection without a socket: what is sent and what comes back, as bytes. */
final class NbdTestClient {
  static final int FLAGS = Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES;

  final StallingChannel channel = new StallingChannel();
  private final NbdConnection connection;

  /** What connections of one server share. */
  static final class World {
    final MemoryBlockHost host = new MemoryBlockHost();
    final ManualScheduler time = new ManualScheduler();
    final ByteBudget budget = new ByteBudget(128 << 20);
    final NbdShared shared =
        new NbdShared(NbdLimits.DEFAULTS, budget, new BlockVolumes(host, time, 16 << 20));

    /** Looks at all connections, as a server does each second. */
    void look(int times) {
      for (int i = 0; i < times; i++) {
        budget.look();
        List.copyOf(shared.connections()).forEach(NbdConnection::look);
      }
    }

    /** A program at that address, which may have several connections. */
    NbdTestClient connect(String address) {
      return new NbdTestClient(this, BlockClient.ofProcess(address, 1), NbdTls.NONE);
    }
  }

  /** A reply to an option. */
  record OptionReply(int option, int type, byte[] data) {
    String text() {
      return new String(data, StandardCharsets.UTF_8);
    }

    ByteBuf buffer() {
      return Unpooled.wrappedBuffer(data);
    }
  }

  NbdTestClient(World world, BlockClient client, NbdTls tls) {
    connection = new NbdConnection(world.shared, channel, client, tls);
    connection.start();
  }

  static String hex(byte[] bytes) {
    return ByteBufUtil.hexDump(bytes);
  }

  /** Everything that came since the last call. */
  byte[] received() {
    channel.runPendingTasks();
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
      all.writeBytes(part);
      part.release();
    }
    return ByteBufUtil.getBytes(all);
  }

  void send(ByteBuf bytes) {
    ByteBuf sent = channel.alloc().buffer(bytes.readableBytes());
    sent.writeBytes(bytes);
    channel.writeInbound(sent);
    channel.runPendingTasks();
  }

  void send(String hex) {
    send(Unpooled.wrappedBuffer(ByteBufUtil.decodeHexDump(hex.replace(" ", ""))));
  }

  /** Takes the greeting and sends the client's flags. */
  NbdTestClient greet(int flags) {
    assertThat(hex(received())).isEqualTo("4e42444d41474943" + "49484156454f5054" + "0003");
    send(Unpooled.buffer().writeInt(flags));
    return this;
  }

  void sendOption(int option, byte[] data) {
    send(
        Unpooled.buffer()
            .writeLong(Nbd.OPTION_MAGIC)
            .writeInt(option)
            .writeInt(data.length)
            .writeBytes(data));
  }

  List<OptionReply> option(int option, byte[] data) {
    sendOption(option, data);
    return optionReplies();
  }

  List<OptionReply> optionReplies() {
    ByteBuf in = Unpooled.wrappedBuffer(received());
    List<OptionReply> replies = new ArrayList<>();
    while (in.isReadable()) {
      assertThat(in.readLong()).isEqualTo(Nbd.OPTION_REPLY_MAGIC);
      int to = in.readInt();
      int type = in.readInt();
      byte[] bytes = new byte[in.readInt()];
      in.readBytes(bytes);
      replies.add(new OptionReply(to, type, bytes));
    }
    return replies;
  }

  /** The only reply, an error. */
  OptionReply refused(int option, byte[] data) {
    List<OptionReply> replies = option(option, data);
    assertThat(replies).hasSize(1);
    assertThat(replies.get(0).option()).isEqualTo(option);
    assertThat(replies.get(0).type()).isNegative();
    return replies.get(0);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Data of INFO and GO. */
  static byte[] query(String export, int... kinds) {
    ByteBuf data = Unpooled.buffer().writeInt(bytes(export).length).writeBytes(bytes(export));
    data.writeShort(kinds.length);
    for (int kind : kinds) {
      data.writeShort(kind);
    }
    return ByteBufUtil.getBytes(data);
  }

  /** Data of the options about metadata contexts. */
  static byte[] contexts(String export, String... queries) {
    ByteBuf data = Unpooled.buffer().writeInt(bytes(export).length).writeBytes(bytes(export));
    data.writeInt(queries.length);
    for (String query : queries) {
      data.writeInt(bytes(query).length).writeBytes(bytes(query));
    }
    return ByteBufUtil.getBytes(data);
  }

  /** Negotiates until requests can be sent. */
  NbdTestClient go(String export, boolean structured) {
    greet(FLAGS);
    if (structured) {
      assertThat(option(8, new byte[0])).hasSize(1);
      assertThat(option(10, contexts(export, Nbd.BASE_ALLOCATION))).hasSize(2);
    }
    List<OptionReply> replies = option(7, query(export));
    assertThat(replies.get(replies.size() - 1).type()).isEqualTo(Nbd.REP_ACK);
    return this;
  }

  static ByteBuf header(int flags, int type, long cookie, long offset, long length) {
    return Unpooled.buffer()
        .writeInt(Nbd.REQUEST_MAGIC)
        .writeShort(flags)
        .writeShort(type)
        .writeLong(cookie)
        .writeLong(offset)
        .writeInt((int) length);
  }

  /** Sends a request and takes what comes. */
  ByteBuf request(int flags, int type, long offset, long length, byte[] payload) {
    send(header(flags, type, 7, offset, length).writeBytes(payload));
    return Unpooled.wrappedBuffer(received());
  }

  /** Sends a request to which a simple reply without data comes; its error. */
  int simple(int flags, int type, long offset, long length, byte[] payload) {
    ByteBuf reply = request(flags, type, offset, length, payload);
    assertThat(reply.readInt()).isEqualTo(Nbd.SIMPLE_REPLY_MAGIC);
    int error = reply.readInt();
    assertThat(reply.readLong()).isEqualTo(7);
    assertThat(reply.isReadable()).isFalse();
    return error;
  }

  boolean isClosed() {
    channel.runPendingTasks();
    return !channel.isOpen();
  }

  /** The client's side goes without a word. */
  void cut() {
    channel.close();
    channel.runPendingTasks();
    channel.releaseOutbound();
  }
}
