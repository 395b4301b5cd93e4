package io.sheepdog.cli.vdi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Times;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.Locks;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.ResultCode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.message.VdiBody;
import io.sheepdog.protocol.message.VdiReply;
import io.sheepdog.protocol.payload.VdiLockPayload;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi lock NAME}: holds the lock as if a VM had opened the image, until {@code vdi release}
 * (spec/cli-collie-2010.md section 9). {@code vdi lock list} and {@code vdi lock unlock NAME} are
 * version 1.0's (spec/cli-dog-1.0.md section 2.17); {@code vdi lock break NAME} does the same as
 * the latter and says whom it has shut out.
 */
public final class VdiLockCommand extends ToolCommand {
  private static final int NAME_WIDTH = 8;
  private static final int ID_WIDTH = 5;
  private static final int VID_WIDTH = 6;
  private static final int TAG_WIDTH = 13;
  private static final int HOST_WIDTH = 15;
  private static final int NODE_WIDTH = 20;
  private static final List<String> WITH_NAME = List.of("unlock", "break");

  @Parameters(arity = "1..2", paramLabel = "NAME")
  private List<String> words = new ArrayList<>();

  @Option(
      names = {"-f", "--force"},
      description = "break: do not ask")
  private boolean force;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    if ((words.size() == 1) == WITH_NAME.contains(words.get(0))) {
      throw new CommandFailure(
          invocation.profile().usageExit(),
          "Invalid arguments '"
              + String.join(" ", words)
              + "': NAME, list, unlock NAME or break NAME is expected");
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    String word = words.get(0);
    if (word.equals("break")) {
      return breakLock(invocation, remote, vdis, words.get(1));
    }
    if (words.size() > 1) {
      return VdiReleaseCommand.release(remote, vdis, words.get(1));
    }
    if (word.equals("list")) {
      list(invocation, remote, vdis);
      return 0;
    }
    remote.require(vdis.nameRequest(Opcode.LOCK_VDI, word, null, VdiBody.LOCK_HELD), word);
    return 0;
  }

  private int breakLock(Invocation invocation, Remote remote, Vdis vdis, String name)
      throws CommandFailure {
    Response found = vdis.lookup(name, null);
    remote.require(found, name);
    VdiId vid = found.body() instanceof VdiReply reply ? reply.vdiId() : VdiId.NONE;
    VdiLockPayload lock = Locks.of(remote).of(vid);
    if (lock == null) {
      throw new CommandFailure(1, name + ": " + remote.profile().text(ResultCode.VDI_NOT_LOCKED));
    }
    Console console = invocation.console();
    String holder =
        lock.client()
            + " through node "
            + lock.gateway()
            + ", since "
            + Times.second(lock.since().seconds());
    boolean asks = !force && console.inputIsTerminal();
    if (asks
        && !console.confirm(
            name + " is used by " + holder + ". Its writes will be refused. Continue?")) {
      return 0;
    }
    remote.require(remote.ask(Opcode.RELEASE_VDI, VdiBody.release(vid)), name);
    console.err().println("The lock of " + name + " was held by " + holder);
    return 0;
  }

  private record Row(InodeHeader inode, VdiLockPayload lock) {}

  private void list(Invocation invocation, Remote remote, Vdis vdis) throws CommandFailure {
    Locks locks = Locks.of(remote);
    List<Row> rows = new ArrayList<>();
    for (VdiLockPayload lock : locks.all()) {
      rows.add(new Row(vdis.header(lock.vid()), lock));
    }
    PrintStream out = invocation.console().out();
    boolean dog = invocation.profile() == Profile.DOG;
    if (common().json()) {
      Json.print(out, json -> write(json, rows));
      return;
    }
    if (!common().raw()) {
      out.println(
          dog
              ? "  Name         Id  VDI id  Tag            Owner node(s)"
              : "  Name      VDI id  Client           Node                  Since                Kind");
    }
    for (Row row : rows) {
      out.println(common().raw() ? raw(row) : dog ? dogRow(row) : row(row));
    }
  }

  private static String dogRow(Row row) {
    NodeAddress owner = row.lock.gateway();
    return "  "
        + Words.left(row.inode.name(), NAME_WIDTH)
        + "  "
        + Words.right(0, ID_WIDTH)
        + "  "
        + Words.right(row.inode.vdiId().toString(), VID_WIDTH)
        + "  "
        + Words.left(row.inode.tag(), TAG_WIDTH)
        + "  "
        + (owner.isIpv4() ? "IPv4" : "IPv6")
        + " ip:"
        + owner.host()
        + " port:"
        + owner.port();
  }

  private static String row(Row row) {
    return "  "
        + Words.left(row.inode.name(), NAME_WIDTH)
        + "  "
        + Words.right(row.inode.vdiId().toString(), VID_WIDTH)
        + "  "
        + Words.left(row.lock.client(), HOST_WIDTH)
        + "  "
        + Words.left(row.lock.gateway().toString(), NODE_WIDTH)
        + "  "
        + Times.second(row.lock.since().seconds())
        + "  "
        + row.lock.kind().word()
        + (row.lock.orphaned() ? " (its node is gone)" : "");
  }

  private static String raw(Row row) {
    return Words.escaped(row.inode.name())
        + " "
        + row.inode.vdiId()
        + " "
        + row.lock.gateway()
        + " "
        + row.lock.client()
        + " "
        + row.lock.since().seconds()
        + " "
        + row.lock.kind().word();
  }

  private static void write(JsonGenerator json, List<Row> rows) throws IOException {
    json.writeStartArray();
    for (Row row : rows) {
      json.writeStartObject();
      json.writeStringField("name", row.inode.name());
      json.writeStringField("vid", row.inode.vdiId().toString());
      json.writeStringField("gateway_host", row.lock.gateway().host());
      json.writeNumberField("gateway_port", row.lock.gateway().port());
      json.writeStringField("client", row.lock.client());
      json.writeNumberField("since", row.lock.since().seconds());
      json.writeStringField("kind", row.lock.kind().word());
      json.writeNumberField("generation", row.lock.generation());
      json.writeBooleanField("gateway_is_gone", row.lock.orphaned());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
