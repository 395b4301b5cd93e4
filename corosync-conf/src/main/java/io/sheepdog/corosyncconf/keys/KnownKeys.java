package io.sheepdog.corosyncconf.keys;

import io.sheepdog.corosyncconf.keys.KnownKey.Obsolete;
import io.sheepdog.corosyncconf.keys.ValueType.OneOf;
import io.sheepdog.corosyncconf.keys.ValueType.Other;
import io.sheepdog.corosyncconf.keys.ValueType.Text;
import io.sheepdog.corosyncconf.keys.ValueType.Whole;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * All keys and sections of corosync 3.1 and what became of those of version 1 and 2:
 * corosync.conf(5), votequorum(5), corosync-qdevice(8). corosync takes any key and any section
 * silently; it only looks at the values of those it reads.
 */
public final class KnownKeys {
  private static final long U8 = 0xff;
  private static final long U16 = 0xffff;
  private static final long U32 = 0xffff_ffffL;
  private static final int SHORTEST_MS = 30;
  private static final Pattern RING_ADDRESS = Pattern.compile("ring[0-9]{1,9}_addr");
  private static final ValueType TEXT = new Text();
  private static final ValueType OTHER = new Other();
  private static final ValueType NUMBER = new Whole(0, U32, true);
  private static final ValueType SMALL = new Whole(0, U8, true);
  private static final ValueType FLAG = new Whole(0, 1, true);
  private static final ValueType MILLISECONDS = new Whole(SHORTEST_MS, U32, true);
  private static final ValueType YES_NO = new OneOf(List.of("yes", "no"));
  private static final ValueType ON_OFF = new OneOf(List.of("on", "off"));
  private static final ValueType SWITCH = new OneOf(List.of("yes", "no", "on", "off"));
  private static final ValueType PRIORITY =
      new OneOf(List.of("alert", "crit", "debug", "emerg", "err", "info", "notice", "warning"));
  private static final ValueType FACILITY =
      new OneOf(
          List.of(
              "auth",
              "authpriv",
              "cron",
              "daemon",
              "ftp",
              "kern",
              "lpr",
              "mail",
              "news",
              "syslog",
              "user",
              "uucp",
              "local0",
              "local1",
              "local2",
              "local3",
              "local4",
              "local5",
              "local6",
              "local7"));
  private static final String REMOVE = "remove it";

  /** Sections in which programs keep keys of their own. */
  private static final Set<String> FREE =
      Set.of(
          "quorum.device.net",
          "quorum.device.heuristics",
          "quorum.device.disk",
          "resources.system",
          "resources.system.memory_used",
          "resources.system.load_15min",
          "resources.process",
          "resources.process.memory_used",
          "pload");

  private static final Set<String> OLD_SUBSYSTEMS =
      Set.of("AMF", "CKPT", "EVT", "LCK", "MSG", "TMR", "CLM", "EVS", "CONFDB", "PCMK");

  private static final Map<String, KnownKey> KEYS = new LinkedHashMap<>();
  private static final Map<String, Obsolete> SECTIONS = new LinkedHashMap<>();

  static {
    totem();
    links();
    logging("logging");
    logging("logging.logger_subsys");
    logging("logging.logging_daemon");
    logs();
    quorum();
    system();
    sections();
  }

  private KnownKeys() {}

  private static void totem() {
    String totem = "totem";
    add(totem, new Whole(2, 2, false), "version");
    add(totem, new OneOf(List.of("knet", "udp", "udpu")), "transport");
    add(totem, TEXT, "cluster_name", "keyfile", "key", "knet_compression_model");
    add(
        totem,
        MILLISECONDS,
        "token",
        "token_retransmit",
        "join",
        "consensus",
        "merge",
        "downcheck",
        "max_network_delay");
    add(
        totem,
        NUMBER,
        "token_coefficient",
        "hold",
        "token_retransmits_before_loss_const",
        "send_join",
        "fail_recv_const",
        "seqno_unchanged_const",
        "heartbeat_failures_allowed",
        "window_size",
        "max_messages",
        "miss_count_const",
        "knet_pmtud_interval",
        "knet_mtu",
        "knet_compression_threshold",
        "knet_compression_level");
    add(totem, new Whole(0, 100, true), "token_warning");
    add(totem, new Whole(576, 65_536, true), "netmtu");
    add(totem, new Whole(0, Long.MAX_VALUE, true), "config_version");
    add(totem, new OneOf(List.of("ipv4", "ipv6", "ipv4-6", "ipv6-4")), "ip_version");
    add(totem, new OneOf(List.of("nss", "openssl", "gcrypt")), "crypto_model");
    add(totem, new OneOf(List.of("none", "aes256", "aes192", "aes128")), "crypto_cipher");
    add(
        totem,
        new OneOf(List.of("none", "md5", "sha1", "sha256", "sha384", "sha512")),
        "crypto_hash");
    add(totem, ON_OFF, "secauth");
    add(totem, new OneOf(List.of("passive", "active", "rr")), "link_mode");
    add(
        totem,
        YES_NO,
        "clear_node_high_bit",
        "block_unlisted_ips",
        "cancel_token_hold_on_retransmit");
    gone(totem, "version 3 has one thread and ignores it", REMOVE, "threads");
    gone(
        totem,
        "version 3 ignores it and takes the nodeid of the nodelist",
        "remove it and write nodeid in the node's entry of the nodelist",
        "nodeid");
    gone(
        totem,
        "version 3 has no redundant ring protocol; it ignores it",
        "remove it; knet with ring0_addr, ring1_addr, ... in the nodelist does that today",
        "rrp_mode",
        "rrp_token_expired_timeout",
        "rrp_problem_count_timeout",
        "rrp_problem_count_threshold",
        "rrp_problem_count_mcast_threshold",
        "rrp_autorecovery_check_timeout");
    gone(
        totem,
        "version 3 ignores it",
        "remove it; crypto_cipher and crypto_hash say it today",
        "crypto_type",
        "crypto_compat",
        "crypto_accept");
    gone(
        totem,
        "version 3 ignores it",
        "remove it; quorum { provider: corosync_votequorum } decides that today",
        "vsftype");
  }

  private static void links() {
    String link = "totem.interface";
    add(link, new Whole(0, 7, true), "linknumber");
    add(link, OTHER, "bindnetaddr", "mcastaddr", "ringnumber");
    add(link, YES_NO, "broadcast");
    add(link, new Whole(1, U16, false), "mcastport");
    add(link, SMALL, "ttl", "knet_link_priority");
    add(
        link,
        NUMBER,
        "knet_ping_interval",
        "knet_ping_timeout",
        "knet_ping_precision",
        "knet_pong_count");
    add(link, new OneOf(List.of("udp", "sctp")), "knet_transport");
    gone(
        "totem.interface.member",
        "version 3 ignores it when there is a nodelist",
        "remove the section and write the node into the nodelist",
        "memberaddr");
    String node = "nodelist.node";
    add(node, NUMBER, "nodeid", "quorum_votes");
    add(node, TEXT, "name");
    add(node, OTHER, "ring0_addr", "ring1_addr");
  }

  private static void logging(String section) {
    add(section, SWITCH, "to_stderr", "to_logfile", "to_syslog");
    add(section, TEXT, "logfile");
    add(section, PRIORITY, "logfile_priority", "syslog_priority");
    add(section, FACILITY, "syslog_facility");
    add(section, new OneOf(List.of("on", "off", "trace")), "debug");
    gone(section, "its name has changed", "write to_logfile instead", "to_file");
    gone(section, "its name has changed", "write syslog_priority instead", "syslog_level");
    gone(section, "version 3 ignores it", REMOVE, "tags");
  }

  private static void logs() {
    add("logging", ON_OFF, "fileline", "function_name", "blackbox");
    add("logging", new OneOf(List.of("off", "on", "hires")), "timestamp");
    add("logging.logger_subsys", TEXT, "subsys");
    add("logging.logging_daemon", TEXT, "subsys", "name");
  }

  private static void quorum() {
    add("quorum", new OneOf(List.of("corosync_votequorum")), "provider");
    add("quorum", NUMBER, "expected_votes", "votes", "last_man_standing_window", "leaving_timeout");
    add(
        "quorum",
        FLAG,
        "two_node",
        "expected_votes_tracking",
        "allow_downscale",
        "wait_for_all",
        "auto_tie_breaker",
        "last_man_standing");
    add("quorum", TEXT, "auto_tie_breaker_node");
    add("quorum.device", TEXT, "model");
    add("quorum.device", NUMBER, "timeout", "sync_timeout", "votes");
    add("quorum.device", FLAG, "master_wins");
  }

  private static void system() {
    add("system", new OneOf(List.of("native", "shm", "socket")), "qb_ipc_type");
    add("system", YES_NO, "sched_rr", "allow_knet_handle_fallback");
    add("system", new OneOf(List.of("yes", "no", "auto")), "move_to_root_cgroup");
    add("system", TEXT, "priority", "state_dir");
    add("resources", OTHER, "watchdog_device");
    add("resources", NUMBER, "watchdog_timeout");
    add("nozzle", TEXT, "name", "ipaddr", "ipprefix", "macaddr");
    add("uidgid", TEXT, "uid", "gid");
    gone("", "it was for nodes of openais; version 3 ignores it", REMOVE, "compatibility");
    gone("qb", "version 3 ignores it", "write system { qb_ipc_type: ... } instead", "ipc_type");
  }

  private static void sections() {
    String plugins = "version 2 and 3 have no plug-ins and ignore it";
    section("amf", "the availability management framework was removed in version 2", REMOVE);
    section("aisexec", "version 3 always runs as root and ignores it", REMOVE);
    section("service", plugins, REMOVE);
    section("event", plugins, REMOVE);
    section("group", plugins, REMOVE);
    section("qb", "version 3 ignores it", "write system { qb_ipc_type: ... } instead");
    section(
        "totem.interface.member",
        "version 3 ignores it when there is a nodelist",
        "remove it and write the node into the nodelist");
  }

  private static void add(String section, ValueType type, String... names) {
    for (String name : names) {
      put(new KnownKey(section, name, type, null));
    }
  }

  private static void gone(String section, String why, String remedy, String... names) {
    for (String name : names) {
      put(new KnownKey(section, name, OTHER, new Obsolete(why, remedy)));
    }
  }

  private static void put(KnownKey key) {
    KEYS.put(key.section() + "." + key.name(), key);
  }

  private static void section(String path, String why, String remedy) {
    SECTIONS.put(path, new Obsolete(why, remedy));
  }

  /** A key, null if no version knows it. */
  public static @Nullable KnownKey find(String section, String name) {
    boolean isRing = section.equals("nodelist.node") && RING_ADDRESS.matcher(name).matches();
    return KEYS.get(section + "." + (isRing ? "ring0_addr" : name));
  }

  /** What became of a section of an older version, null for all others. */
  public static @Nullable Obsolete obsoleteSection(String path) {
    return SECTIONS.get(path);
  }

  /** Whether version 3 knows that section. */
  public static boolean hasSection(String path) {
    return path.isEmpty()
        || path.equals("nodelist")
        || FREE.contains(path)
        || !SECTIONS.containsKey(path)
            && KEYS.values().stream().anyMatch(key -> key.section().equals(path));
  }

  /** Whether any key may be in that section. */
  public static boolean isFree(String path) {
    return FREE.contains(path);
  }

  /** Whether it is a logging subsystem that went with the services of version 1. */
  public static boolean isSubsystemOfVersion1(String name) {
    return OLD_SUBSYSTEMS.contains(name.toUpperCase(Locale.ROOT));
  }

  /** All keys. */
  public static Collection<KnownKey> all() {
    return KEYS.values();
  }
}
