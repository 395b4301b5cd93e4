package io.sheepdog.cli;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.ClusterBody;
import io.sheepdog.protocol.message.NodeReply;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.RequestCodec;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.ResponseCodec;
import io.sheepdog.protocol.payload.EpochLogEntry;
import io.sheepdog.protocol.payload.NodeEntry;
import io.sheepdog.protocol.payload.SheepTime;
import io.sheepdog.protocol.payload.VdiStatePayload;
import io.sheepdog.protocol.payload.VdiStatePayload.LockState;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Runs the everyday commands against a daemon with one image that is part of this process, so that
 * the JVM can record which classes they need (bin/lib/launch.sh makes the class archive of them).
 */
public final class Training {
  private static final NodeEntry NODE =
      NodeEntry.of(NodeAddress.of(InetAddress.getLoopbackAddress(), 7000), 128, 1, 1L << 40);

  private static final VdiId VID = VdiId.hashOf("trained");

  private Training() {}

  /** Trains; ends as {@code vdi list} does. */
  public static void main(String[] args) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread daemon = new Thread(() -> serve(server), "training-daemon");
      daemon.setDaemon(true);
      daemon.start();
      String port = Integer.toString(server.getLocalPort());
      Console console =
          new Console(
              InputStream.nullInputStream(),
              silent(),
              silent(),
              false,
              false,
              Map.of("SHEEPDOG_DOG_PORT", port));
      for (String line : List.of("node list", "vm list", "cluster info", "node info")) {
        for (Profile profile : Profile.values()) {
          new CommandRunner(profile, console).run(line.split(" ", -1));
        }
      }
      Collie.main(new String[] {"vdi", "list", "-a", "127.0.0.1", "-p", port});
    }
  }

  private static PrintStream silent() {
    return new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  }

  private static void serve(ServerSocket server) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept();
          DataInputStream in = new DataInputStream(socket.getInputStream());
          OutputStream out = socket.getOutputStream()) {
        converse(in, out);
      } catch (IOException e) {
        // a command ends its connection when it has its answers
        continue;
      }
    }
  }

  private static void converse(DataInputStream in, OutputStream out) throws IOException {
    byte[] header = new byte[Limits.HEADER_SIZE];
    while (true) {
      in.readFully(header);
      Request request = RequestCodec.decode(Unpooled.wrappedBuffer(header));
      ByteBuf payload = Unpooled.buffer();
      payload(request, payload);
      int length = payload.readableBytes();
      ByteBuf frame = Unpooled.buffer(Limits.HEADER_SIZE + length);
      NodeReply body = new NodeReply(1, 0, 0, 1L << 40, 1L << 39);
      Response response = Response.to(request, new Epoch(1), ResultCode.SUCCESS, body);
      ResponseCodec.encode(response.withDataLength(length), frame);
      frame.writeBytes(payload);
      frame.readBytes(out, frame.readableBytes());
    }
  }

  private static void payload(Request request, ByteBuf out) {
    Opcode opcode = request.operation();
    if (opcode == Opcode.GET_NODE_LIST) {
      NODE.encode(out);
    } else if (opcode == Opcode.STAT_CLUSTER && request.body() instanceof ClusterBody body) {
      int slots = (int) body.nodeSlots();
      if (slots > 0) {
        epoch().encode(out, slots);
      }
    } else if (opcode == Opcode.GET_VDI_COPIES) {
      state().encode(out);
    } else if (opcode == Opcode.READ_OBJ && request.body() instanceof ObjectBody body) {
      if (body.offset() == 0) {
        inode().encode(out);
      } else {
        out.writeZero(request.dataLength());
      }
    }
  }

  private static EpochLogEntry epoch() {
    return new EpochLogEntry(
        new SheepTime(1L << 32), 1, new Epoch(1), false, 1, 0, 0, "plain", List.of(NODE));
  }

  private static VdiStatePayload state() {
    return new VdiStatePayload(
        VID, 1, false, false, 0, 22, VdiId.NONE, LockState.LOCKED, NODE.address(), List.of());
  }

  private static InodeHeader inode() {
    return new InodeHeader(
        "trained",
        "",
        new SheepTime(1L << 32),
        SheepTime.NONE,
        0,
        4 << 20,
        0,
        0,
        0,
        1,
        22,
        1,
        VID,
        VdiId.NONE,
        0);
  }
}
