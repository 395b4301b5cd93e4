package io.sheepdog.daemon.options;

import io.sheepdog.protocol.Limits;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Everything the command line decides. Keys, defaults, units and meanings are in {@link Option}.
 *
 * @param store absolute path of the store directory
 * @param port TCP port, 1..65535
 * @param foreground whether to stay in the foreground
 * @param log where and how much to log
 * @param bindAddress address to listen on, null for all
 * @param myAddress address to announce, null to let the driver find it
 * @param zone failure domain (u32), empty to derive it
 * @param gateway whether to store nothing
 * @param vnodes fixed number of virtual nodes, 1..65535; 0 to let it follow from the disk's size
 * @param nosync whether never to wait for the disk
 * @param cluster membership driver
 * @param nbd where the NBD server listens
 * @param nbdTls certificates of the NBD server, null for none
 * @param pidFile absolute path, or null for none
 * @param recovery bound of recovery
 * @param scrubMib MiB per second that are read to find damage, 0 for none
 */
public record SheepOptions(
    Path store,
    int port,
    boolean foreground,
    LogOptions log,
    @Nullable InetAddress bindAddress,
    @Nullable InetAddress myAddress,
    OptionalLong zone,
    boolean gateway,
    int vnodes,
    boolean nosync,
    ClusterOption cluster,
    NbdOption nbd,
    @Nullable NbdTlsOption nbdTls,
    @Nullable Path pidFile,
    RecoveryOption recovery,
    int scrubMib) {

  /** MiB per second that are read if nothing else is said: a TB takes three days. */
  static final int SCRUB_MIB = 4;

  /** What a command line asks for. */
  public sealed interface Command {
    /** Show help. */
    record Help() implements Command {}

    /** Show the version. */
    record Version() implements Command {}

    /** Run. */
    record Run(SheepOptions options) implements Command {}
  }

  /**
   * Reads a command line. {@code -h} and {@code -v} win over everything else that can be
   * understood.
   *
   * @throws OptionException with a sentence for the operator
   */
  public static Command parse(List<String> arguments) throws OptionException {
    ArgumentScanner scanned = ArgumentScanner.scan(arguments);
    Draft draft = new Draft();
    for (ArgumentScanner.Given given : scanned.options()) {
      if (given.option() == Option.HELP) {
        return new Command.Help();
      }
      if (given.option() == Option.VERSION) {
        return new Command.Version();
      }
      draft.take(given.option(), given.value());
    }
    return new Command.Run(draft.finish(storePath(scanned.words())));
  }

  private static Path storePath(List<String> words) throws OptionException {
    if (words.isEmpty()) {
      throw new OptionException(
          "PATH, the directory of the store, is missing (older versions took /tmp, where other programs' files are):"
              + " sheep [OPTION]... PATH");
    }
    if (words.size() > 1) {
      throw new OptionException(
          "one PATH only, not '" + words.get(0) + "' and '" + words.get(1) + "'");
    }
    String word = words.get(0);
    if (word.isEmpty()) {
      throw new OptionException("PATH, the directory of the store, is empty");
    }
    if (word.indexOf(',') >= 0) {
      throw new OptionException(
          "'" + word + "': several disks (PATH,DISK,...) are not supported yet; give one PATH");
    }
    return Path.of(word).toAbsolutePath().normalize();
  }

  /** The options while they are read. */
  private static final class Draft {
    private int port = Limits.DEFAULT_PORT;
    private boolean foreground;
    private LogOptions log = LogOptions.DEFAULT;
    private @Nullable InetAddress bindAddress;
    private @Nullable InetAddress myAddress;
    private OptionalLong zone = OptionalLong.empty();
    private boolean gateway;
    private int vnodes;
    private boolean nosync;
    private ClusterOption cluster = ClusterOption.DEFAULT;
    private NbdOption nbd = NbdOption.DEFAULT;
    private @Nullable NbdTlsOption nbdTls;
    private @Nullable Path pidFile;
    private RecoveryOption recovery = RecoveryOption.UNLIMITED;
    private int scrubMib = SCRUB_MIB;

    void take(Option option, String value) throws OptionException {
      switch (option) {
        case PORT -> port = OptionValues.port(value);
        case BIND_ADDRESS -> bindAddress = OptionValues.numericAddress(value);
        case MY_ADDRESS -> myAddress = OptionValues.address(value);
        case ZONE -> zone = OptionalLong.of(OptionValues.zone(value));
        case CLUSTER -> cluster = ClusterOption.parse(value);
        case LOG -> log = log.with(value);
        case DEBUG -> log = log.withLevel(LogLevel.DEBUG);
        case FOREGROUND -> foreground = true;
        case GATEWAY -> gateway = true;
        case VNODES -> vnodes = OptionValues.vnodes(value);
        case NOSYNC -> nosync = true;
        case NBD -> nbd = NbdOption.parse(value);
        case NBD_TLS -> nbdTls = NbdTlsOption.parse(value);
        case PIDFILE -> pidFile = Path.of(value).toAbsolutePath().normalize();
        case SCRUB_RATE -> scrubMib = OptionValues.scrubMib(value);
        case RECOVERY -> recovery = RecoveryOption.parse(value);
        default -> throw new IllegalStateException("option without effect: " + option);
      }
    }

    SheepOptions finish(Path store) throws OptionException {
      if (gateway && vnodes > 0) {
        throw new OptionException("Options '-g' and '-V' can not be both specified");
      }
      return new SheepOptions(
          store,
          port,
          foreground || log.toStdout(),
          log,
          bindAddress,
          myAddress,
          zone,
          gateway,
          vnodes,
          nosync,
          cluster,
          nbd,
          nbdTls,
          pidFile,
          recovery,
          scrubMib);
    }
  }
}
