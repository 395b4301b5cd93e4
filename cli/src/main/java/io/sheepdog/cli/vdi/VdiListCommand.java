package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Console;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.remote.ClusterView;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Usage;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.id.ObjectId;
import io.sheepdog.protocol.id.ObjectKind;
import io.sheepdog.protocol.id.VdiId;
import io.sheepdog.protocol.message.Response;
import io.sheepdog.protocol.payload.VdiUsage;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi list}: spec/cli-collie-2010.md section 5, spec/cli-dog-1.0.md section 2.1. The option
 * {@code -o} of version 1.0 named an object; both meanings can be told apart.
 */
public final class VdiListCommand extends ToolCommand {

  @Parameters(arity = "0..1", paramLabel = "NAME")
  private @Nullable String name;

  @Option(
      names = "--oid",
      paramLabel = "OID",
      description = "only images that refer to this data object (-o OID, too)")
  private @Nullable String oid;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    ObjectId wanted = wanted(invocation.profile());
    if (wanted != null && wanted.kind() != ObjectKind.DATA) {
      heading(invocation);
      throw new CommandFailure(1, "Object " + wanted + " is not a data object");
    }
  }

  private @Nullable ObjectId wanted(Profile profile) throws CommandFailure {
    String text = oid == null && !common().json() ? common().output() : oid;
    return ObjectArguments.parseId(text, profile);
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    List<VdiRow> rows = rows(new Vdis(remote), wanted(invocation.profile()));
    if (rows.isEmpty()) {
      remarkIfWaiting(invocation.console(), remote);
    }
    PrintStream out = invocation.console().out();
    if (common().json()) {
      Json.print(out, generator -> VdiRow.write(generator, rows));
      return 0;
    }
    heading(invocation);
    for (VdiRow row : rows) {
      out.println(
          common().raw()
              ? row.raw()
              : invocation.profile() == Profile.COLLIE ? row.guide() : row.dog());
    }
    return 0;
  }

  /** While the cluster waits no VDI is known, which must not look like "there are none". */
  private static void remarkIfWaiting(Console console, Remote remote) throws CommandFailure {
    Response status = ClusterView.of(remote).response();
    if (!status.isSuccess()) {
      console.err().println("The VDIs are not known yet: " + remote.text(status));
    }
  }

  private void heading(Invocation invocation) {
    if (!common().raw() && !common().json()) {
      invocation.console().out().println(VdiRow.heading(invocation.profile()));
    }
  }

  private List<VdiRow> rows(Vdis vdis, @Nullable ObjectId wanted) throws CommandFailure {
    List<VdiUsage> usages = new ArrayList<>();
    for (VdiUsage usage : vdis.usages()) {
      if (name == null || name.equals(usage.inode().name())) {
        usages.add(usage);
      }
    }
    Set<VdiId> referring = wanted == null ? Set.of() : referring(vdis, usages, wanted);
    return usages.stream()
        .filter(usage -> wanted == null || referring.contains(usage.inode().vdiId()))
        .map(usage -> new VdiRow(usage.inode(), Usage.of(usage)))
        .toList();
  }

  private static Set<VdiId> referring(Vdis vdis, List<VdiUsage> usages, ObjectId wanted)
      throws CommandFailure {
    Set<VdiId> referring = new HashSet<>();
    vdis.ofIndexes(
        usages.stream().map(VdiUsage::inode).toList(),
        (header, index) -> refers(index, wanted) && referring.add(header.vdiId()));
    return referring;
  }

  private static boolean refers(int[] index, ObjectId wanted) {
    return wanted.index() < index.length && index[(int) wanted.index()] == wanted.vid().value();
  }
}
