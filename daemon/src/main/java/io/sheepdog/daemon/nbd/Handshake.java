package io.sheepdog.daemon.nbd;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.sheepdog.core.block.BlockClient;
import io.sheepdog.core.block.BlockVolumes;
import io.sheepdog.core.block.BlockVolumes.InfoResult;
import io.sheepdog.core.block.OpenVolume;
import io.sheepdog.core.block.Opening;
import io.sheepdog.core.block.Opening.Refused;
import io.sheepdog.core.block.VolumeInfo;
import io.sheepdog.daemon.nbd.ExportQuery.MalformedException;
import io.sheepdog.daemon.net.ByteBudget;
import java.util.Iterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The fixed newstyle negotiation of one connection: answers options until one of them opens an
 * export. One option at a time; the next is looked at when the replies to the last are with the
 * kernel.
 */
final class Handshake {
  /** Most exports that are listed: what clients such as libnbd accept. */
  static final int MAX_LISTED = 10_000;

  /** Bytes of a list that are written at a time. */
  static final int LIST_PIECE = 16 << 10;

  private final Connection connection;
  private final OptionReplies replies;
  private final BlockVolumes volumes;
  private final BlockClient client;
  private final TlsMode tls;
  private final OpeningTurn turn;
  private final @Nullable String refusal;
  private boolean padded = true;
  private boolean structured;
  private @Nullable String contextExport;

  /** What the negotiation can do to its connection. */
  interface Connection {
    /** The option is answered; the future says when the client may send the next. */
    void answered(ChannelFuture written);

    /** Everything from now on is encrypted. */
    void startTls();

    /** The negotiation has led to an export. */
    void opened(OpenVolume volume, Terms terms);

    /** The client could not have what it wanted; it may try something else. */
    void refused(String export, String reason);

    /** Ends the connection once what was written is out. */
    void end(@Nullable String reason);
  }

  /** What was agreed on for the transmission. */
  record Terms(boolean structured, boolean allocation) {}

  /** Whether a connection is, can be, or must be encrypted. */
  enum TlsMode {
    /** There are no certificates. */
    NONE,
    /** The client may ask for it. */
    OFFERED,
    /** The client must ask for it. */
    REQUIRED,
    /** It is. */
    RUNNING
  }

  /**
   * Begins a negotiation.
   *
   * @param refusal why it cannot lead to an export, null if it can
   */
  Handshake(
      Connection connection,
      OptionReplies replies,
      BlockVolumes volumes,
      ByteBudget budget,
      BlockClient client,
      TlsMode tls,
      @Nullable String refusal) {
    this.connection = connection;
    this.replies = replies;
    this.volumes = volumes;
    this.client = client;
    this.tls = tls;
    this.refusal = refusal;
    this.turn = new OpeningTurn(budget, client);
  }

  /** The client's flags; false if it wants what nobody knows. */
  boolean clientFlags(int flags) {
    padded = (flags & Nbd.NO_ZEROES) == 0;
    return (flags & ~(Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES)) == 0;
  }

  /** An option whose data is too long to be looked at, and was not read. */
  void tooBig(int number, long length) {
    if (mayBeAnswered(number)) {
      failed(
          number,
          Nbd.REP_ERR_TOO_BIG,
          "option data of " + length + " bytes; at most " + Nbd.MAX_OPTION_DATA + " are looked at");
    }
  }

  /** An option with all of its data, which is not consumed. */
  void option(int number, ByteBuf data) {
    if (!mayBeAnswered(number)) {
      return;
    }
    NbdOption option = NbdOption.of(number);
    if (option == null) {
      refuse(number, Nbd.REP_ERR_UNSUP, "option " + number + " is not known here");
      return;
    }
    try {
      answer(option, data);
    } catch (MalformedException e) {
      failed(number, Nbd.REP_ERR_INVALID, String.valueOf(e.getMessage()));
    }
  }

  /** Whether this client may have what it asks for; if not, it is told so. */
  private boolean mayBeAnswered(int number) {
    NbdOption option = NbdOption.of(number);
    if (option == NbdOption.ABORT) {
      return true;
    }
    if (refusal != null) {
      failed(number, Nbd.REP_ERR_POLICY, refusal);
      return false;
    }
    if (tls == TlsMode.REQUIRED && option != NbdOption.STARTTLS) {
      failed(number, Nbd.REP_ERR_TLS_REQD, "this server wants TLS; use nbds:// with certificates");
      return false;
    }
    return true;
  }

  /** EXPORT_NAME knows no error: the connection is all that can be ended. */
  private void failed(int number, int type, String text) {
    if (number == NbdOption.EXPORT_NAME.number()) {
      connection.end(text);
    } else {
      refuse(number, type, text);
    }
  }

  private void answer(NbdOption option, ByteBuf data) throws MalformedException {
    switch (option) {
      case EXPORT_NAME -> exportByName(ExportQuery.name(data));
      case ABORT -> {
        replies.ack(option.number());
        connection.end(null);
      }
      case LIST -> list(data);
      case STARTTLS -> startTls(data);
      case INFO -> info(ExportQuery.info(data));
      case GO -> go(ExportQuery.info(data));
      case STRUCTURED_REPLY -> structuredReply(data);
      case LIST_META_CONTEXT, SET_META_CONTEXT -> contexts(option, ExportQuery.contexts(data));
    }
  }

  private static void expectEmpty(ByteBuf data) throws MalformedException {
    if (data.isReadable()) {
      throw new MalformedException(
          "this option has no data, but " + data.readableBytes() + " bytes came");
    }
  }

  private void refuse(int option, int type, String text) {
    connection.answered(replies.error(option, type, text));
  }

  private void list(ByteBuf data) throws MalformedException {
    expectEmpty(data);
    int option = NbdOption.LIST.number();
    if (volumes.count() > MAX_LISTED) {
      refuse(
          option,
          Nbd.REP_ERR_TOO_BIG,
          volumes.count() + " exports are too many to list; 'collie vdi list' shows them");
      return;
    }
    listFrom(volumes.list().iterator());
  }

  /** What is not read yet by the client is not in memory: the next piece follows the last. */
  private void listFrom(Iterator<VolumeInfo> exports) {
    ChannelFuture written = replies.servers(exports, LIST_PIECE);
    if (!exports.hasNext()) {
      connection.answered(written);
      return;
    }
    written.addListener(
        (ChannelFuture done) -> {
          if (done.isSuccess()) {
            guarded(() -> listFrom(exports));
          }
        });
  }

  /** Nobody else hears of an exception in what is carried out later. */
  private void guarded(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | OutOfMemoryError e) {
      connection.end("an option could not be answered: " + e);
    }
  }

  private void startTls(ByteBuf data) throws MalformedException {
    expectEmpty(data);
    int option = NbdOption.STARTTLS.number();
    switch (tls) {
      case NONE ->
          refuse(
              option,
              Nbd.REP_ERR_POLICY,
              "this server has no certificates; it needs the option --nbd-tls");
      case RUNNING -> refuse(option, Nbd.REP_ERR_INVALID, "TLS is running already");
      case OFFERED, REQUIRED -> {
        replies.ack(option);
        connection.startTls();
      }
    }
  }

  private void structuredReply(ByteBuf data) throws MalformedException {
    expectEmpty(data);
    structured = true;
    connection.answered(replies.ack(NbdOption.STRUCTURED_REPLY.number()));
  }

  private void contexts(NbdOption option, ExportQuery query) {
    boolean set = option == NbdOption.SET_META_CONTEXT;
    if (set) {
      contextExport = null;
    }
    if (!structured) {
      refuse(
          option.number(), Nbd.REP_ERR_INVALID, "metadata contexts need structured replies first");
      return;
    }
    described(
        option,
        query.export(),
        info -> {
          boolean all = query.contexts().isEmpty();
          boolean wanted =
              query.contexts().contains(Nbd.BASE_ALLOCATION)
                  || (!set && (all || query.contexts().contains("base:")));
          if (wanted) {
            replies.allocationContext(option.number(), set ? Nbd.BASE_ALLOCATION_ID : 0);
          }
          if (wanted && set) {
            contextExport = query.export();
          }
          connection.answered(replies.ack(option.number()));
        });
  }

  private void info(ExportQuery query) {
    described(
        NbdOption.INFO,
        query.export(),
        info -> {
          information(NbdOption.INFO, query, info);
          connection.answered(replies.ack(NbdOption.INFO.number()));
        });
  }

  private void described(NbdOption option, String export, Consumer<VolumeInfo> action) {
    volumes
        .describe(export)
        .whenComplete(
            (result, failure) -> {
              if (failure != null) {
                connection.end("export '" + export + "' cannot be described: " + failure);
              } else {
                guarded(() -> described(option, export, result, action));
              }
            });
  }

  private void described(
      NbdOption option, String export, InfoResult result, Consumer<VolumeInfo> action) {
    if (result.info() != null) {
      action.accept(result.info());
    } else if (result.refused() != null) {
      refuse(option, export, result.refused());
    }
  }

  private void information(NbdOption option, ExportQuery query, VolumeInfo info) {
    int number = option.number();
    replies.export(number, info, transmissionFlags(info));
    replies.blockSizes(number);
    if (query.kinds().contains(Nbd.INFO_NAME)) {
      replies.text(number, Nbd.INFO_NAME, info.name());
    }
    if (query.kinds().contains(Nbd.INFO_DESCRIPTION)) {
      replies.text(number, Nbd.INFO_DESCRIPTION, info.description());
    }
  }

  private int transmissionFlags(VolumeInfo info) {
    int flags = Nbd.HAS_FLAGS | Nbd.SEND_CACHE;
    if (info.readOnly() || client.isProcess()) {
      flags |= Nbd.CAN_MULTI_CONN;
    }
    if (structured) {
      flags |= Nbd.SEND_DF;
    }
    return info.readOnly()
        ? flags | Nbd.READ_ONLY
        : flags
            | Nbd.SEND_FLUSH
            | Nbd.SEND_FUA
            | Nbd.SEND_TRIM
            | Nbd.SEND_WRITE_ZEROES
            | Nbd.SEND_FAST_ZERO;
  }

  private void go(ExportQuery query) {
    opening(
        query.export(),
        volume -> {
          information(NbdOption.GO, query, volume.info());
          ChannelFuture written = replies.ack(NbdOption.GO.number());
          connection.opened(volume, terms(query.export()));
          connection.answered(written);
        },
        refused -> refuse(NbdOption.GO, query.export(), refused));
  }

  /** This option knows no error: the connection is all that can be ended. */
  private void exportByName(String export) {
    opening(
        export,
        volume -> {
          VolumeInfo info = volume.info();
          ChannelFuture written = replies.exportByName(info, transmissionFlags(info), padded);
          connection.opened(volume, terms(export));
          connection.answered(written);
        },
        refused -> {
          connection.refused(export, refused.text());
          connection.end(null);
        });
  }

  private void opening(String export, Consumer<OpenVolume> onOpen, Consumer<Refused> onRefusal) {
    turn.begin(() -> openNow(export, onOpen, onRefusal));
  }

  private void openNow(String export, Consumer<OpenVolume> onOpen, Consumer<Refused> onRefusal) {
    volumes
        .open(export, client)
        .whenComplete(
            (opening, failure) -> {
              turn.end();
              if (opening instanceof Opening.Opened opened) {
                guarded(() -> handOver(opened.volume(), onOpen));
              } else if (opening instanceof Refused refused) {
                guarded(() -> onRefusal.accept(refused));
              } else {
                connection.end("export '" + export + "' cannot be opened: " + failure);
              }
            });
  }

  /** The connection is gone. */
  void disconnected() {
    turn.cancel();
  }

  private static void handOver(OpenVolume volume, Consumer<OpenVolume> onOpen) {
    boolean taken = false;
    try {
      onOpen.accept(volume);
      taken = true;
    } finally {
      if (!taken) {
        volume.close(true);
      }
    }
  }

  private Terms terms(String export) {
    return new Terms(structured, structured && export.equals(contextExport));
  }

  private void refuse(NbdOption option, String export, Refused refused) {
    int type =
        switch (refused.reason()) {
          case UNKNOWN -> Nbd.REP_ERR_UNKNOWN;
          case IN_USE, NOT_READY -> Nbd.REP_ERR_POLICY;
          case FAILED -> Nbd.REP_ERR_PLATFORM;
        };
    connection.refused(export, refused.text());
    refuse(option.number(), type, refused.text());
  }
}
