package io.sheepdog.integration.corosync.container;

import com.github.dockerjava.api.model.Capability;
import io.sheepdog.integration.process.Outcome;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/** One host: a container with a fixed address, in which nothing runs until {@link #boot}. */
public final class ClusterNode {
  /** Joining takes until enough nodes are there, on a machine that starts them all at once. */
  private static final Duration BOOT = Duration.ofSeconds(150);

  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final long SHARED_MEMORY = 256L << 20;
  private static final int LOG_LINES = 60;
  private static final Pattern RING_SIZE = Pattern.compile("(?m)^Nodes: +(\\d+)$");

  private final String address;
  private final GenericContainer<?> container;

  ClusterNode(String image, Network network, String address) {
    this.address = address;
    // a first process that ignores SIGCHLD leaves no zombies of daemons whose parent has ended
    this.container =
        new GenericContainer<>(DockerImageName.parse(image))
            .withNetwork(network)
            .withSharedMemorySize(SHARED_MEMORY)
            // empty after a power cut, as on any host of today
            .withTmpFs(Map.of("/run", "rw"))
            .withCommand("env", "--ignore-signal=CHLD", "sleep", "infinity")
            .withCreateContainerCmdModifier(
                command -> {
                  Objects.requireNonNull(command.getHostConfig()).withCapAdd(Capability.NET_ADMIN);
                  command.withIpv4Address(address).withHostName("sheep" + lastByte(address));
                });
  }

  private static String lastByte(String address) {
    return address.substring(address.lastIndexOf('.') + 1);
  }

  GenericContainer<?> container() {
    return container;
  }

  /** The address on the cluster's network. */
  public String address() {
    return address;
  }

  /** How QEMU names a VDI whose gateway is this node. */
  public String url(String vdi) {
    return "sheepdog://" + address + ":7000/" + vdi;
  }

  /** Runs one line as bash reads it, as root, and hands back how it ended. */
  public Outcome run(String line) {
    return run(LIMIT, line);
  }

  /** As {@link #run(String)} for a line that may take its time. */
  public Outcome run(Duration limit, String line) {
    return Docker.command(limit, "exec", container.getContainerId(), "bash", "-c", line);
  }

  /** Writes a file. */
  void write(String path, String text) {
    container.copyFileToContainer(Transferable.of(text), path);
  }

  /** The autostart of the guide: the store is emptied, and sheep joins the cluster. */
  public void boot() {
    autostart(
        """
        /usr/sbin/corosync
        /bin/rm -rf /store_dir/*
        /usr/sbin/sheep /store_dir
        """);
  }

  private Outcome autostart(String script) {
    return run(BOOT, "set -e\n" + script).orFail();
  }

  /** The log of this node's sheep, as this machine sees it until the node loses power. */
  public Path log() {
    Long init = Objects.requireNonNull(container.getCurrentContainerInfo().getState().getPidLong());
    return Path.of("/proc/" + init + "/root/store_dir/sheep.log");
  }

  /** Waits until no node has anything to recover; a minute at most. */
  public void awaitRecovered() {
    Awaitility.await("recovery has ended")
        .atMost(LIMIT)
        .until(() -> run("dog node recovery -r").orFail().stdout().isEmpty());
  }

  /** The rows of {@code collie node list}; none when it has no answer soon. */
  public List<String> nodeList() {
    List<String> table = run("timeout 10 collie node list").lines();
    return table.subList(Math.min(2, table.size()), table.size());
  }

  /** Waits until it lists that many nodes; a minute at most. */
  public void awaitRows(int rows) {
    Awaitility.await(rows + " rows of node list on " + address)
        .atMost(LIMIT)
        .until(() -> nodeList().size() == rows);
  }

  /** Ends all processes at once, as a power cut does. */
  public void kill() {
    docker("kill");
  }

  /** Switches a killed host on again, with the guide's autostart, which empties the store. */
  public void powerOnEmptied() {
    docker("start");
    boot();
  }

  /** Switches a killed host on again; what it stored is still there. */
  public void powerOn() {
    docker("start");
    autostart(
        """
        /usr/sbin/corosync
        /usr/sbin/sheep /store_dir
        """);
  }

  /** Stops all processes until {@link #unpause}. */
  public void pause() {
    docker("pause");
  }

  /** Lets the processes go on, for which no time has passed. */
  public void unpause() {
    docker("unpause");
  }

  /** Stops corosync and sheep where they are. */
  public void stopDaemons() {
    run("pkill -STOP -x 'corosync|sheep'").orFail();
  }

  /** Stops sheep where it is, under a corosync that lives. */
  public void stopSheep() {
    run("pkill -STOP -x sheep").orFail();
  }

  /** Lets a stopped sheep go on, for which no time has passed. */
  public void continueSheep() {
    run("pkill -CONT -x sheep").orFail();
  }

  /** Lets a stopped corosync go on. */
  public void continueCorosync() {
    run("pkill -CONT -x corosync").orFail();
  }

  /** Pulls the cable: packets go neither in nor out. */
  public void cut() {
    filter("policy drop; iif lo accept", "policy drop; oif lo accept");
  }

  /** Neither hears nor reaches some others any more. */
  public void cutFrom(List<ClusterNode> others) {
    String set =
        others.stream().map(ClusterNode::address).collect(Collectors.joining(", ", "{ ", " }"));
    filter("ip saddr " + set + " drop", "ip daddr " + set + " drop");
  }

  private void filter(String in, String out) {
    run("""
            nft -f - <<END
            table inet cable {
              chain in { type filter hook input priority 0; %s; }
              chain out { type filter hook output priority 0; %s; }
            }
            END
            """
            .formatted(in, out))
        .orFail();
  }

  /** Plugs the cable in again. */
  public void mend() {
    run("nft delete table inet cable").orFail();
  }

  /** Ends corosync, and nothing else, without a farewell to the others. */
  public void killCorosync() {
    run("pkill -KILL -x corosync").orFail();
  }

  /** Ends corosync, and nothing else, in order: it says farewell to the others. */
  public void stopCorosync() {
    run("pkill -TERM -x corosync && while pgrep -x corosync >/dev/null; do sleep 0.1; done")
        .orFail();
  }

  /** Starts corosync again if it was started and runs no more. */
  void reviveCorosync() {
    run("[ ! -e /run/corosync.pid ] || pgrep -x corosync >/dev/null || /usr/sbin/corosync")
        .orFail();
  }

  /** Starts corosync alone. */
  public void startCorosync() {
    run("/usr/sbin/corosync").orFail();
  }

  /** Ends sheep, and nothing else, without a farewell to the others. */
  public void killSheep() {
    run("pkill -KILL -x sheep").orFail();
  }

  /** Starts sheep alone and hands back what it says. */
  public Outcome startSheep() {
    return autostart("/usr/sbin/sheep /store_dir\n");
  }

  /** Waits until no sheep runs; a minute at most. */
  public void awaitNoSheep() {
    Awaitility.await("the end of sheep on " + address)
        .atMost(LIMIT)
        .until(() -> run("pgrep -x sheep").exitCode() != 0);
  }

  private void docker(String command) {
    Docker.command(LIMIT, command, container.getContainerId()).orFail();
  }

  /** Of how many hosts corosync's ring is; 0 when corosync does not run. */
  int ringSize() {
    String status = run("corosync-quorumtool -s").stdout();
    Matcher nodes = RING_SIZE.matcher(status);
    return nodes.find() ? Integer.parseInt(nodes.group(1)) : 0;
  }

  /** Its processes, and the last words of its daemons. */
  String logs() {
    if (!container.isRunning()) {
      return "(not running)\n";
    }
    String line = "ps -e -o pid,etime,comm; tail -n %d /tmp/corosync.log /store_dir/sheep.log";
    return run(line.formatted(LOG_LINES)).stdout();
  }
}
