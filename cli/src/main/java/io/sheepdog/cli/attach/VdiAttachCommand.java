package io.sheepdog.cli.attach;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.Opcode;
import io.sheepdog.protocol.inode.InodeHeader;
import io.sheepdog.protocol.message.RawBody;
import io.sheepdog.protocol.payload.NbdService;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi attach}: prints what other programs are to be told so that they use the VDI through
 * the NBD server of the daemon that is asked. Nothing is attached, and nothing is locked.
 */
public final class VdiAttachCommand extends ToolCommand {
  /** Behind a name: without lock. */
  private static final String READ_ONLY = "?readonly";

  @Parameters(index = "0", paramLabel = "NAME")
  private String name = "";

  @Option(
      names = {"-s", "--snapshot"},
      paramLabel = "SNAPSHOT",
      description = "a snapshot (tag or number), read-only")
  private @Nullable String snapshot;

  @Option(
      names = {"--socket"},
      description = "by the daemon's Unix socket, for programs of its host")
  private boolean socket;

  @Option(
      names = {"--tls-dir"},
      paramLabel = "DIR",
      defaultValue = "/etc/pki/qemu",
      description =
          "certificates of the client, where the daemon wants TLS (default: ${DEFAULT-VALUE})")
  private Path certificates = Path.of("/etc/pki/qemu");

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Snapshot wanted = snapshot == null ? null : Snapshot.parse(snapshot);
    Vdis vdis = new Vdis(remote);
    InodeHeader inode = vdis.open(name, wanted);
    Place place = place(invocation, remote, service(remote));
    String export = snapshot == null ? head(vdis) : snapshot(vdis, inode, snapshot);
    AttachLines lines = new AttachLines(place, export, snapshot != null, inode.vdiId());
    if (common().json()) {
      json(invocation.console().out(), place, export, inode, lines);
    } else {
      lines
          .all()
          .forEach((way, line) -> invocation.console().out().println("# " + way + "\n" + line));
    }
    return 0;
  }

  /** A tag that would be read as something else, or a VDI of that very name: the number then. */
  private String snapshot(Vdis vdis, InodeHeader inode, String tag) throws CommandFailure {
    String byTag = name + "@" + tag;
    boolean plain = tag.indexOf('@') < 0 && !tag.endsWith(READ_ONLY);
    if (plain && Vdis.isMissing(vdis.lookup(byTag, null))) {
      return byTag;
    }
    String byNumber = name + "@" + inode.snapshotId();
    if (!Vdis.isMissing(vdis.lookup(byNumber, null))) {
      throw new CommandFailure(
          1,
          "NBD clients cannot name that snapshot, because there is a VDI '"
              + byNumber
              + "'; make a clone of it with 'vdi clone'");
    }
    return byNumber;
  }

  private String head(Vdis vdis) throws CommandFailure {
    if (name.endsWith(READ_ONLY)
        && !Vdis.isMissing(
            vdis.lookup(name.substring(0, name.length() - READ_ONLY.length()), null))) {
      throw new CommandFailure(
          1,
          "NBD clients cannot name the VDI '"
              + name
              + "', because that also means another one, read-only; give it another name with"
              + " 'vdi clone'");
    }
    int at = name.lastIndexOf('@');
    String of = name.substring(0, Math.max(at, 0));
    String tag = name.substring(at + 1);
    if (!of.isEmpty() && !tag.isEmpty()) {
      Snapshot other = tag.matches("0+") ? new Snapshot(0, tag) : Snapshot.parse(tag);
      if (!Vdis.isMissing(vdis.lookup(of, other))) {
        throw new CommandFailure(
            1,
            "NBD clients cannot name the VDI '"
                + name
                + "', because that is also snapshot "
                + tag
                + " of '"
                + of
                + "'; give it another name with 'vdi clone'");
      }
    }
    return name;
  }

  private static NbdService service(Remote remote) throws CommandFailure {
    return remote.fetch(
        Opcode.NODE_NBD,
        RawBody.EMPTY,
        NbdService.SIZE,
        reply -> {
          remote.require(reply.header(), "The daemon does not say where it serves NBD");
          return NbdService.decode(reply.payload());
        });
  }

  /** Where clients are to connect; what the user has to know besides goes to standard error. */
  private Place place(Invocation invocation, Remote remote, NbdService service)
      throws CommandFailure {
    if (!service.onTcp() && !service.onSocket()) {
      throw new CommandFailure(
          1,
          "The sheep at "
              + remote.endpoint()
              + " serves no NBD: it was started with --nbd off; start it with --nbd [ADDR:]PORT");
    }
    if (socket && !service.onSocket()) {
      throw new CommandFailure(
          1, "The sheep at " + remote.endpoint() + " has no socket: its store's path is too long");
    }
    PrintStream err = invocation.console().err();
    String host = remote.host();
    if (socket || !service.onTcp()) {
      if (!socket) {
        err.println("That sheep does not serve NBD on TCP, its port was taken: use its socket");
      }
      hint(err, host, "its socket is " + service.socket());
      return new Place.Unix(service.socket());
    }
    if (Hosts.isLoopback(service.address())) {
      hint(err, host, "it listens on " + service.address() + "; see --nbd of sheep");
    }
    return new Place.Tcp(
        Hosts.isWildcard(service.address()) ? host : service.address(),
        service.port(),
        service.tls() ? new Place.Tls(certificates.toAbsolutePath(), service.verify()) : null);
  }

  private static void hint(PrintStream err, String host, String why) {
    if (!Hosts.isHere(host)) {
      err.println("For programs on " + host + " only: " + why);
    }
  }

  private void json(
      PrintStream out, Place place, String export, InodeHeader inode, AttachLines lines) {
    Json.print(
        out,
        json -> {
          json.writeStartObject();
          json.writeStringField("name", name);
          json.writeNumberField("size", inode.vdiSize());
          json.writeStringField("export", export);
          if (place instanceof Place.Tcp tcp) {
            json.writeStringField("host", tcp.host());
            json.writeNumberField("port", tcp.port());
            json.writeBooleanField("tls", tcp.tls() != null);
          } else if (place instanceof Place.Unix unix) {
            json.writeStringField("socket", unix.socket());
          }
          json.writeStringField("uri", lines.uri());
          json.writeStringField("node_name", lines.node());
          for (Map.Entry<String, String> line : lines.all().entrySet()) {
            json.writeStringField(
                line.getKey().toLowerCase(Locale.ROOT).replace('-', '_').replace(' ', '_'),
                line.getValue());
          }
          json.writeEndObject();
        });
  }
}
