package io.sheepdog.cli.cluster;

import io.netty.buffer.Unpooled;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.remote.ClusterView;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.RequestFlags;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.message.Reply;
import io.sheepdog.protocol.message.Request;
import io.sheepdog.protocol.payload.EpochLogEntry;
import io.sheepdog.protocol.payload.NodeEntry;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code cluster recover enable|disable|force}: spec/cli-dog-1.0.md section 4.4. */
public final class ClusterRecoverCommand extends ToolCommand {
  private static final List<String> KNOWN = List.of("enable", "disable", "force");

  @Parameters(arity = "0..1", paramLabel = "enable|disable|force")
  private List<String> words = new ArrayList<>();

  @Option(
      names = {"-f", "--force"},
      description = "do not ask before going on without nodes")
  private boolean force;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    if (words.isEmpty()) {
      throw new CommandFailure(
          invocation.profile().usageExit(),
          "'cluster recover' needs a third word: enable, disable or force");
    }
    if (!KNOWN.contains(words.get(0))) {
      throw new CommandFailure(
          invocation.profile().usageExit(),
          "Invalid argument '" + words.get(0) + "': enable, disable or force is expected");
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    String word = words.get(0);
    if (word.equals("force")) {
      return goOn(invocation, remote);
    }
    Opcode opcode = word.equals("enable") ? Opcode.ENABLE_RECOVER : Opcode.DISABLE_RECOVER;
    remote.require(remote.ask(opcode, RawBody.EMPTY), "failed to execute request");
    invocation.console().out().println("Cluster recovery: " + word);
    return 0;
  }

  /** The way out for a cluster whose missing nodes will never come back. */
  private int goOn(Invocation invocation, Remote remote) throws CommandFailure {
    ClusterView view = waiting(remote);
    explain(invocation.console().err(), view);
    if (!force && !invocation.console().confirm("Go on without them?")) {
      return 0;
    }
    if (!view.missing().equals(waiting(remote).missing())) {
      throw new CommandFailure(
          1, "Nodes came or went meanwhile: look at 'cluster info' and decide again");
    }
    request(remote, view.newest());
    EpochLogEntry now = ClusterView.of(remote).newest();
    invocation
        .console()
        .out()
        .println("The cluster goes on in epoch " + now.epoch() + " with " + addresses(now.nodes()));
    return 0;
  }

  private static ClusterView waiting(Remote remote) throws CommandFailure {
    ClusterView view = ClusterView.of(remote);
    if (view.isAbsent()) {
      throw new CommandFailure(remote.profile().systemExit(), view.reason());
    }
    if (!view.response().is(ResultCode.WAIT_FOR_JOIN) || !view.isFormatted()) {
      throw new CommandFailure(
          1,
          "failed to execute request, "
              + (remote.profile() == Profile.COLLIE
                  ? ResultCode.FORCE_RECOVER.collieText()
                  : ResultCode.dogText(ResultCode.FORCE_RECOVER.code())));
    }
    return view;
  }

  private static void explain(PrintStream err, ClusterView view) {
    EpochLogEntry newest = view.newest();
    List<String> missing = view.missing().stream().map(NodeAddress::toString).toList();
    String away =
        missing.isEmpty()
            ? "nodes with the stores that they had (sheep.log names them)"
            : String.join(", ", missing);
    TreeSet<Integer> zonesAway = new TreeSet<>();
    for (NodeEntry node : newest.nodes()) {
      if (node.vnodes() > 0 && view.missing().contains(node.address())) {
        zonesAway.add(node.zone());
      }
    }
    err.println("The cluster waits for " + away + " of epoch " + newest.epoch() + ".");
    if (missing.isEmpty() || zonesAway.size() >= newest.copies()) {
      err.println(
          "Without them DATA IS LOST: every object all of whose copies are there (by default an object has "
              + newest.copies()
              + "). It cannot be read any more, or is read as it was in an earlier epoch; images whose inode is lost are gone.");
    } else {
      err.println(
          "Images with "
              + newest.copies()
              + " copies have others here; those with fewer may lose data: what had copies there only cannot be read any more.");
    }
    err.println(
        "If any of them went on after epoch "
            + newest.epoch()
            + ", what it acknowledged then is lost. Make sure that sheep does not run there.");
    err.println(
        "Nodes that come back later join as new ones; what only they have is not used once recovery has ended.");
  }

  private static void request(Remote remote, EpochLogEntry newest) throws CommandFailure {
    int room = newest.nodes().size() * NodeEntry.SIZE;
    Request request =
        Request.of(Opcode.FORCE_RECOVER, RequestFlags.NONE, room, RawBody.EMPTY)
            .withEpoch(newest.epoch());
    Reply reply = remote.call(request, Unpooled.EMPTY_BUFFER);
    reply.release();
    if (reply.header().is(ResultCode.AGAIN)) {
      throw new CommandFailure(
          1, "A node was joining or leaving: look at 'cluster info' and decide again");
    }
    if (!reply.header().isSuccess()) {
      throw new CommandFailure(1, "failed to execute request, " + remote.text(reply.header()));
    }
  }

  private static String addresses(List<NodeEntry> nodes) {
    return String.join(", ", nodes.stream().map(node -> node.address().toString()).toList());
  }
}
