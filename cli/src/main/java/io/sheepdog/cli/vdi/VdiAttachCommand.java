package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.inode.InodeHeader;
import java.io.PrintStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi attach}: prints what other programs are to be told so that they use the VDI through
 * this host's NBD server. Nothing is attached, and nothing is locked.
 */
public final class VdiAttachCommand extends ToolCommand {
  private static final String HOST = "127.0.0.1";
  private static final int DEFAULT_PORT = 10809;

  @Parameters(index = "0", paramLabel = "NAME")
  private String name = "";

  @Option(
      names = {"-s", "--snapshot"},
      paramLabel = "SNAPSHOT",
      description = "a snapshot (tag or number), read-only")
  private @Nullable String snapshot;

  @Option(
      names = {"--nbd-port"},
      paramLabel = "PORT",
      defaultValue = "10809",
      description = "the port of sheep's option --nbd (default: ${DEFAULT-VALUE})")
  private int port;

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Snapshot wanted = snapshot == null ? null : Snapshot.parse(snapshot);
    InodeHeader inode = new Vdis(remote).open(name, wanted);
    Map<String, String> ways = ways(snapshot == null ? name : name + "@" + snapshot);
    PrintStream out = invocation.console().out();
    if (common().json()) {
      Json.print(
          out,
          json -> {
            json.writeStartObject();
            json.writeStringField("name", name);
            json.writeNumberField("size", inode.vdiSize());
            for (Map.Entry<String, String> way : ways.entrySet()) {
              json.writeStringField(
                  way.getKey().toLowerCase(Locale.ROOT).replace('-', '_').replace(' ', '_'),
                  way.getValue());
            }
            json.writeEndObject();
          });
      return 0;
    }
    ways.forEach((way, line) -> out.println("# " + way + "\n" + line));
    return 0;
  }

  /** By program: what it is given. */
  private Map<String, String> ways(String export) {
    String uri = "nbd://" + HOST + (port == DEFAULT_PORT ? "" : ":" + port) + "/" + encoded(export);
    String quoted = "'" + export.replace("'", "'\\''") + "'";
    String node = "sheepdog0";
    boolean readOnly = snapshot != null;
    Map<String, String> ways = new LinkedHashMap<>();
    ways.put(
        "QEMU drive",
        "-drive 'format=raw,if=virtio,file="
            + uri.replace(",", ",,")
            + (readOnly ? ",readonly=on" : "")
            + "'");
    ways.put(
        "QEMU blockdev",
        "-blockdev 'driver=nbd,node-name="
            + node
            + ",server.type=inet,server.host="
            + HOST
            + ",server.port="
            + port
            + ",export="
            + export.replace(",", ",,").replace("'", "'\\''")
            + ",reconnect-delay=60"
            + (readOnly ? ",read-only=on" : ",discard=unmap")
            + "' -device virtio-blk-pci,drive="
            + node);
    ways.put(
        "libvirt",
        "<disk type='network' device='disk'><driver name='qemu' type='raw' discard='unmap'/>"
            + "<source protocol='nbd' name='"
            + xml(export)
            + "'><host name='"
            + HOST
            + "' port='"
            + port
            + "'/></source><target dev='vda' bus='virtio'/>"
            + (readOnly ? "<readonly/>" : "")
            + "</disk>");
    ways.put("nbd-client", "nbd-client " + HOST + " " + port + " /dev/nbd0 -name " + quoted);
    ways.put("nbdcopy", "nbdcopy " + uri + " FILE");
    ways.put("nbdfuse", "nbdfuse DIRECTORY " + uri);
    return ways;
  }

  private static String encoded(String export) {
    return URLEncoder.encode(export, StandardCharsets.UTF_8)
        .replace("+", "%20")
        .replace("%40", "@");
  }

  private static String xml(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&apos;");
  }
}
