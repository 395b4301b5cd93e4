package io.sheepdog.daemon;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.sheepdog.client.BuildVersion;
import io.sheepdog.client.ClientOptions;
import io.sheepdog.client.NettyIo;
import io.sheepdog.core.SheepNode;
import io.sheepdog.core.cluster.ClusterEvent;
import io.sheepdog.core.cluster.ClusterState;
import io.sheepdog.core.cluster.ClusterStatus;
import io.sheepdog.core.cluster.Outcome;
import io.sheepdog.core.membership.LocalNode;
import io.sheepdog.core.membership.VnodesStrategy;
import io.sheepdog.core.spi.MemberId;
import io.sheepdog.core.spi.Platform;
import io.sheepdog.corosyncconf.host.LocalHost;
import io.sheepdog.daemon.absence.Absence;
import io.sheepdog.daemon.absence.EarlyRequests;
import io.sheepdog.daemon.corosync.CorosyncConfReport;
import io.sheepdog.daemon.corosync.CorosyncHost;
import io.sheepdog.daemon.logging.SheepLog;
import io.sheepdog.daemon.nbd.NbdLimits;
import io.sheepdog.daemon.nbd.NbdServer;
import io.sheepdog.daemon.nbd.TlsFiles;
import io.sheepdog.daemon.net.PeerTransport;
import io.sheepdog.daemon.net.ServerLimits;
import io.sheepdog.daemon.net.SheepServer;
import io.sheepdog.daemon.options.SheepOptions;
import io.sheepdog.daemon.process.Launcher;
import io.sheepdog.daemon.process.PidFile;
import io.sheepdog.daemon.process.Signals;
import io.sheepdog.daemon.store.FileStore;
import io.sheepdog.daemon.store.StoreOpenException;
import io.sheepdog.daemon.store.StoreOptions;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.payload.NodeEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One daemon: puts its parts together, starts them in an order in which each failure can be told to
 * the launching command, and stops them in the reverse order. Used by the main thread, which may
 * block.
 */
final class Daemon implements AutoCloseable {
  /**
   * Bytes under way to one peer: twice what clients may have under way here, so that the gateway
   * never meets this bound.
   */
  private static final ClientOptions PEER_OPTIONS =
      ClientOptions.DEFAULTS.withBounds(1 << 16, 2 * ServerLimits.DEFAULTS.gatewayBytes());

  private static final Duration PROGRESS = Duration.ofSeconds(20);
  private static final int JOIN_TRIES = 15;
  private static final Duration LEAVE = Duration.ofSeconds(10);

  /** A corosync that is silent for so long may be kept from starting by its configuration. */
  private static final Duration MEND = Duration.ofSeconds(5);

  private static final Duration RETRY = Duration.ofMillis(500);

  /** The part of the heap that indexes of VDIs may take: 128 MiB of the default 512. */
  private static final int INDEX_SHARE = 4;

  /** Of this many vain attempts to reach corosync one is logged. */
  private static final int REPORT_EVERY = 120;

  private final SheepOptions options;
  private final StopRequest.Box stop = new StopRequest.Box();
  private final SheepLog log;
  private final NettyIo io = NettyIo.best();
  private final MultiThreadIoEventLoopGroup group;
  private final EventLoop eventLoop;
  private final CoreLoop coreLoop;
  private final Shutdown shutdown;
  private final ServiceNotice service;
  private final CompletableFuture<Void> signalled;
  private final Absence absence;
  private final boolean again;

  /**
   * @param service hears of the end of the process
   * @param signalled completes when the process gets a signal to end
   * @param absence is told why the node is no member
   * @param again whether this is not the first node of the process: it then waits for corosync
   */
  Daemon(
      SheepOptions options,
      ServiceNotice service,
      CompletableFuture<Void> signalled,
      Absence absence,
      boolean again) {
    this.options = options;
    this.service = service;
    this.signalled = signalled;
    this.absence = absence;
    this.again = again;
    this.log = new SheepLog(options.log(), options.port());
    this.group = io.newEventLoops(1, "core");
    this.eventLoop = group.next();
    this.coreLoop = new CoreLoop(eventLoop, this::coreLoopFailed);
    this.shutdown = new Shutdown(log, group, coreLoop, () -> stop.isAgain() && !signalled.isDone());
    // The signal may never come: what waits for it must not keep every node of this process.
    StopRequest.Box box = stop;
    signalled.thenRun(() -> box.stop("signal"));
  }

  private void coreLoopFailed(Throwable failure) {
    DaemonEvent.CORE_LOOP_FAILED.log("reason=\"{}\"", failure, failure);
    stop.fail("unexpected exception on the core loop: " + failure);
  }

  /**
   * Starts everything and tells the launcher when the node is ready.
   *
   * @throws StartException if it cannot; what was started is stopped by {@link #close}
   */
  void start(Launcher launcher) throws StartException, InterruptedException {
    if (again) {
      openLog();
    }
    SheepServer server = new SheepServer(io, eventLoop, ServerLimits.DEFAULTS);
    Listening listening = new Listening(server, options);
    listening.bindTcp();
    EarlyRequests early = new EarlyRequests(absence, () -> stop.stop("node kill"));
    coreLoop.execute(() -> server.serve(early));
    shutdown.add("server", () -> onCoreLoop(server::close));
    Membership membership = membership(launcher);
    NodeAddress address = Identity.address(options, membership.address());
    writePidFile();
    FileStore store = openStore();
    if (!again) {
      openLog();
    }
    listening.bindUnix(address);
    shutdown.add("unix socket", listening::removeUnixSocket);
    NbdListening listeningNbd = bindNbd(server, address, launcher);
    NbdServer nbd = listeningNbd.server();
    long incarnation = newIncarnation();
    PeerTransport transport = new PeerTransport(io, eventLoop, PEER_OPTIONS, incarnation);
    // what this node says from now on may be wrong: its clients of both kinds connect again
    Runnable cutClients =
        () -> {
          server.close();
          nbd.close();
        };
    NodeControls controls =
        new NodeControls(
            stop, log, options.store().resolve("obj"), membership.canRejoin(), cutClients);
    SheepNode node = node(address, incarnation, store, transport, membership, controls);
    store.onCongestion(server::pauseDiskWork);
    shutdown.add("cluster driver", () -> awaitLeft(membership));
    shutdown.add("node", () -> leave(node, server, transport));
    shutdown.add("requests", () -> finishRequests(server, early));
    shutdown.add("nbd", () -> finishNbd(nbd));
    Signals.handle(() -> signalled.complete(null), log::rotate);
    Runnable onMember =
        () -> {
          // what waited for long is carried out only for those who are there; they connect again
          server.cutUnread();
          early.handOver(new NodeRequests(node, absence, listeningNbd.service()));
          nbd.serve(node.blockVolumes());
        };
    String waiting = join(node, onMember, transport, launcher);
    DaemonEvent.STARTED.log(
        "sheepdog daemon (version {}) started, address={} zone={} store={} io={}",
        BuildVersion.get(),
        address,
        Integer.toUnsignedString(Identity.zone(options, address)),
        options.store(),
        io);
    tellReady(launcher, waiting);
  }

  /** Its clients wait in the kernel until the node is a member. */
  private NbdListening bindNbd(SheepServer server, NodeAddress address, Launcher launcher)
      throws StartException, InterruptedException {
    TlsFiles tls = NbdListening.certificates(options);
    if (tls != null) {
      shutdown.add("nbd certificates", tls::close);
    }
    NbdServer nbd =
        new NbdServer(io, eventLoop, NbdLimits.DEFAULTS, server.clientBytes(), address.host(), tls);
    NbdListening listening = new NbdListening(nbd, options);
    if (options.nbd().enabled()) {
      shutdown.add("nbd socket", listening::removeUnixSocket);
      shutdown.add("nbd server", () -> onCoreLoop(nbd::close));
      listening.bind(launcher);
    }
    return listening;
  }

  /** The start is complete, as far as it depends on this node. */
  private void tellReady(Launcher launcher, String waiting) {
    if (!waiting.isEmpty()) {
      launcher.out("sheep: " + waiting);
    }
    launcher.exit(0);
    service.ready();
  }

  private FileStore openStore() throws StartException {
    try {
      StoreOptions storeOptions = StoreOptions.defaults().withNosync(options.nosync());
      FileStore store = FileStore.open(options.store(), storeOptions, coreLoop);
      shutdown.add("store", store::close);
      return store;
    } catch (StoreOpenException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  private void openLog() throws StartException {
    try {
      log.open(options.store());
    } catch (IOException e) {
      throw new StartException("the log cannot be opened: " + e, e);
    }
  }

  /**
   * The driver. Waits for a corosync that starts; after a failure of an earlier driver as long as
   * it takes.
   */
  private Membership membership(Launcher launcher) throws StartException, InterruptedException {
    long begin = System.nanoTime();
    long told = begin;
    String lastReason = "";
    int refusals = 0;
    boolean confTold = false;
    while (true) {
      try {
        return Membership.of(options, coreLoop, absence);
      } catch (CorosyncHost.UnavailableException e) {
        String reason = String.valueOf(e.getMessage());
        absence.because("it waits for corosync: " + reason, "corosync answers");
        if (!again && System.nanoTime() - begin >= e.patience().toNanos()) {
          throw new StartException(reason, e, e.isSilence() ? corosyncConf() : List.of());
        }
        boolean news = !reason.equals(lastReason) || ++refusals % REPORT_EVERY == 0;
        if (again && news) {
          DaemonEvent.WAITING_FOR_COROSYNC.log("reason=\"{}\"", reason);
        }
        // one that is only started again is not asked for its configuration
        if (again && !confTold && e.isSilence() && System.nanoTime() - begin >= MEND.toNanos()) {
          confTold = true;
          corosyncConf().forEach(line -> DaemonEvent.COROSYNC_CONF.log("finding=\"{}\"", line));
        }
        lastReason = reason;
      }
      if (System.nanoTime() - told >= PROGRESS.toNanos()) {
        told = System.nanoTime();
        launcher.out("sheep: still waiting for corosync to answer");
      }
      pause();
    }
  }

  private static List<String> corosyncConf() {
    return CorosyncConfReport.of(CorosyncConfReport.FILE, LocalHost.system());
  }

  private void pause() throws StartException, InterruptedException {
    try {
      throw new StartException(stop.first().get(RETRY.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException nobodyStopsIt) {
      return;
    } catch (ExecutionException e) {
      throw new IllegalStateException("stop requests do not fail", e);
    }
  }

  private SheepNode node(
      NodeAddress address,
      long incarnation,
      FileStore store,
      PeerTransport transport,
      Membership membership,
      NodeControls controls) {
    int zone = Identity.zone(options, address);
    long space = options.gateway() ? 0 : store.meta().announcedSpace();
    LocalNode local =
        new LocalNode(
            new NodeEntry(address, NodeAddress.NONE, vnodes(store), zone, space), incarnation);
    Platform platform =
        new Platform(
            new SystemClock(),
            coreLoop,
            transport,
            store.objects(),
            store.meta(),
            membership.driver());
    long indexBytes = Runtime.getRuntime().maxMemory() / INDEX_SHARE;
    SheepNode node = new SheepNode(local, platform, controls, controls, indexBytes);
    node.recovery().setThrottle(options.recovery().max(), options.recovery().intervalMillis());
    node.setScrubRate((long) options.scrubMib() << 20);
    node.recovery().addListener(new RecoveryLog());
    return node;
  }

  /** A node that lost its membership goes on with the number that it had. */
  private int vnodes(FileStore store) {
    int last = again ? VnodesStrategy.lastFixed(store.meta()) : 0;
    return last > 0 && options.vnodes() > 0 ? last : options.vnodes();
  }

  private static long newIncarnation() {
    SecureRandom random = new SecureRandom();
    long incarnation = 0;
    while (incarnation == 0) {
      incarnation = random.nextLong();
    }
    return incarnation;
  }

  /** Joins, again as long as it takes; returns what the cluster waits for. */
  private String join(SheepNode node, Runnable onMember, PeerTransport transport, Launcher launcher)
      throws StartException, InterruptedException {
    DaemonEvent.JOINING.log("join Sheepdog cluster driver={}", options.cluster());
    absence.because("it is joining", "the other nodes have taken it in");
    Readiness readiness = new Readiness(node.agent(), onMember);
    coreLoop.execute(
        () -> {
          node.agent().addListener(new StateLog(node.agent()));
          node.agent().addListener(new PeerConnections(transport));
          node.agent().addListener(readiness);
          node.agent().addListener(this::noteService);
          node.start();
        });
    CompletableFuture<Object> either = CompletableFuture.anyOf(readiness.ready(), stop.first());
    boolean patient = again;
    for (int tries = 0; patient || tries < JOIN_TRIES; tries++) {
      try {
        Object result = either.get(PROGRESS.toMillis(), TimeUnit.MILLISECONDS);
        if (result instanceof StopRequest request) {
          throw new StartException(request);
        }
        return (String) result;
      } catch (TimeoutException e) {
        launcher.out("sheep: still joining the cluster: " + absence.why());
        if (absence.isForOthers() && !patient) {
          // hosts that come back from a power cut may be hours apart
          patient = true;
          tellReady(launcher, "it joins when " + absence.until());
        }
      } catch (ExecutionException e) {
        throw new StartException("joining failed: " + e.getCause(), e);
      }
    }
    throw new StartException(
        "the cluster did not take this node in within "
            + PROGRESS.multipliedBy(JOIN_TRIES).toMinutes()
            + " minutes: "
            + absence.why()
            + "; see the log, and those of the other nodes");
  }

  private void noteService(
      ClusterState before,
      ClusterState after,
      @Nullable MemberId sender,
      @Nullable ClusterEvent event,
      Outcome outcome) {
    if (after.status() == ClusterStatus.RUNNING) {
      absence.over();
    }
  }

  private void writePidFile() throws StartException {
    Path path = options.pidFile();
    if (path == null) {
      return;
    }
    try {
      PidFile pidFile = PidFile.write(path, ProcessHandle.current().pid());
      shutdown.add("pid file", pidFile::close);
    } catch (IOException e) {
      throw new StartException(String.valueOf(e.getMessage()), e);
    }
  }

  private void leave(SheepNode node, SheepServer server, PeerTransport transport)
      throws InterruptedException, ExecutionException, TimeoutException {
    onCoreLoop(
        () -> {
          node.stop();
          server.close();
          transport.close();
        });
  }

  private void onCoreLoop(Runnable task)
      throws InterruptedException, ExecutionException, TimeoutException {
    coreLoop.submit(task).get(LEAVE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** A node that lost its membership, or never had one, has no replies to give. */
  private void finishRequests(SheepServer server, EarlyRequests early)
      throws InterruptedException, ExecutionException {
    boolean member = coreLoop.call(early::handedOver).get();
    if (member && !stop.isAgain()) {
      shutdown.finishRequests(server::stopAccepting, server::whenIdle);
    }
  }

  /** A node that goes on as another has no replies to give. */
  private void finishNbd(NbdServer nbd)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (!stop.isAgain()) {
      shutdown.finishRequests(nbd::stopAccepting, nbd::whenIdle);
    }
    onCoreLoop(nbd::close);
  }

  private static void awaitLeft(Membership membership) throws IOException, InterruptedException {
    if (!membership.end().await(LEAVE)) {
      throw new IOException("the cluster driver did not leave in time");
    }
  }

  /** Runs until somebody wants the daemon to stop. */
  StopRequest awaitStop() throws InterruptedException {
    try {
      StopRequest request = stop.first().get();
      DaemonEvent.STOPPING.log("reason=\"{}\"", request.reason());
      if (!request.again()) {
        service.stopping();
      }
      return request;
    } catch (ExecutionException e) {
      throw new IllegalStateException("stop requests do not fail", e);
    }
  }

  /** Stops what was started, the last first. */
  @Override
  public void close() {
    shutdown.run();
  }
}
