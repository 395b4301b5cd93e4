package io.sheepdog.integration.nbd;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * An NBD connection whose every byte the test decides about: fixed newstyle, simple replies, one
 * request at a time unless the test sends more. Reads block, for the time limit of the test.
 */
public final class RawNbd implements AutoCloseable {
  /** Numbers of commands. */
  public static final int READ = 0;

  public static final int WRITE = 1;
  public static final int FLUSH = 3;
  public static final int TRIM = 4;
  public static final int WRITE_ZEROES = 6;

  /** The flag of a WRITE that is to be durable. */
  public static final int FUA = 1;

  private static final long OPTION_MAGIC = 0x49484156454f5054L;
  private static final int REQUEST_MAGIC = 0x25609513;
  private static final int REQUEST_SIZE = 28;
  private static final int OPTION_SIZE = 16;
  private static final int GREETING_SIZE = 18;
  private static final int FLAGS = 3;
  private static final int GO = 7;
  private static final int DISC = 2;
  private static final int ACK = 1;

  private final SocketChannel socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  private RawNbd(SocketChannel socket) {
    this.socket = socket;
    this.in = new DataInputStream(Channels.newInputStream(socket));
    this.out = new DataOutputStream(Channels.newOutputStream(socket));
  }

  /** Connects to the socket in a store, takes the greeting and sends the client's flags. */
  public static RawNbd connect(Path store) throws IOException {
    SocketChannel socket = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      socket.connect(UnixDomainSocketAddress.of(store.resolve("nbd.sock")));
      RawNbd raw = new RawNbd(socket);
      raw.in.skipNBytes(GREETING_SIZE);
      raw.out.writeInt(FLAGS);
      return raw;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Connects and opens an export. */
  public static RawNbd open(Path store, String export) throws IOException {
    RawNbd raw = connect(store);
    String refusal = raw.go(export);
    if (refusal != null) {
      raw.close();
      throw new IOException("export " + export + " was refused: " + refusal);
    }
    return raw;
  }

  /** The option that opens an export. */
  public static byte[] goOption(String export) {
    byte[] name = export.getBytes(StandardCharsets.UTF_8);
    int length = Integer.BYTES + name.length + Short.BYTES;
    return ByteBuffer.allocate(OPTION_SIZE + length)
        .putLong(OPTION_MAGIC)
        .putInt(GO)
        .putInt(length)
        .putInt(name.length)
        .put(name)
        .putShort((short) 0)
        .array();
  }

  /** Asks for an export; the sentence of the refusal, or null when it is open. */
  public @Nullable String go(String export) throws IOException {
    send(goOption(export));
    return answerToGo();
  }

  /** What came of {@link #goOption}. */
  public @Nullable String answerToGo() throws IOException {
    while (true) {
      in.skipNBytes(Long.BYTES + Integer.BYTES);
      int type = in.readInt();
      byte[] data = in.readNBytes(in.readInt());
      if (type == ACK) {
        return null;
      }
      if (type < 0) {
        return new String(data, StandardCharsets.UTF_8);
      }
    }
  }

  /** Sends bytes as they are. */
  public void send(byte[] bytes) throws IOException {
    out.write(bytes);
  }

  /** The header of a request. */
  public static byte[] header(int flags, int command, long offset, int length) {
    return ByteBuffer.allocate(REQUEST_SIZE)
        .putInt(REQUEST_MAGIC)
        .putShort((short) flags)
        .putShort((short) command)
        .putLong(0)
        .putLong(offset)
        .putInt(length)
        .array();
  }

  /** Takes the head of a reply; its error, 0 for none. */
  public int reply() throws IOException {
    in.skipNBytes(Integer.BYTES);
    int error = in.readInt();
    in.skipNBytes(Long.BYTES);
    return error;
  }

  /** Takes the data of a READ. */
  public byte[] data(int length) throws IOException {
    byte[] data = in.readNBytes(length);
    if (data.length < length) {
      throw new EOFException("the connection ended within a reply");
    }
    return data;
  }

  /** Sends a request without data in its reply and waits for that; its error. */
  public int call(int flags, int command, long offset, int length, byte[] payload)
      throws IOException {
    send(header(flags, command, offset, length));
    send(payload);
    return reply();
  }

  /** Takes leave and waits until the daemon has closed the connection. */
  public void disconnect() throws IOException {
    send(header(0, DISC, 0, 0));
    if (in.read() >= 0) {
      throw new IOException("bytes came after the good-bye");
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
