package io.sheepdog.integration.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A machine of its own as far as network and processes are concerned, with the files of this one: a
 * network namespace in which every port is free - so the guide's commands can be run letter for
 * letter - and a process namespace whose first process reads from a pipe of this JVM. When the host
 * is closed, or the JVM dies in whatever way, that process ends and the kernel ends everything that
 * was started on the host.
 *
 * <p>Works as root, and otherwise where unprivileged user namespaces are allowed.
 */
public final class Host implements AutoCloseable {

  private static final String REAPING_CAT = "env --ignore-signal=CHLD cat";
  private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

  private final Process holder;
  private final long init;

  private Host(Process holder, long init) {
    this.holder = holder;
    this.init = init;
  }

  /** A new host with nothing but a loopback interface. */
  public static Host isolated() {
    List<String> argv = new ArrayList<>(List.of("unshare"));
    if (!ROOT) {
      argv.addAll(List.of("--user", "--map-root-user"));
    }
    return start(argv);
  }

  /**
   * A new host joined to this one by a cable.
   *
   * @param here the address this host gets on the cable, with its prefix length
   * @param there the address the new host gets
   */
  public Host neighbour(String here, String there) {
    Host other = start(inside("--net", List.of("unshare")));
    String add = "ip link add lan0 type veth peer name lan0 netns " + other.init;
    run(inside("--net", List.of("sh", "-c", add + configure(here))));
    run(other.inside("--net", List.of("sh", "-c", "true" + configure(there))));
    return other;
  }

  private static String configure(String address) {
    return " && ip addr add " + address + " dev lan0 && ip link set lan0 up";
  }

  private static Host start(List<String> unshare) {
    List<String> argv = new ArrayList<>(unshare);
    argv.addAll(List.of("--net", "--pid", "--mount-proc", "--fork", "--kill-child"));
    // a first process that ignores SIGCHLD leaves no zombies of daemons whose launcher has ended
    argv.addAll(List.of("sh", "-c", "ip link set lo up && echo ready && exec " + REAPING_CAT));
    try {
      Process holder = new ProcessBuilder(argv).redirectErrorStream(true).start();
      String said =
          new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8))
              .readLine();
      if (!"ready".equals(said)) {
        Cmd.killTree(holder);
        throw new AssertionError(
            "cannot make a namespace with "
                + argv
                + " (be root, or allow user namespaces): "
                + said);
      }
      return new Host(holder, lastDescendant(holder.toHandle()).pid());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a namespace with " + argv, e);
    }
  }

  /**
   * The process inside: it is the only child of the only child ... of the command that was started.
   */
  private static ProcessHandle lastDescendant(ProcessHandle process) {
    return process.children().findFirst().map(Host::lastDescendant).orElse(process);
  }

  /** The command line that runs the given one on this host. */
  public List<String> enter(List<String> argv) {
    return inside("--net --pid --mount", argv);
  }

  private List<String> inside(String namespaces, List<String> argv) {
    List<String> entered = new ArrayList<>(List.of("nsenter", "--target", Long.toString(init)));
    if (!ROOT) {
      entered.addAll(List.of("--user", "--preserve-credentials"));
    }
    entered.addAll(List.of(namespaces.split(" ", -1)));
    entered.add("--");
    entered.addAll(argv);
    return entered;
  }

  /** Where this host's file of that path is for those who are not on it: with what it mounted. */
  public Path seenFromOutside(Path path) {
    return Path.of("/proc/" + init + "/root" + path);
  }

  private static void run(List<String> argv) {
    new Cmd(argv, Map.of(), Duration.ofSeconds(20)).run().orFail();
  }

  /** Ends every process of this host. */
  @Override
  public void close() {
    Cmd.killTree(holder);
    holder.onExit().join();
  }
}
