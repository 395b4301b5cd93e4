package io.sheepdog.daemon.options;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every option: spellings, value, default, meaning. Those that later versions will have are known,
 * so that they can say so.
 */
enum Option {
  /** Address to listen on. */
  BIND_ADDRESS('b', "bindaddr", "ADDR", "all interfaces", "IPv4 or IPv6 address to listen on"),
  /** Membership driver. */
  CLUSTER(
      'c',
      "cluster",
      "DRIVER[:ARG]",
      ClusterDriverName.COROSYNC.text(),
      "how the nodes find each other: 'corosync', or 'local[:NAME]' for several sheep on one host (those with the same NAME"
          + " form one cluster; default name 'default')"),
  /** Verbose log. */
  DEBUG('d', "debug", null, "off", "log debug messages too; the same as '-l debug'"),
  /** Stay in the foreground. */
  FOREGROUND('f', "foreground", null, "off", "do not go to the background"),
  /** Store nothing. */
  GATEWAY('g', "gateway", null, "off", "store nothing here, only serve clients"),
  /** Help. */
  HELP('h', "help", null, null, "show this help"),
  /** Log. */
  LOG(
      'l',
      "log",
      "LOG",
      "level=info",
      "a level (0..7 or emerg alert crit err warning notice info debug), or a list"
          + " level=LEVEL,dir=DIR,format=server|default|json,dst=default|stdout; dst=stdout also keeps sheep in the"
          + " foreground") {
    @Override
    List<String> longNames() {
      return List.of("log", "loglevel");
    }
  },
  /** Do not sync. */
  NOSYNC(
      'n',
      "nosync",
      null,
      "off",
      "never wait for the disk: faster, but a power loss may cost acknowledged data"),
  /** NBD server. */
  NBD(
      'N',
      "nbd",
      "[ADDR:]PORT|off",
      "127.0.0.1:10809",
      "where to serve VDIs by NBD, besides the socket PATH/nbd.sock; off for neither"),
  /** Certificates. */
  NBD_TLS(
      'T',
      "nbd-tls",
      "DIR[,verify]",
      "none",
      "have NBD clients on TCP use TLS; DIR holds ca-cert.pem, server-cert.pem and server-key.pem; with ',verify' they must"
          + " show a certificate of that authority, too"),
  /** TCP port. */
  PORT('p', "port", "PORT", "7000", "TCP port, 1..65535"),
  /** Pid file. */
  PIDFILE(
      'P',
      "pidfile",
      "FILE",
      "none",
      "write the process id there once the node has joined; removed at a clean end"),
  /** Throttle of recovery. */
  RECOVERY(
      'R',
      "recovery",
      "max=N,interval=MS",
      "no bound",
      "bring at most N objects per MS milliseconds here after a change of the nodes, however long it then takes; what"
          + " clients ask for is not held back"),
  /** Speed of scrubbing. */
  SCRUB_RATE(
      'S',
      "scrub-rate",
      "MIB",
      "4",
      "read at most so many MiB of objects per second, once a day, to find what the disk has changed by itself; 0 for"
          + " never"),
  /** Version. */
  VERSION('v', "version", null, null, "show the version"),
  /** Fixed number of virtual nodes. */
  VNODES(
      'V',
      "vnodes",
      "N",
      "by the size of the disk",
      "fixed number of virtual nodes, 1..65535: this node's share of the objects against those of the others. For"
          + " clusters formatted with 'cluster format -V' only; not with -g"),
  /** Announced address. */
  MY_ADDRESS(
      'y',
      "myaddr",
      "ADDR",
      "from the driver",
      "address (or host name) under which the other nodes reach this one"),
  /** Zone. */
  ZONE(
      'z',
      "zone",
      "ID",
      "from the address",
      "failure domain, 0..4294967295: copies of an object never share a zone; with '-c local' the default comes from"
          + " address and port"),

  /** Later. */
  DIRECT_IO('D', "directio"),
  /** Later. */
  IO_ADDRESS('i', "ioaddr", "host=ADDR,port=PORT"),
  /** Later. */
  JOURNAL('j', "journal", "size=SIZE[,dir=DIR][,skip]"),
  /** Later. */
  HTTP('r', "http", "host=ADDR,port=PORT"),
  /** Later. */
  UPGRADE('u', "upgrade"),
  /** Later. */
  WORKERS('w', "wq-threads", "net=N,..."),
  /** Later. */
  WILDCARD_RECOVERY('W', "wildcard-recovery"),
  /** Later. */
  MAX_DYNAMIC_THREADS('x', "max-dynamic-threads", "N");

  private final char letter;
  private final String longName;
  private final @Nullable String value;
  private final @Nullable String defaultValue;
  private final String meaning;
  private final boolean supported;

  Option(
      char letter,
      String longName,
      @Nullable String value,
      @Nullable String defaultValue,
      String meaning) {
    this.letter = letter;
    this.longName = longName;
    this.value = value;
    this.defaultValue = defaultValue;
    this.meaning = meaning;
    this.supported = true;
  }

  Option(char letter, String longName) {
    this(letter, longName, null);
  }

  Option(char letter, String longName, @Nullable String value) {
    this.letter = letter;
    this.longName = longName;
    this.value = value;
    this.defaultValue = null;
    this.meaning = "";
    this.supported = false;
  }

  char letter() {
    return letter;
  }

  String longName() {
    return longName;
  }

  /** All long spellings, the one that help shows first. */
  List<String> longNames() {
    return List.of(longName);
  }

  /** What help calls the value, or null for an option without one. */
  @Nullable String value() {
    return value;
  }

  /** What holds when the option is absent, in words, or null if there is nothing to say. */
  @Nullable String defaultValue() {
    return defaultValue;
  }

  String meaning() {
    return meaning;
  }

  /** Whether this version has it. */
  boolean supported() {
    return supported;
  }

  static @Nullable Option byLetter(char letter) {
    for (Option option : values()) {
      if (option.letter == letter) {
        return option;
      }
    }
    return null;
  }
}
