package io.sheepdog.cli.vdi;

import io.sheepdog.cli.CommandFailure;
import io.sheepdog.cli.ToolCommand;
import io.sheepdog.cli.format.Sizes;
import io.sheepdog.cli.format.Times;
import io.sheepdog.cli.remote.Remote;
import io.sheepdog.cli.remote.Vdis;
import io.sheepdog.protocol.inode.InodeHeader;
import java.io.PrintStream;

/** {@code vdi graph}: Graphviz text, spec/cli-dog-1.0.md section 2.3. */
public final class VdiGraphCommand extends ToolCommand {

  @Override
  protected int run(Invocation invocation, Remote remote) throws CommandFailure {
    PrintStream out = invocation.console().out();
    out.println("digraph G {");
    out.println("  node [shape = \"box\", fontname = \"Courier\"];");
    out.println();
    out.println("  \"0\" [shape = \"ellipse\", label = \"root\"];");
    out.println();
    for (InodeHeader inode : new Vdis(remote).headers()) {
      node(out, inode);
    }
    out.println("}");
    return 0;
  }

  private static void node(PrintStream out, InodeHeader inode) {
    long created = inode.createTime().seconds();
    String label =
        line("Name", escape(inode.name()))
            + line("Tag", Integer.toHexString(inode.snapshotId()))
            + line("Size", Sizes.human(inode.vdiSize()))
            + line("Date", Times.day(created))
            + line("Time", Times.clock(created));
    out.printf("  \"%s\" -> \"%s\";%n", inode.parentVdiId(), inode.vdiId());
    out.printf(
        "  \"%s\" [group = \"%s\", label = \"%s\"%s];%n%n",
        inode.vdiId(), escape(inode.name()), label, inode.isSnapshot() ? "" : ", color=\"red\"");
  }

  private static String line(String key, String value) {
    return String.format("%s: %10s\\n", key, value);
  }

  private static String escape(String text) {
    return text.replace("\\", "\\\\").replace("\"", "\\\"");
  }
}
