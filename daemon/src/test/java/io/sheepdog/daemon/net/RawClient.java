package io.sheepdog.daemon.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.sheepdog.protocol.Limits;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.id.Epoch;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.message.ObjectBody;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.message.RequestCodec;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.ResponseCodec;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;

/** A client that sends whatever bytes a test wants. */
final class RawClient implements AutoCloseable {
  private final Socket socket;
  private final DataInputStream in;

  RawClient(InetAddress address, int port) throws IOException {
    socket = new Socket(address, port);
    socket.setSoTimeout(10_000);
    in = new DataInputStream(socket.getInputStream());
  }

  static Request read(int id, int length) {
    return Request.of(Opcode.READ_OBJ, RequestFlags.NONE, length, body()).withId(id);
  }

  static Request write(int id, int length) {
    return Request.of(Opcode.WRITE_OBJ, RequestFlags.WRITE, length, body()).withId(id);
  }

  private static ObjectBody body() {
    return new ObjectBody(
        new ObjectId(0x0015d16700000001L), new ObjectId(0), 0, 0, 0, Epoch.ZERO, 0);
  }

  static byte[] header(Request request) {
    ByteBuf buffer = Unpooled.buffer(Limits.HEADER_SIZE);
    RequestCodec.encode(request, buffer);
    return ByteBufUtil.getBytes(buffer);
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
  }

  void send(Request request, byte[] payload) throws IOException {
    send(header(request));
    send(payload);
  }

  /** Ends this side of the connection; the other may go on. */
  void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  Response readResponse() throws IOException {
    return ResponseCodec.decode(Unpooled.wrappedBuffer(in.readNBytes(Limits.HEADER_SIZE)));
  }

  byte[] readPayload(Response response) throws IOException {
    return in.readNBytes(response.dataLength());
  }

  /** Whether the server has ended the connection and nothing else arrives. */
  boolean seesEnd() throws IOException {
    try {
      return in.read() < 0;
    } catch (SocketException reset) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
