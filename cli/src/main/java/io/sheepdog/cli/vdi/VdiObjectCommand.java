package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.Profile;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Json;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Snapshot;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.inode.InodeHeader;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code vdi object [location|map|dump-inode] NAME}: spec/cli-collie-2010.md section 8,
 * spec/cli-dog-1.0.md section 2.13. NAME:ID of May 2010 names a snapshot. {@code dump-inode} is
 * about a file.
 */
public final class VdiObjectCommand extends ToolCommand {
  private static final int INDEX_DIGITS = 8;
  private static final String DUMP = "dump-inode";
  private static final List<String> WORDS = List.of("location", "map", DUMP);

  @Parameters(arity = "1..2", paramLabel = "NAME")
  private List<String> words = new ArrayList<>();

  @Option(
      names = {"-i", "--index"},
      paramLabel = "INDEX",
      description = "a data object instead of the inode (decimal, or hexadecimal with 0x)")
  private @Nullable String index;

  @Option(
      names = {"-s", "--snapshot"},
      paramLabel = "SNAPSHOT",
      description = "a snapshot (tag or number); NAME:ID does the same")
  private @Nullable String snapshot;

  @Override
  protected void check(Invocation invocation) throws CommandFailure {
    super.check(invocation);
    boolean known = words.size() == 1 || WORDS.contains(words.get(0));
    if (!known) {
      throw new CommandFailure(
          invocation.profile().usageExit(),
          "Invalid subcommand '"
              + words.get(0)
              + "': location, map or dump-inode is expected before the name");
    }
    if (index != null) {
      ObjectArguments.parseIndex(index);
    }
    if (snapshot != null) {
      Snapshot.parse(snapshot);
    }
  }

  @Override
  protected boolean runsAlone(Invocation invocation) throws CommandFailure {
    boolean dumps = words.size() > 1 && words.get(0).equals(DUMP);
    if (dumps) {
      InodeDump.print(Path.of(words.get(1)), invocation.profile(), invocation.console().out());
    }
    return dumps;
  }

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    Vdis vdis = new Vdis(remote);
    PrintStream out = invocation.console().out();
    InodeHeader inode = open(vdis, words.get(words.size() - 1), invocation);
    if (inode == null) {
      out.println("No such vdi");
      return 1;
    }
    if (words.size() > 1 && words.get(0).equals("map")) {
      map(out, vdis.index(inode));
      return 0;
    }
    Probe probe = Probe.of(remote, inode, ObjectArguments.of(vdis, inode, index));
    if (common().json()) {
      Json.print(out, probe::write);
    } else if (invocation.profile() == Profile.COLLIE) {
      probe.printGuide(out);
    } else {
      probe.printDog(out);
    }
    return 0;
  }

  /** The image, null if there is none and 2010's words are wanted. */
  private @Nullable InodeHeader open(Vdis vdis, String target, Invocation invocation)
      throws CommandFailure {
    Snapshot selected = snapshot == null ? null : Snapshot.parse(snapshot);
    String name = target;
    Snapshot suffix = selected == null ? Snapshot.suffixOf(target) : null;
    // a name may hold a colon and digits itself
    if (suffix != null && !vdis.lookup(target, null).isSuccess()) {
      selected = suffix;
      name = target.substring(0, target.lastIndexOf(':'));
    }
    boolean guide = invocation.profile() == Profile.COLLIE;
    return guide && Vdis.isMissing(vdis.lookup(name, selected)) ? null : vdis.open(name, selected);
  }

  private void map(PrintStream out, int[] owners) throws CommandFailure {
    if (common().json()) {
      Json.print(
          out,
          json -> {
            json.writeStartObject();
            for (int i = 0; i < owners.length; i++) {
              if (owners[i] != 0) {
                json.writeStringField(Integer.toString(i), Integer.toHexString(owners[i]));
              }
            }
            json.writeEndObject();
          });
      return;
    }
    if (!common().raw()) {
      out.println("Index       VID");
    }
    int only = index == null ? -1 : ObjectArguments.parseIndex(index);
    for (int i = 0; i < owners.length; i++) {
      if (i == only || (only < 0 && owners[i] != 0)) {
        out.println(
            padded(Integer.toString(i), '0') + " " + padded(Integer.toHexString(owners[i]), ' '));
      }
    }
  }

  private static String padded(String digits, char pad) {
    return String.valueOf(pad).repeat(Math.max(0, INDEX_DIGITS - digits.length())) + digits;
  }
}
