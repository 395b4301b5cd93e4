package io.sheepdog.daemon.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import io.sheepdog.client.frame.FrameReceiver;
import io.sheepdog.client.frame.FrameSink;
import io.sheepdog.client.frame.FrameWriter;
import io.sheepdog.core.block.BlockClient;
import io.sheepdog.core.block.OpenVolume;
import io.sheepdog.daemon.nbd.Handshake.Terms;
import io.sheepdog.daemon.nbd.Handshake.TlsMode;
import io.sheepdog.daemon.nbd.Transmission.Fault;
import io.sheepdog.daemon.net.ByteBudget;
import io.sheepdog.daemon.net.Stall;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One accepted connection: cuts its bytes into options and requests, and lets these in one by one.
 * While the connection, or all clients of the node together, have as much under way as they may,
 * its socket is not read.
 */
final class NbdConnection
    implements FrameSink, ByteBudget.Waiter, Handshake.Connection, Transmission.Failures {
  /** How long a client may take to read the last words, before the connection is cut. */
  private static final long LINGER_SECONDS = 2;

  /** Characters of what a client said that are shown in a log line. */
  private static final int MOST_IN_LOG = 300;

  private enum Phase {
    CLIENT_FLAGS,
    OPTIONS,
    REQUESTS,
    /** Nothing that comes is looked at. */
    ENDING
  }

  /** Where the request stands whose header is here. */
  private enum Stage {
    NONE,
    WAITING_FOR_OWN_REPLIES,
    WAITING_IN_LINE,
    RECEIVING
  }

  private final NbdShared shared;
  private final Channel channel;
  private final BlockClient client;
  private final FrameReceiver receiver;
  private final FrameWriter writer;
  private final NbdTls tls;
  private final Stall stall;
  private final @Nullable String refusal;
  private @Nullable Future<?> deadline;
  private Handshake handshake;
  private Phase phase = Phase.CLIENT_FLAGS;
  private Stage stage = Stage.NONE;
  private int clientFlags;
  private int option;
  private long optionLength;
  private boolean optionWaits;
  private boolean answering;
  private @Nullable OpenVolume volume;
  private @Nullable Transmission transmission;
  private @Nullable NbdRequest current;
  private @Nullable Fault fault;
  private int requests;
  private long bytes;
  private long completed;
  private long unread;
  private boolean inOrder;
  private boolean closed;

  NbdConnection(NbdShared shared, Channel channel, BlockClient client, NbdTls tls) {
    this.shared = shared;
    this.channel = channel;
    this.client = client;
    this.tls = tls;
    this.receiver = FrameReceiver.install(channel, this);
    this.writer = new FrameWriter(channel);
    this.stall = new Stall(channel, receiver);
    this.refusal = shared.refusal();
    this.handshake = handshake(tls.mode());
    shared.connections().add(this);
    NbdEvent.NBD_CONNECTED.log("client={}", client.address());
  }

  private Handshake handshake(TlsMode mode) {
    return new Handshake(
        this,
        new OptionReplies(channel, writer),
        shared.volumes(),
        shared.budget(),
        client,
        mode,
        refusal);
  }

  /** Begins to talk; the channel is connected. */
  void start() {
    receiver.expectHeaders(Nbd.CLIENT_FLAGS_SIZE);
    new OptionReplies(channel, writer).greeting();
    NbdLimits limits = shared.limits();
    Duration most = refusal == null ? limits.handshake() : limits.patience();
    deadline =
        channel.eventLoop().schedule(this::endHandshake, most.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void endHandshake() {
    if (phase == Phase.CLIENT_FLAGS || phase == Phase.OPTIONS) {
      end("no export was opened in time");
    }
  }

  private void stopDeadline() {
    if (deadline != null) {
      deadline.cancel(false);
      deadline = null;
    }
  }

  @Override
  public void header(ByteBuf header) {
    switch (phase) {
      case CLIENT_FLAGS -> clientFlags(header.readInt());
      case OPTIONS -> option(header);
      case REQUESTS -> request(header);
      case ENDING -> receiver.discard();
    }
  }

  private void clientFlags(int flags) {
    if (!handshake.clientFlags(flags)) {
      end("client flags 0x" + Integer.toHexString(flags));
      return;
    }
    clientFlags = flags;
    phase = Phase.OPTIONS;
    receiver.expectHeaders(Nbd.OPTION_HEADER_SIZE);
    receiver.skip(0);
  }

  private void option(ByteBuf header) {
    if (header.readLong() != Nbd.OPTION_MAGIC) {
      end("an option does not begin with its magic number");
      return;
    }
    option = header.readInt();
    optionLength = header.readUnsignedInt();
    optionWaits = true;
    acceptOption();
  }

  private void acceptOption() {
    if (!optionWaits || answering) {
      return;
    }
    optionWaits = false;
    answering = true;
    if (optionLength <= Nbd.MAX_OPTION_DATA) {
      receiver.receive((int) optionLength);
    } else if (optionLength <= Nbd.MAX_BLOCK) {
      handshake.tooBig(option, optionLength);
      receiver.skip((int) optionLength);
    } else {
      end("an option of " + optionLength + " bytes");
    }
  }

  @Override
  public void answered(ChannelFuture written) {
    written.addListener(
        (ChannelFuture done) -> {
          answering = false;
          if (phase == Phase.OPTIONS) {
            acceptOption();
          }
        });
  }

  @Override
  public void startTls() {
    if (receiver.hasUnreadBytes()) {
      end("bytes came between STARTTLS and its answer");
      return;
    }
    receiver.readIndirectly();
    handshake = handshake(TlsMode.RUNNING);
    handshake.clientFlags(clientFlags);
    tls.start(channel, this::tlsFailed);
    answering = false;
  }

  private void tlsFailed(String reason) {
    shared.tlsFailures().log("client={} reason=\"{}\"", client.address(), inLog(reason));
    phase = Phase.ENDING;
    channel.close();
  }

  @Override
  public void opened(OpenVolume opened, Terms terms) {
    NbdEvent.NBD_OPENED.log(
        "client={} export={} size={}",
        client.address(),
        opened.info().name(),
        opened.info().size());
    volume = opened;
    stopDeadline();
    if (closed || phase == Phase.ENDING) {
      // it was never told that the export is open
      inOrder = true;
      leave();
      return;
    }
    if (optionWaits) {
      end("the client did not wait for the answer to its last option");
      return;
    }
    transmission =
        new Transmission(opened, terms, new ReplyWriter(channel, writer, terms.structured()), this);
    phase = Phase.REQUESTS;
    receiver.expectHeaders(Nbd.REQUEST_SIZE);
  }

  @Override
  public void failed(String what) {
    if (closed) {
      return;
    }
    shared
        .failures()
        .log(
            "client={} export={} request=\"{}\"",
            client.address(),
            volume == null ? "" : volume.info().name(),
            what);
  }

  @Override
  public void unanswered(String what) {
    NbdEvent.NBD_UNANSWERED.log(
        "client={} export={} request=\"{}\"",
        client.address(),
        volume == null ? "" : volume.info().name(),
        what);
    close();
  }

  @Override
  public void refused(String export, String reason) {
    shared
        .refusals()
        .log(
            "client={} export=\"{}\" reason=\"{}\"",
            client.address(),
            inLog(export),
            inLog(reason));
  }

  /** Words of a client, so that they neither fill the log nor look like other fields. */
  private static String inLog(String words) {
    String shown = words.length() > MOST_IN_LOG ? words.substring(0, MOST_IN_LOG) + "..." : words;
    return shown.replace('"', '\'');
  }

  private void request(ByteBuf header) {
    NbdRequest request = NbdRequest.decode(header);
    if (request == null) {
      end("a request does not begin with its magic number");
      return;
    }
    if (request.command() == NbdCommand.DISC) {
      inOrder = true;
      phase = Phase.ENDING;
      receiver.discard();
      endSoon();
      return;
    }
    if (request.payloadLength() > Nbd.MAX_BLOCK * 2L) {
      end("a WRITE of " + request.payloadLength() + " bytes");
      return;
    }
    current = request;
    fault = own().check(request);
    stage = Stage.WAITING_FOR_OWN_REPLIES;
    admit();
  }

  private Transmission own() {
    return Objects.requireNonNull(transmission);
  }

  private void admit() {
    if (stage != Stage.WAITING_FOR_OWN_REPLIES) {
      return;
    }
    NbdLimits limits = shared.limits();
    if (requests > 0
        && (requests >= limits.connectionRequests()
            || bytes + wanted() > limits.connectionBytes())) {
      return;
    }
    stage = Stage.WAITING_IN_LINE;
    if (shared.budget().acquire(this)) {
      admitted();
    }
  }

  @Override
  public Object client() {
    return client;
  }

  @Override
  public long wanted() {
    return Transmission.cost(Objects.requireNonNull(current));
  }

  @Override
  public long held() {
    return bytes;
  }

  @Override
  public void admitted() {
    NbdRequest request = Objects.requireNonNull(current);
    stage = Stage.RECEIVING;
    requests++;
    shared.requestStarted();
    bytes += wanted();
    Fault wrong = fault;
    if (wrong == null) {
      receiver.receive((int) request.payloadLength());
      return;
    }
    current = null;
    stage = Stage.NONE;
    replied(request, own().refuse(request, wrong));
    receiver.skip((int) request.payloadLength());
  }

  @Override
  public void payload(ByteBuf payload) {
    try {
      if (phase == Phase.OPTIONS) {
        handshake.option(option, payload);
      } else if (phase == Phase.REQUESTS) {
        NbdRequest request = Objects.requireNonNull(current);
        current = null;
        stage = Stage.NONE;
        own().carryOut(request, payload, written -> replied(request, written));
      }
    } finally {
      payload.release();
    }
  }

  private void replied(NbdRequest request, ChannelFuture written) {
    long cost = Transmission.cost(request);
    unread += cost;
    written.addListener(
        (ChannelFuture done) -> {
          unread -= cost;
          done(request);
        });
  }

  private void done(NbdRequest request) {
    long cost = Transmission.cost(request);
    requests--;
    bytes -= cost;
    completed += cost;
    shared.budget().release(cost);
    shared.requestDone();
    if (closed) {
      leave();
    } else if (phase == Phase.ENDING) {
      endWhenAnswered();
    } else {
      admit();
    }
  }

  /** Ends the connection; nothing more comes, so replies that nobody reads do not keep it. */
  private void endSoon() {
    endWhenAnswered();
    long most = shared.limits().patience().toMillis();
    channel.eventLoop().schedule(() -> channel.close(), most, TimeUnit.MILLISECONDS);
  }

  /** Ends the connection in order once nothing is under way. */
  private void endWhenAnswered() {
    if (requests == 0 && !closed) {
      // behind the flush of what was written in this turn of the loop
      channel.eventLoop().execute(() -> channel.close());
    }
  }

  @Override
  public void end(@Nullable String reason) {
    if (phase == Phase.ENDING) {
      return;
    }
    if (reason != null) {
      shared.badClients().log("client={} reason=\"{}\"", client.address(), reason);
    }
    inOrder = phase != Phase.REQUESTS;
    phase = Phase.ENDING;
    receiver.discard();
    channel.eventLoop().execute(this::shutdownOutput);
  }

  /** Closing at once, while the client still sends, would reset the connection. */
  private void shutdownOutput() {
    if (tls.mode() != TlsMode.NONE || !(channel instanceof DuplexChannel duplex)) {
      channel.close();
    } else if (channel.isActive()) {
      duplex.shutdownOutput().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
      channel.eventLoop().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** Takes no further request; those under way are answered. */
  void stopReading() {
    phase = Phase.ENDING;
    dropCurrent();
    receiver.discard();
    endWhenAnswered();
  }

  /** Cuts the connection if its client leaves bytes lying that others wait for. */
  void look() {
    boolean receiving = stage == Stage.RECEIVING;
    long lying = unread + (receiving ? wanted() : 0);
    PacedWrites paced = channel.pipeline().get(PacedWrites.class);
    long queued = paced == null ? 0 : paced.queued();
    if (stall.look(lying, completed, queued) && bytes > 0 && shared.budget().isShort()) {
      NbdEvent.NBD_CLIENT_STALLED.log(
          "client={} export={} bytes={} {}",
          client.address(),
          volume == null ? "" : volume.info().name(),
          bytes,
          receiving ? "payload=not_sent" : "replies=not_read");
      close();
    }
  }

  /** Cuts the connection. */
  void close() {
    phase = Phase.ENDING;
    channel.close();
  }

  /** The client is gone, or has forgotten to say that it goes. */
  @Override
  public void inputEnded() {
    phase = Phase.ENDING;
    dropCurrent();
    receiver.discard();
    endSoon();
  }

  @Override
  public void disconnected(@Nullable Throwable cause) {
    closed = true;
    stopDeadline();
    shared.connections().remove(this);
    handshake.disconnected();
    if (transmission != null) {
      transmission.cancel();
    }
    dropCurrent();
    leave();
    NbdEvent.NBD_DISCONNECTED.log("client={}", client.address());
  }

  /** Gives the export back when nobody needs it any more. */
  private void leave() {
    OpenVolume open = volume;
    if (open != null && requests == 0) {
      volume = null;
      NbdEvent.NBD_CLOSED.log(
          "client={} export={} in_order={}", client.address(), open.info().name(), inOrder);
      open.close(inOrder);
    }
  }

  /** Forgets a request that is not complete yet. */
  private void dropCurrent() {
    NbdRequest request = current;
    if (request == null) {
      return;
    }
    Stage was = stage;
    if (was == Stage.WAITING_IN_LINE) {
      shared.budget().cancel(this);
    }
    current = null;
    stage = Stage.NONE;
    if (was == Stage.RECEIVING) {
      done(request);
    }
  }
}
