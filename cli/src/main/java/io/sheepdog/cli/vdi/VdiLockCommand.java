package io.sheepdog.cli.vdi;

import com.fasterxml.jackson.core.JsonGenerator;
import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.format.Words;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.id.NodeAddress;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.VdiBody;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi lock NAME}: holds the lock as if a VM had opened the image, until {@code vdi release}
 * (spec/cli-collie-2010.md section 9). {@code vdi lock list} and {@code vdi lock unlock NAME} are
 * version 1.0's (spec/cli-dog-1.0.md section 2.17).
 */
public final class VdiLockCommand extends ToolCommand {
  private static final int NAME_WIDTH = 8;
  private static final int ID_WIDTH = 5;
  private static final int VID_WIDTH = 6;
  private static final int TAG_WIDTH = 13;

  @Parameters(arity = "1..2", paramLabel = "NAME")
  private List<String> words = new ArrayList<>();

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    boolean known =
        words.size() == 1 ? !words.get(0).equals("unlock") : words.get(0).equals("unlock");
    if (!known) {
      throw new CommandFailure(
          invocation.profile().usageExit(),
          "Invalid arguments '"
              + String.join(" ", words)
              + "': NAME, list or unlock NAME is expected");
    }
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    if (words.size() > 1) {
      return VdiReleaseCommand.release(remote, vdis, words.get(1));
    }
    String name = words.get(0);
    if (name.equals("list")) {
      list(invocation.console().out(), vdis);
      return 0;
    }
    remote.require(vdis.nameRequest(Opcode.LOCK_VDI, name, null, VdiBody.LOCK_HELD), name);
    return 0;
  }

  private void list(PrintStream out, Vdis vdis) throws CommandFailure {
    Map<VdiId, NodeAddress> owners = vdis.states().lockOwners();
    List<InodeHeader> locked = new ArrayList<>();
    for (InodeHeader inode : vdis.headers()) {
      if (owners.containsKey(inode.vdiId())) {
        locked.add(inode);
      }
    }
    if (common().json()) {
      Json.print(out, json -> write(json, locked, owners));
      return;
    }
    if (!common().raw()) {
      out.println("  Name         Id  VDI id  Tag            Owner node(s)");
    }
    for (InodeHeader inode : locked) {
      NodeAddress owner = owner(owners, inode);
      out.println(common().raw() ? raw(inode, owner) : row(inode, owner));
    }
  }

  private static NodeAddress owner(Map<VdiId, NodeAddress> owners, InodeHeader inode) {
    return Objects.requireNonNull(owners.get(inode.vdiId()));
  }

  private static String row(InodeHeader inode, NodeAddress owner) {
    return "  "
        + Words.left(inode.name(), NAME_WIDTH)
        + "  "
        + Words.right(0, ID_WIDTH)
        + "  "
        + Words.right(inode.vdiId().toString(), VID_WIDTH)
        + "  "
        + Words.left(inode.tag(), TAG_WIDTH)
        + "  "
        + (owner.isIpv4() ? "IPv4" : "IPv6")
        + " ip:"
        + owner.host()
        + " port:"
        + owner.port();
  }

  private static String raw(InodeHeader inode, NodeAddress owner) {
    return Words.escaped(inode.name())
        + " "
        + inode.vdiId()
        + " "
        + owner.host()
        + ":"
        + owner.port();
  }

  private static void write(
      JsonGenerator json, List<InodeHeader> locked, Map<VdiId, NodeAddress> owners)
      throws IOException {
    json.writeStartArray();
    for (InodeHeader inode : locked) {
      NodeAddress owner = owner(owners, inode);
      json.writeStartObject();
      json.writeStringField("name", inode.name());
      json.writeStringField("vid", inode.vdiId().toString());
      json.writeStringField("gateway_host", owner.host());
      json.writeNumberField("gateway_port", owner.port());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
