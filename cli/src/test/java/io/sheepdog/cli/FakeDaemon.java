package io.sheepdog.cli;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.RequestCodec;
import io.sheepdog.protocol.message.ResponseCodec;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A daemon on a loopback port that answers out of a {@link FakeWorld}. */
final class FakeDaemon implements AutoCloseable {
  private final ServerSocket server;
  private final FakeWorld world;

  private FakeDaemon(ServerSocket server, FakeWorld world) {
    this.server = server;
    this.world = world;
    daemonThread("fake-daemon", this::acceptAll);
  }

  /** Listens on that loopback port, 0 for a free one. */
  static FakeDaemon onPort(int port, FakeWorld world) throws IOException {
    return new FakeDaemon(new ServerSocket(port, 50, InetAddress.getByName("127.0.0.1")), world);
  }

  private static void daemonThread(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  int port() {
    return server.getLocalPort();
  }

  private void acceptAll() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        socket.setTcpNoDelay(true);
        daemonThread("fake-connection", () -> serve(socket));
      } catch (IOException e) {
        // closed: the loop ends
        continue;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket;
        DataInputStream in = new DataInputStream(socket.getInputStream());
        OutputStream out = socket.getOutputStream()) {
      while (true) {
        byte[] header = new byte[Limits.HEADER_SIZE];
        in.readFully(header);
        Request request = RequestCodec.decode(Unpooled.wrappedBuffer(header));
        byte[] payload = new byte[request.carriesPayload() ? request.dataLength() : 0];
        in.readFully(payload);
        Reply reply = world.answer(request, Unpooled.wrappedBuffer(payload));
        int length = reply.payload().readableBytes();
        ByteBuf frame = Unpooled.buffer(Limits.HEADER_SIZE + length);
        ResponseCodec.encode(reply.header().withDataLength(length), frame);
        frame.writeBytes(reply.payload());
        out.write(frame.array(), 0, frame.readableBytes());
      }
    } catch (IOException e) {
      // the tool has closed its connection, as it does at its end
      return;
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
